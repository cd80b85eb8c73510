/* BMP, uncompressed: 1, 4 and 8 bits through a palette, 16 and 32 through masks, 24. libvips has it
 * only through a library that reads 200 formats more, which untrusted files should not reach. */
#include "image/decoder.h"

#include <string.h>

enum {
    FILE_HEADER_BYTES = 14,
    CORE_HEADER_BYTES = 12, /* of OS/2 */
    INFO_HEADER_BYTES = 40,
    MASKS_AT = FILE_HEADER_BYTES + INFO_HEADER_BYTES,
    PALETTE_MOST = 256
};

enum { COMPRESSION_NONE = 0, COMPRESSION_MASKS = 3, COMPRESSION_MASKS_ALPHA = 6 };

typedef struct bmp {
    uint64_t width, height;
    size_t row_bytes, data_at, palette_at;
    uint32_t bits, compression, palette_count, palette_step;
    uint32_t mask[3]; /* red, green, blue of 16 and 32 bits */
    bool top_down;
} bmp;

static uint32_t read16(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8;
}

static uint32_t read32(const uint8_t *at)
{
    return read16(at) | read16(at + 2) << 16;
}

static assay_code cut_short(assay_err *err)
{
    return assay_fail(err, ASSAY_E_INPUT, "is cut short: its pixels end behind the file's end");
}

static assay_code check_layout(const bmp *b, assay_err *err)
{
    const bool masks =
        b->compression == COMPRESSION_MASKS || b->compression == COMPRESSION_MASKS_ALPHA;
    if (b->compression != COMPRESSION_NONE && !masks)
        return assay_fail(err, ASSAY_E_INPUT, "is a compressed BMP (kind %u), which is not read",
                          b->compression);
    const bool paletted = b->bits == 1 || b->bits == 4 || b->bits == 8;
    const bool masked = b->bits == 16 || b->bits == 32;
    if (!(paletted || b->bits == 24 || masked) || (masks && !masked))
        return assay_fail(err, ASSAY_E_INPUT, "is damaged: a BMP of %u bits a pixel", b->bits);
    for (int c = 0; masked && c < 3; c++) {
        if (b->mask[c] == 0)
            return assay_fail(err, ASSAY_E_INPUT, "is damaged: a BMP with an empty colour mask");
    }
    return ASSAY_OK;
}

static void read_masks(bmp *b, image_file file)
{
    if (b->compression != COMPRESSION_NONE && file.length >= MASKS_AT + 12) {
        for (size_t c = 0; c < 3; c++)
            b->mask[c] = read32(file.at + MASKS_AT + 4 * c);
    } else {
        const uint32_t top = b->bits == 16 ? 0x7C00 : 0xFF0000;
        for (uint32_t c = 0; c < 3; c++)
            b->mask[c] = top >> c * (b->bits == 16 ? 5 : 8);
    }
}

static void read_core(bmp *b, image_file file)
{
    b->width = read16(file.at + 18);
    b->height = read16(file.at + 20);
    b->bits = read16(file.at + 24);
    b->palette_step = 3;
    b->palette_count = b->bits <= 8 ? 1U << b->bits : 0;
}

static void read_info(bmp *b, image_file file)
{
    const uint32_t height = read32(file.at + 22);
    b->top_down = height > INT32_MAX;
    b->width = read32(file.at + 18);
    b->height = b->top_down ? (uint32_t) - (int64_t)height : height;
    b->bits = read16(file.at + 28);
    b->compression = read32(file.at + 30);
    b->palette_step = 4;
    b->palette_count = read32(file.at + 46);
    if (b->palette_count == 0 && b->bits <= 8)
        b->palette_count = 1U << b->bits;
}

static assay_code read_header(bmp *b, image_file file, assay_err *err)
{
    if (file.length < FILE_HEADER_BYTES + CORE_HEADER_BYTES)
        return cut_short(err);
    const size_t header = read32(file.at + FILE_HEADER_BYTES);
    if (header > file.length - FILE_HEADER_BYTES)
        return cut_short(err);
    if (header == CORE_HEADER_BYTES)
        read_core(b, file);
    else
        read_info(b, file);
    b->data_at = read32(file.at + 10);
    /* Masks of the short header stand behind it, before the palette. */
    b->palette_at = FILE_HEADER_BYTES + header;
    read_masks(b, file);
    ASSAY_TRY(check_layout(b, err));
    ASSAY_TRY(image_check_size(b->width, b->height, err));
    b->row_bytes = (size_t)((b->width * b->bits + 31) / 32 * 4);
    if (b->data_at > file.length || b->row_bytes > (file.length - b->data_at) / b->height)
        return cut_short(err);
    return ASSAY_OK;
}

/* Palette entries that the file does not have are black. */
static void read_palette(const bmp *b, image_file file, uint8_t palette[PALETTE_MOST][3])
{
    memset(palette, 0, PALETTE_MOST * sizeof *palette);
    for (uint32_t i = 0; i < b->palette_count && i < PALETTE_MOST; i++) {
        const size_t at = b->palette_at + (size_t)i * b->palette_step;
        if (at + 3 > file.length)
            break;
        for (size_t c = 0; c < 3; c++)
            palette[i][c] = file.at[at + 2 - c];
    }
}

static void unpack_palette(const bmp *b, const uint8_t *row, uint8_t palette[][3], uint8_t *out)
{
    for (size_t x = 0; x < b->width; x++) {
        const size_t bit = x * b->bits;
        const uint32_t shift = 8 - b->bits - (uint32_t)(bit % 8);
        const uint32_t code = (uint32_t)(row[bit / 8] >> shift) & ((1U << b->bits) - 1);
        memcpy(out + 3 * x, palette[code], 3);
    }
}

static void unpack_bytes(const bmp *b, const uint8_t *row, uint8_t *out)
{
    for (size_t x = 0; x < b->width; x++) {
        for (size_t c = 0; c < 3; c++)
            out[3 * x + c] = row[3 * x + 2 - c];
    }
}

/* A channel of any width to 8 bits, rounded. */
static uint8_t unmask(uint32_t pixel, uint32_t mask)
{
    const int shift = __builtin_ctz(mask);
    const uint64_t most = mask >> shift;
    return (uint8_t)(((uint64_t)((pixel & mask) >> shift) * 255 + most / 2) / most);
}

static void unpack_masked(const bmp *b, const uint8_t *row, uint8_t *out)
{
    for (size_t x = 0; x < b->width; x++) {
        const uint32_t pixel = b->bits == 16 ? read16(row + 2 * x) : read32(row + 4 * x);
        for (size_t c = 0; c < 3; c++)
            out[3 * x + c] = unmask(pixel, b->mask[c]);
    }
}

assay_code bmp_decode(image_decoder *d, image_file file, pixels *out, assay_err *err)
{
    bmp b = {0};
    ASSAY_TRY(read_header(&b, file, err));
    pixels p = {.width = (uint32_t)b.width, .height = (uint32_t)b.height, .channels = 3};
    ASSAY_TRY(image_begin_stored(d, &p, err));
    uint8_t palette[PALETTE_MOST][3];
    read_palette(&b, file, palette);
    for (size_t y = 0; y < b.height; y++) {
        const size_t stored = b.top_down ? y : b.height - 1 - y;
        const uint8_t *row = file.at + b.data_at + stored * b.row_bytes;
        uint8_t *to = d->stored.at + y * b.width * 3;
        if (b.bits <= 8)
            unpack_palette(&b, row, palette, to);
        else if (b.bits == 24)
            unpack_bytes(&b, row, to);
        else
            unpack_masked(&b, row, to);
    }
    p.at = d->stored.at;
    *out = p;
    return ASSAY_OK;
}
