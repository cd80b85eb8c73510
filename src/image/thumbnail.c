/* Box averages. Lengths are counted in parts of a pixel, `side` to a pixel, so that every box edge
 * is a whole number. Columns are added up first, a tile of columns at a time, which needs no memory
 * of the image's width. */
#include "image/thumbnail.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* Samples of a tile, a multiple of three; and whole rows that sixteen bits can add up. */
enum { TILE = 3072, ROWS_AT_ONCE = 257 };

typedef struct squash {
    const pixels *p;
    uint32_t side;
    uint64_t sums[IMAGE_THUMBNAIL_MOST * IMAGE_THUMBNAIL_MOST * 3];
} squash;

static void add_row(const uint8_t *restrict row, size_t n, uint16_t *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] = (uint16_t)(sum[i] + row[i]);
}

static void add_weighed(const uint8_t *restrict row, size_t n, uint32_t weight,
                        uint32_t *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * row[i];
}

static void add_whole(uint16_t *restrict from, size_t n, uint32_t weight, uint32_t *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * from[i];
    memset(from, 0, n * sizeof *from);
}

/* The rows of box `box`, `n` samples from `first` of each, added up. */
static void add_rows(const squash *s, uint32_t box, size_t first, size_t n, uint32_t *sum)
{
    const uint64_t side = s->side;
    const uint64_t from = (uint64_t)box * s->p->height, to = from + s->p->height;
    const size_t stride = (size_t)s->p->width * s->p->channels;
    uint16_t whole[TILE];
    memset(sum, 0, n * sizeof *sum);
    memset(whole, 0, n * sizeof *whole);
    uint32_t held = 0;
    for (uint64_t y = from / side; y * side < to; y++) {
        const uint8_t *row = s->p->at + y * stride + first;
        const uint64_t begin = y * side < from ? from : y * side;
        const uint64_t end = (y + 1) * side > to ? to : (y + 1) * side;
        if (end - begin < side) {
            add_weighed(row, n, (uint32_t)(end - begin), sum);
            continue;
        }
        add_row(row, n, whole);
        if (++held == ROWS_AT_ONCE) {
            add_whole(whole, n, s->side, sum);
            held = 0;
        }
    }
    if (held > 0)
        add_whole(whole, n, s->side, sum);
}

static void add_pixel(const uint32_t *sum, size_t channels, uint64_t weight, uint64_t *out)
{
    for (size_t c = 0; c < channels; c++)
        out[c] += weight * sum[c];
}

/* Columns first .. first + count - 1, added up, go to the boxes of their row. */
static void add_columns(squash *s, uint32_t box, size_t first, size_t count, const uint32_t *sum)
{
    const uint64_t side = s->side, width = s->p->width;
    const size_t channels = s->p->channels;
    for (uint64_t b = first * side / width; b < side && b * width < (first + count) * side; b++) {
        const uint64_t from = b * width, to = from + width;
        uint64_t *out = s->sums + (box * side + b) * 3;
        uint64_t x = from / side > first ? from / side : first;
        for (; x * side < to && x < first + count; x++) {
            const uint64_t begin = x * side < from ? from : x * side;
            const uint64_t end = (x + 1) * side > to ? to : (x + 1) * side;
            add_pixel(sum + (x - first) * channels, channels, end - begin, out);
        }
    }
}

static void write_averages(const squash *s, uint8_t *rgb)
{
    const uint64_t area = (uint64_t)s->p->width * s->p->height;
    for (size_t i = 0; i < (size_t)s->side * s->side; i++) {
        for (size_t c = 0; c < 3; c++) {
            const uint64_t sum = s->sums[i * 3 + (s->p->channels == 1 ? 0 : c)];
            rgb[i * 3 + c] = (uint8_t)((2 * sum + area) / (2 * area));
        }
    }
}

void image_thumbnail(const pixels *p, uint32_t side, uint8_t *rgb)
{
    assert(side >= 1 && side <= IMAGE_THUMBNAIL_MOST);
    assert(p->width >= 1 && p->height >= 1 && (p->channels == 1 || p->channels == 3));
    squash s = {.p = p, .side = side};
    const size_t tile = TILE / p->channels;
    uint32_t sum[TILE];
    for (size_t first = 0; first < p->width; first += tile) {
        const size_t count = p->width - first < tile ? p->width - first : tile;
        for (uint32_t box = 0; box < side; box++) {
            add_rows(&s, box, first * p->channels, count * p->channels, sum);
            add_columns(&s, box, first, count, sum);
        }
    }
    write_averages(&s, rgb);
}
