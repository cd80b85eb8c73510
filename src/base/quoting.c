/* Fields of CSV, strings of JSON, and numbers that read back to the same bits. */
#include "base/quoting.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_LEAST = 15, DIGITS_EXACT = 17, REAL_BYTES = 48 };

static bool must_be_quoted(const char *at, size_t length)
{
    if (length == 0 || strchr(" \t", at[0]) || strchr(" \t", at[length - 1]))
        return true;
    for (size_t i = 0; i < length; i++) {
        if (at[i] == '"' || at[i] == ',' || at[i] == '\n' || at[i] == '\r')
            return true;
    }
    return false;
}

void quote_csv(text *out, const char *at, size_t length)
{
    if (!must_be_quoted(at, length)) {
        text_put_utf8(out, at, length);
        return;
    }
    text_puts(out, "\"");
    for (size_t i = 0; i < length;) {
        const char *quote = memchr(at + i, '"', length - i);
        const size_t end = quote ? (size_t)(quote - at) : length;
        text_put_utf8(out, at + i, end - i);
        text_puts(out, quote ? "\"\"" : "");
        i = end + (quote != NULL);
    }
    text_puts(out, "\"");
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static void put_escaped(text *out, unsigned char c)
{
    if (c == '"' || c == '\\')
        text_printf(out, "\\%c", c);
    else if (c == '\n')
        text_puts(out, "\\n");
    else if (c == '\t')
        text_puts(out, "\\t");
    else
        text_printf(out, "\\u%04x", (unsigned)c);
}

static void put_json_valid(text *out, const char *at, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t end = i;
        while (end < length && is_plain((unsigned char)at[end]))
            end++;
        text_put(out, at + i, end - i);
        if (end < length)
            put_escaped(out, (unsigned char)at[end++]);
        i = end;
    }
}

void quote_json(text *out, const char *at, size_t length)
{
    text_puts(out, "\"");
    while (length > 0) {
        const size_t valid = utf8_valid(at, length);
        put_json_valid(out, at, valid);
        at += valid;
        length -= valid;
        if (length > 0) {
            text_printf(out, "\\\\x%02x", (unsigned)(unsigned char)*at);
            at++;
            length--;
        }
    }
    text_puts(out, "\"");
}

/* The locale's sign between whole and fraction, however long it is, becomes a point. */
static size_t use_point(char *number)
{
    size_t used = 0;
    for (const char *p = number; *p;) {
        const size_t plain = strspn(p, "+-0123456789e");
        memmove(number + used, p, plain);
        used += plain;
        p += plain;
        if (*p) {
            number[used++] = '.';
            p += strcspn(p, "+-0123456789e");
        }
    }
    return used;
}

void put_real(text *out, double value)
{
    if (!isfinite(value)) {
        text_puts(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    char number[REAL_BYTES];
    for (int digits = DIGITS_LEAST; digits <= DIGITS_EXACT; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (digits == DIGITS_EXACT || strtod(number, NULL) == value)
            break;
    }
    text_put(out, number, use_point(number));
}
