/* A hash of what a picture looks like: the signs of its lowest frequencies. Whole numbers all the
 * way, so that no processor rounds differently. docs/measures.md defines it. */
#include "image/measure_parts.h"

#include <string.h>

enum {
    SIDE = THUMBNAIL_SIDE,
    HALF = SIDE / 2,
    LOW = 8, /* frequencies a direction */
    COEFFICIENTS = LOW * LOW,
    AVERAGE_SCALE = 16 /* averages keep four binary digits behind the point */
};

/* 4096 cos(π (2x + 1) u / 64) for the left half of a row, u = 0..7 (of u = 0, times √½); the right
 * half is its mirror image, with the sign turned where u is odd. */
static const int32_t cosine[LOW][HALF] = {
    {2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896, 2896,
     2896},
    {4091, 4052, 3973, 3857, 3703, 3513, 3290, 3035, 2751, 2440, 2106, 1751, 1380, 995, 601, 201},
    {4076, 3920, 3612, 3166, 2598, 1931, 1189, 401, -401, -1189, -1931, -2598, -3166, -3612, -3920,
     -4076},
    {4052, 3703, 3035, 2106, 995, -201, -1380, -2440, -3290, -3857, -4091, -3973, -3513, -2751,
     -1751, -601},
    {4017, 3406, 2276, 799, -799, -2276, -3406, -4017, -4017, -3406, -2276, -799, 799, 2276, 3406,
     4017},
    {3973, 3035, 1380, -601, -2440, -3703, -4091, -3513, -2106, -201, 1751, 3290, 4052, 3857, 2751,
     995},
    {3920, 2598, 401, -1931, -3612, -4076, -3166, -1189, 1189, 3166, 4076, 3612, 1931, -401, -2598,
     -3920},
    {3857, 2106, -601, -3035, -4091, -3290, -995, 1751, 3703, 3973, 2440, -201, -2751, -4052, -3513,
     -1380},
};

/* Where box i of 32 begins on a side; smaller sides repeat pixels. */
static uint32_t box_start(uint32_t i, uint32_t side)
{
    return (uint32_t)((uint64_t)i * side / SIDE);
}

static uint32_t box_end(uint32_t i, uint32_t side)
{
    const uint32_t start = box_start(i, side), end = box_start(i + 1, side);
    return end > start ? end : start + 1;
}

void thumbnail_begin(thumbnail *t, const pixel_kernels *k, const pixels *p, uint16_t *columns)
{
    *t = (thumbnail){.kernels = k, .width = p->width, .height = p->height, .columns = columns};
    memset(columns, 0, p->width * sizeof *columns);
}

/* The columns' sums, box by box, to the row of boxes b. */
static void add_boxes(thumbnail *t, uint32_t b)
{
    for (uint32_t i = 0; i < SIDE; i++) {
        const uint32_t end = box_end(i, t->width);
        uint32_t sum = 0;
        for (uint32_t x = box_start(i, t->width); x < end; x++)
            sum += t->columns[x];
        t->sums[b][i] += sum;
    }
}

/* The first row of boxes that row y belongs to: the last that begins at or before it, or, where an
 * image is lower than 32 pixels, the first of several. */
static uint32_t box_of(uint32_t y, uint32_t side)
{
    uint32_t b = (uint32_t)(((uint64_t)y * SIDE) / side);
    while (b > 0 && box_end(b - 1, side) > y)
        b--;
    while (box_end(b, side) <= y)
        b++;
    return b;
}

void thumbnail_add_row(thumbnail *t, uint32_t y, const uint8_t *grey)
{
    t->kernels->columns(grey, t->width, t->columns);
    t->row_count++;
    const uint32_t first = box_of(y, t->height);
    /* Sums of 257 bytes fit in 16 bits. */
    if (box_end(first, t->height) != y + 1 && t->row_count < 257)
        return;
    for (uint32_t b = first; b < SIDE && box_start(b, t->height) <= y; b++)
        add_boxes(t, b);
    memset(t->columns, 0, t->width * sizeof *t->columns);
    t->row_count = 0;
}

/* Average of each box, the range of greys centred on 0. */
static void average(const thumbnail *t, int32_t out[SIDE][SIDE])
{
    for (uint32_t y = 0; y < SIDE; y++) {
        const uint64_t rows = box_end(y, t->height) - box_start(y, t->height);
        for (uint32_t x = 0; x < SIDE; x++) {
            const uint64_t count = rows * (box_end(x, t->width) - box_start(x, t->width));
            const uint64_t scaled = ((uint64_t)t->sums[y][x] * AVERAGE_SCALE + count / 2) / count;
            out[y][x] = (int32_t)scaled - AVERAGE_SCALE * 255 / 2;
        }
    }
}

/* The lowest frequencies of one line of 32 numbers: sums and differences of mirrored ones first. */
static void transform(const int32_t line[SIDE], int64_t out[LOW])
{
    int32_t even[HALF], odd[HALF];
    for (size_t x = 0; x < HALF; x++) {
        even[x] = line[x] + line[SIDE - 1 - x];
        odd[x] = line[x] - line[SIDE - 1 - x];
    }
    for (size_t u = 0; u < LOW; u++) {
        const int32_t *of = u % 2 ? odd : even;
        int64_t sum = 0;
        for (size_t x = 0; x < HALF; x++)
            sum += (int64_t)of[x] * cosine[u][x];
        out[u] = sum;
    }
}

static void frequencies(const thumbnail *t, int64_t out[COEFFICIENTS])
{
    int32_t boxes[SIDE][SIDE], columns[LOW][SIDE];
    average(t, boxes);
    for (size_t y = 0; y < SIDE; y++) {
        int64_t row[LOW];
        transform(boxes[y], row);
        /* Back to the scale of the boxes, so that the second transform fits as the first did. */
        for (size_t u = 0; u < LOW; u++)
            columns[u][y] = (int32_t)(row[u] / 256);
    }
    for (size_t u = 0; u < LOW; u++) {
        int64_t column[LOW];
        transform(columns[u], column);
        for (size_t v = 0; v < LOW; v++)
            out[v * LOW + u] = column[v];
    }
}

static int64_t median(const int64_t *values, size_t n)
{
    int64_t sorted[COEFFICIENTS];
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1] > values[i]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = values[i];
    }
    return sorted[n / 2];
}

uint64_t perceptual_hash_of(const thumbnail *t)
{
    int64_t coefficient[COEFFICIENTS];
    frequencies(t, coefficient);
    /* The mean brightness is larger than all else and would only shift the median. */
    const int64_t middle = median(coefficient + 1, COEFFICIENTS - 1);
    uint64_t hash = coefficient[0] >= 0;
    for (size_t i = 1; i < COEFFICIENTS; i++)
        hash |= (uint64_t)(coefficient[i] > middle) << i;
    return hash;
}
