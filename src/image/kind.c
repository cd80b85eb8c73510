/* Tells image formats apart by their first bytes, and says what a file is that is no image. */
#include "image/kind.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { BYTES_SHOWN = 4, WORD_MOST = 20, PROLOGUE_BYTES = 1024, BRAND_AT = 8, BRANDS_MOST = 256 };

/* Bytes that may be zero, hence the lengths. */
typedef struct signature {
    const char *at;
    size_t length, offset;
    image_kind kind;
    const char *refused; /* what it is, where that is not read */
} signature;

#define BEGINS(text) .at = (text), .length = sizeof(text) - 1

static const signature signatures[] = {
    {BEGINS("\xFF\xD8\xFF"), .kind = KIND_JPEG},
    {BEGINS("\x89PNG\r\n\x1A\n"), .kind = KIND_PNG},
    {BEGINS("GIF87a"), .kind = KIND_GIF},
    {BEGINS("GIF89a"), .kind = KIND_GIF},
    {BEGINS("II*\0"), .kind = KIND_TIFF},
    {BEGINS("MM\0*"), .kind = KIND_TIFF},
    {BEGINS("II+\0"), .kind = KIND_TIFF},
    {BEGINS("MM\0+"), .kind = KIND_TIFF},
    {BEGINS("\0\0\0\x0CjP  \r\n\x87\n"), .kind = KIND_JP2},
    {BEGINS("\xFF\x4F\xFF\x51"), .kind = KIND_JP2},
    {BEGINS("%PDF-"), .refused = "a PDF document"},
    {BEGINS("\xFF\x0A"), .refused = "a JPEG XL image"},
    {BEGINS("\0\0\0\x0CJXL \r\n\x87\n"), .refused = "a JPEG XL image"},
    {BEGINS("8BPS"), .refused = "a Photoshop document"},
    {BEGINS("\0\0\1\0"), .refused = "an icon"},
    {BEGINS("v/1\1"), .refused = "an OpenEXR image"},
    {BEGINS("#?RADIANCE"), .refused = "a Radiance HDR image"},
    {BEGINS("PK\3\4"), .refused = "a zip archive"},
    {BEGINS("\x1F\x8B"), .refused = "a gzip archive"},
    {BEGINS("ftyp"), .offset = 4, .refused = "a film"},
};

static bool has(const uint8_t *at, size_t length, size_t offset, const char *text, size_t size)
{
    return length >= offset + size && memcmp(at + offset, text, size) == 0;
}

static const signature *find(const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const signature *s = &signatures[i];
        if (has(at, length, s->offset, s->at, s->length))
            return s;
    }
    return NULL;
}

/* A box `ftyp` names one or more brands of four letters; every one but the second (a version). */
static bool is_heif(const uint8_t *at, size_t length)
{
    static const char brands[][5] = {"heic", "heix", "heim", "heis", "mif1", "avif"};
    if (!has(at, length, 4, "ftyp", 4))
        return false;
    const size_t box = (size_t)at[2] << 8 | at[3];
    const size_t end = box < length ? box : length;
    for (size_t i = BRAND_AT; i + 4 <= end && i < BRANDS_MOST; i += 4) {
        for (size_t b = 0; i != BRAND_AT + 4 && b < sizeof brands / sizeof *brands; b++) {
            if (memcmp(at + i, brands[b], 4) == 0)
                return true;
        }
    }
    return false;
}

/* "BM" alone begins many a text; the header's own size tells. */
static bool is_bmp(const uint8_t *at, size_t length)
{
    if (!has(at, length, 0, "BM", 2) || length < 18)
        return false;
    const uint32_t header =
        at[14] | (uint32_t)at[15] << 8 | (uint32_t)at[16] << 16 | (uint32_t)at[17] << 24;
    return header == 12 || (header >= 40 && header <= 124);
}

image_kind image_kind_of(const uint8_t *at, size_t length)
{
    if (has(at, length, 0, "RIFF", 4) && has(at, length, 8, "WEBP", 4))
        return KIND_WEBP;
    if (is_heif(at, length))
        return KIND_HEIF;
    if (is_bmp(at, length))
        return KIND_BMP;
    const signature *s = find(at, length);
    return s ? s->kind : KIND_UNKNOWN;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Drawings begin with <svg or, behind a prologue, soon have it. */
static bool is_svg(const uint8_t *at, size_t length)
{
    size_t i = has(at, length, 0, "\xEF\xBB\xBF", 3) ? 3 : 0;
    while (i < length && i < PROLOGUE_BYTES && is_space(at[i]))
        i++;
    if (has(at, length, i, "<svg", 4))
        return true;
    const size_t end = length < PROLOGUE_BYTES ? length : PROLOGUE_BYTES;
    return has(at, length, i, "<?xml", 5) && memmem(at, end, "<svg", 4);
}

/* Length of the first word, 0 where the file does not begin with text. */
static size_t first_word(const uint8_t *at, size_t length)
{
    size_t n = 0;
    while (n < length && n < WORD_MOST && at[n] > ' ' && at[n] != 0x7F)
        n++;
    const bool text = n > 0 && (n == length || n == WORD_MOST || is_space(at[n]));
    const size_t whole = utf8_valid((const char *)at, n);
    return text && (whole == n || (n == WORD_MOST && whole + 4 > n)) ? whole : 0;
}

assay_code image_kind_fail(const uint8_t *at, size_t length, assay_err *err)
{
    if (length == 0)
        return assay_fail(err, ASSAY_E_INPUT, "is empty");
    const signature *s = find(at, length);
    if (s && s->refused)
        return assay_fail(err, ASSAY_E_INPUT, "is %s, which is not read", s->refused);
    if (is_svg(at, length))
        return assay_fail(err, ASSAY_E_INPUT, "is an SVG drawing, which is not read");
    const size_t word = first_word(at, length);
    if (word)
        return assay_fail(err, ASSAY_E_INPUT, "is not an image (it begins with \"%.*s\")",
                          (int)word, (const char *)at);
    char shown[BYTES_SHOWN * 3 + 1] = "";
    for (size_t i = 0; i < BYTES_SHOWN && i < length; i++)
        snprintf(shown + 3 * i, 4, " %02x", at[i]);
    return assay_fail(err, ASSAY_E_INPUT, "is not an image (it begins with the bytes%s)", shown);
}
