/* The inner loops for any processor: what every other variant must agree with, bit for bit. */
#include "image/kernels.h"

#include <assert.h>
#include <stdbool.h>

static void split(const uint8_t *rgb, size_t n, uint8_t *restrict r, uint8_t *restrict g,
                  uint8_t *restrict b)
{
    for (size_t i = 0; i < n; i++) {
        r[i] = rgb[3 * i];
        g[i] = rgb[3 * i + 1];
        b[i] = rgb[3 * i + 2];
    }
}

static void spread(const uint8_t *at, size_t n, byte_sums *sums)
{
    /* A row has at most 3 · 65,535 bytes, so that 64 bits are needed for the squares only. */
    uint32_t sum = 0;
    uint64_t squares = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t x = at[i], square = x * x;
        sum += x;
        squares += square;
    }
    sums->sum += sum;
    sums->squares += squares;
}

static uint64_t laplace(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t n,
                        size_t step)
{
    const uint8_t *left = row - step, *right = row + step;
    uint64_t squares = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t l = up[i] + down[i] + left[i] + right[i] - 4 * row[i];
        squares += (uint32_t)(l * l);
    }
    return squares;
}

static void line(const lines *l, line_sums *sums)
{
    spread(l->row, l->n, &sums->bytes);
    pixel_hash_add(&sums->hash, l->row, l->n);
    if (l->n > 2 * l->step)
        sums->laplace += laplace(l->up + l->step, l->row + l->step, l->down + l->step,
                                 l->n - 2 * l->step, l->step);
}

static void grey(const planes *p, uint8_t *restrict out)
{
    for (size_t i = 0; i < p->n; i++)
        out[i] = (uint8_t)((299U * p->r[i] + 587U * p->g[i] + 114U * p->b[i] + 500U) / 1000U);
}

static uint8_t most(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static uint8_t least(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* Hue as 8-bit HSV has it, before negative ones wrap around: -30..150, half of the angle in
 * degrees. The reciprocal is a rounded one with 12 binary digits behind the point, and so is the
 * product. */
static int32_t hue_of(int32_t r, int32_t g, int32_t b, int32_t v, int32_t d)
{
    assert(d > 0);
    const int32_t sixth = 180 * 4096 / 6;
    const int32_t reciprocal = (sixth + d / 2) / d;
    const int32_t along = v == r ? g - b : v == g ? b - r + 2 * d : r - g + 4 * d;
    return (along * reciprocal + 2048) >> 12;
}

/* A saturation of at least 50 in 255, rounded as 8-bit HSV does it, is 170 d >= 33 v: no division.
 * tests/unit/test_measure.c proves it for every pair. */
static void colour(const planes *p, colour_counts *counts)
{
    colour_counts c = {0};
    for (size_t i = 0; i < p->n; i++) {
        const uint8_t r = p->r[i], g = p->g[i], b = p->b[i];
        const int32_t v = most(r, most(g, b));
        const int32_t d = v - least(r, least(g, b));
        c.coloured += d > 8;
        if (v < 40 || 170 * d < 33 * v)
            continue;
        const int32_t hue = hue_of(r, g, b, v, d);
        c.red += hue >= -10 && hue <= 10;
        c.green += hue >= 35 && hue <= 75;
        c.blue += hue >= 90 && hue <= 130;
    }
    counts->red += c.red;
    counts->green += c.green;
    counts->blue += c.blue;
    counts->coloured += c.coloured;
}

static void count(const uint8_t *at, size_t n, grey_counts *counts)
{
    for (size_t i = 0; i < n; i++)
        counts->of[i % GREY_TABLES][at[i]]++;
}

static void light(const planes *p, light_sieve *s)
{
    for (size_t i = 0; i < p->n; i++) {
        const uint32_t estimate = light_estimate(p->r[i], p->g[i], p->b[i]);
        s->kept[0][s->count] = p->r[i];
        s->kept[1][s->count] = p->g[i];
        s->kept[2][s->count] = p->b[i];
        bool inside = false;
        for (size_t k = 0; k < 2; k++) {
            s->below[k] += estimate < s->from[k];
            inside |= estimate >= s->from[k] && estimate <= s->to[k];
        }
        s->count += inside;
    }
}

static void survey_row(const planes *p, survey *s)
{
    grey(p, s->grey);
    count(s->grey, p->n, &s->greys);
    colour(p, &s->colours);
    light(p, &s->light);
}

static void keys(const planes *p, uint32_t *restrict out)
{
    for (size_t i = 0; i < p->n; i++)
        out[i] = light_key(p->r[i], p->g[i], p->b[i]);
}

static size_t pick(const uint32_t *numbers, size_t n, uint32_t from, uint32_t to, uint32_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t above = numbers[i] - from;
        out[count] = above;
        count += above <= to - from;
    }
    return count;
}

static void columns(const uint8_t *restrict row, size_t n, uint16_t *restrict sums)
{
    for (size_t i = 0; i < n; i++)
        sums[i] = (uint16_t)(sums[i] + row[i]);
}

const pixel_kernels kernels_plain = {.name = "plain",
                                     .split = split,
                                     .line = line,
                                     .laplace = laplace,
                                     .survey = survey_row,
                                     .keys = keys,
                                     .pick = pick,
                                     .columns = columns};
