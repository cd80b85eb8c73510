/* UTF-8 as the report and the importers need it: validity, whole characters, terminal columns. */
#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct span {
    uint32_t first, last;
} span;

/* Ranges that terminals draw two columns wide (Unicode East Asian Width W and F, emoji). */
static const span wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

/* Ranges that take no column of their own: combining marks, zero-width characters, variation
 * selectors. */
static const span zero[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x0300, 0x036F}, {0x0483, 0x0489},
    {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A}, {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2064},
    {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
};

static int in_spans(uint32_t c, const span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= spans[i].first && c <= spans[i].last)
            return 1;
    }
    return 0;
}

static int is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* The length of a character that begins with `c`, 0 where none does. */
static size_t lead_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xC0 || c >= 0xF8)
        return 0;
    return c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
}

static int is_surrogate(uint32_t code)
{
    return code >= 0xD800 && code <= 0xDFFF;
}

/* The length of the character at `at`, its code in *code; 0 where there is no valid one. */
static size_t decode(const unsigned char *at, size_t length, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = lead_length(at[0]);
    if (n == 0 || n > length)
        return 0;
    uint32_t value = n == 1 ? at[0] : at[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (!is_continuation(at[i]))
            return 0;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    if (value < least[n] || value > 0x10FFFF || is_surrogate(value))
        return 0;
    *code = value;
    return n;
}

static size_t ascii_prefix(const unsigned char *at, size_t length)
{
    size_t i = 0;
    for (uint64_t word; i + sizeof word <= length; i += sizeof word) {
        memcpy(&word, at + i, sizeof word);
        if (word & 0x8080808080808080u)
            break;
    }
    while (i < length && at[i] < 0x80)
        i++;
    return i;
}

size_t utf8_valid(const char *at, size_t length)
{
    const unsigned char *p = (const unsigned char *)at;
    size_t i = 0;
    for (;;) {
        i += ascii_prefix(p + i, length - i);
        if (i == length)
            return i;
        uint32_t code;
        size_t n = decode(p + i, length - i, &code);
        if (n == 0)
            return i;
        i += n;
    }
}

size_t utf8_whole(const char *at, size_t length)
{
    const unsigned char *p = (const unsigned char *)at;
    if (length == 0)
        return 0;
    size_t lead = length - 1;
    while (lead > 0 && length - lead < 4 && is_continuation(p[lead]))
        lead--;
    const size_t end = lead + lead_length(p[lead]);
    return end <= length ? end : lead;
}

size_t utf8_fit(const char *at, size_t length, size_t columns)
{
    const unsigned char *p = (const unsigned char *)at;
    size_t i = 0;
    size_t used = 0;
    while (i < length) {
        uint32_t code;
        size_t n = decode(p + i, length - i, &code);
        if (n == 0)
            return i;
        size_t width = in_spans(code, zero, sizeof zero / sizeof *zero)   ? 0
                       : in_spans(code, wide, sizeof wide / sizeof *wide) ? 2
                                                                          : 1;
        if (used + width > columns)
            return i;
        used += width;
        i += n;
    }
    return i;
}

size_t utf8_columns(const char *at, size_t length)
{
    const unsigned char *p = (const unsigned char *)at;
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        uint32_t code;
        size_t n = decode(p + i, length - i, &code);
        if (n == 0)
            return used;
        if (!in_spans(code, zero, sizeof zero / sizeof *zero))
            used += in_spans(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
        i += n;
    }
    return used;
}

/* U+200B..U+200F, U+2028..U+202E, U+2060..U+206F, U+FEFF. */
static bool is_misleading(uint32_t code)
{
    return (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

bool utf8_has_controls(const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)at[i];
        if (c < 0x20 || c == 0x7F)
            return true;
        if (c == 0xC2 && i + 1 < length && (unsigned char)at[i + 1] < 0xA0)
            return true;
    }
    return false;
}

utf8_glyph utf8_visible(const char *at, size_t length)
{
    uint32_t code = 0;
    utf8_glyph g = {.take = decode((const unsigned char *)at, length, &code)};
    const bool valid = g.take > 0;
    if (!valid) {
        g.take = 1;
        code = (unsigned char)at[0];
    }
    if (!valid || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
        g.length = (size_t)snprintf(g.at, sizeof g.at, "\\x%02x", (unsigned)code);
    } else if (is_misleading(code)) {
        g.length = (size_t)snprintf(g.at, sizeof g.at, "\\u%04x", (unsigned)code);
    } else {
        memcpy(g.at, at, g.take);
        g.length = g.take;
    }
    return g;
}
