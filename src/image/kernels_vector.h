/* The inner loops over vectors of any width, for the file that includes this once and has defined
 *
 *     vec, LANES        the vector type and its bytes
 *     V(op)             an intrinsic that is named alike at every width
 *     load, store, zero, sum32, count8, ...   the few that are not: see kernels_avx2.c
 *
 * Bytes are widened by interleaving, which mixes their order within a vector; packing puts it back.
 * What is left of a row, fewer pixels than a vector holds, goes through the plain loops. */
#ifndef IMAGE_KERNELS_VECTOR_H
#define IMAGE_KERNELS_VECTOR_H

#include "image/kernels.h"

static inline vec low8(vec a, vec b)
{
    return V(unpacklo_epi8)(a, b);
}

static inline vec high8(vec a, vec b)
{
    return V(unpackhi_epi8)(a, b);
}

/* Bytes in pairs a, b as weights: the first times x plus the second times y. */
static inline vec weights(int x, int y)
{
    return V(set1_epi16)((short)(y * 256 + (x & 0xFF)));
}

static planes rest_of(const planes *p, size_t done)
{
    return (planes){p->r + done, p->g + done, p->b + done, p->n - done};
}

/* Adds the squares of as many Laplacians as there are 16-bit lanes. */
static inline vec add_laplace(vec run, vec vertical, vec horizontal, vec middle)
{
    const vec ones = V(set1_epi8)(1);
    const vec around =
        V(add_epi16)(V(maddubs_epi16)(vertical, ones), V(maddubs_epi16)(horizontal, ones));
    return add_squares(run, V(sub_epi16)(around, V(slli_epi16)(middle, 2)));
}

/* The lanes' sums of squares on their way. */
typedef struct laplace_run {
    vec even, odd;
} laplace_run;

static inline void add_laplaces(laplace_run *run, const lines *l, size_t at)
{
    const vec u = load(l->up + at), d = load(l->down + at), m = load(l->row + at);
    const vec left = load(l->row + at - l->step), right = load(l->row + at + l->step);
    run->even = add_laplace(run->even, low8(u, d), low8(left, right), low8(m, zero()));
    run->odd = add_laplace(run->odd, high8(u, d), high8(left, right), high8(m, zero()));
}

/* The same of the first n bytes only: where all is 0, so is the Laplacian. */
static inline void add_some_laplaces(laplace_run *run, const lines *l, size_t at, size_t n)
{
    const vec u = load_some(l->up + at, n), d = load_some(l->down + at, n);
    const vec m = load_some(l->row + at, n), left = load_some(l->row + at - l->step, n);
    const vec right = load_some(l->row + at + l->step, n);
    run->even = add_laplace(run->even, low8(u, d), low8(left, right), low8(m, zero()));
    run->odd = add_laplace(run->odd, high8(u, d), high8(left, right), high8(m, zero()));
}

/* A Laplacian's square is below 2^20, so 32 bits hold the sum of so many vectors. */
enum { LAPLACE_RUN = 512 };

static uint64_t end_laplaces(const laplace_run *run)
{
    return sum32(run->even) + sum32(run->odd);
}

static uint64_t laplace(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t n,
                        size_t step)
{
    const lines l = {.up = up, .row = row, .down = down, .n = n, .step = step};
    uint64_t squares = 0;
    for (size_t i = 0; i < n;) {
        laplace_run run = {zero(), zero()};
        const size_t left = (n - i) / LANES, vectors = left < LAPLACE_RUN ? left : LAPLACE_RUN;
        for (const size_t end = i + vectors * LANES; i < end; i += LANES)
            add_laplaces(&run, &l, i);
        if (vectors < LAPLACE_RUN && i < n) {
            add_some_laplaces(&run, &l, i, n - i);
            i = n;
        }
        squares += end_laplaces(&run);
    }
    return squares;
}

/* So many rounds of the hash from byte `from` on, the same bytes, and the Laplacian one pixel
 * further. */
static inline void add_rounds(const lines *l, size_t from, size_t rounds, line_sums *sums)
{
    laplace_run run = {zero(), zero()};
    byte_run bytes = {zero(), zero()};
    pixel_hasher hash = sums->hash;
    for (size_t i = from; i < from + rounds * HASH_ROUND_BYTES; i += HASH_ROUND_BYTES) {
        for (size_t k = i; k < i + HASH_ROUND_BYTES; k += LANES) {
            add_bytes(&bytes, load(l->row + k));
            add_laplaces(&run, l, k + l->step);
        }
        __builtin_prefetch(l->ahead + i);
        hash_round(&hash, l->row + i);
    }
    sums->hash = hash;
    sums->laplace += end_laplaces(&run);
    end_bytes(&bytes, &sums->bytes);
}

/* What is left of a row from byte `from` on; the Laplacian has `inside` bytes. */
static void add_rest(const lines *l, size_t from, size_t inside, line_sums *sums)
{
    byte_run bytes = {zero(), zero()};
    size_t i = from;
    for (; i + LANES <= l->n; i += LANES)
        add_bytes(&bytes, load(l->row + i));
    add_bytes(&bytes, load_some(l->row + i, l->n - i));
    end_bytes(&bytes, &sums->bytes);
    const size_t middle = from + l->step;
    sums->laplace +=
        laplace(l->up + middle, l->row + middle, l->down + middle, inside - from, l->step);
    pixel_hash_add(&sums->hash, l->row + from, l->n - from);
}

static void line(const lines *l, line_sums *sums)
{
    const size_t most = LAPLACE_RUN * LANES / HASH_ROUND_BYTES;
    const size_t inside = l->n > 2 * l->step ? l->n - 2 * l->step : 0;
    size_t done = 0;
    for (size_t left = inside / HASH_ROUND_BYTES; left > 0;) {
        const size_t rounds = left < most ? left : most;
        add_rounds(l, done, rounds, sums);
        done += rounds * HASH_ROUND_BYTES;
        left -= rounds;
    }
    add_rest(l, done, inside, sums);
}

/* (299 r + 587 g + 114 b + 500) / 1000 within 16 bits: an eighth of the sum first, whose own
 * eighths are gathered from the remainders; then a division by 125 as a product, exact below 2^15.
 */
static inline vec grey16(vec rg, vec b1)
{
    const vec whole =
        V(add_epi16)(V(maddubs_epi16)(rg, weights(37, 73)), V(maddubs_epi16)(b1, weights(14, 62)));
    const vec part =
        V(add_epi16)(V(maddubs_epi16)(rg, weights(3, 3)), V(maddubs_epi16)(b1, weights(2, 4)));
    const vec eighth = V(add_epi16)(whole, V(srli_epi16)(part, 3));
    return V(srli_epi16)(V(mulhi_epu16)(eighth, V(set1_epi16)((short)33555)), 6);
}

static inline vec grey8(colours x)
{
    const vec ones = V(set1_epi8)(1);
    return V(packus_epi16)(grey16(low8(x.r, x.g), low8(x.b, ones)),
                           grey16(high8(x.r, x.g), high8(x.b, ones)));
}

static inline void count_greys(const uint8_t *at, grey_counts *counts)
{
#pragma GCC unroll 16
    for (size_t i = 0; i < LANES; i += GREY_TABLES) {
        for (size_t t = 0; t < GREY_TABLES; t++)
            counts->of[t][at[i + t]]++;
    }
}

/* Hue, as the plain loop has it. */
static inline vec hue16(vec pair, vec offset, vec reciprocal)
{
    /* Times 8, so that a rounded product's upper half is what 12 binary digits leave. */
    const vec along = V(add_epi16)(V(maddubs_epi16)(pair, weights(8, -8)),
                                   V(maddubs_epi16)(offset, weights(16, 16)));
    return V(mulhrs_epi16)(along, reciprocal);
}

static inline void count_colours(colours x, vec most, colour_counts *counts)
{
    const vec range = V(sub_epi8)(most, V(min_epu8)(x.r, V(min_epu8)(x.g, x.b)));
    counts->coloured += (uint64_t)count8(above8(range, 8));
    const mask8 strong = strong8(most, range);
    if (!any8(strong))
        return;
    const mask8 of_red = equal8(most, x.r), of_green = equal8(most, x.g);
    /* Hue goes with the difference of two channels, and twice the range where green, four times
     * where blue is the largest. */
    const vec ahead = choose8(of_red, x.g, choose8(of_green, x.b, x.r));
    const vec behind = choose8(of_red, x.b, choose8(of_green, x.r, x.g));
    const vec second = choose8(of_red, zero(), range);
    const vec third = choose8(of_green, zero(), second);
    vec low, high;
    reciprocals(range, &low, &high);
    low = hue16(low8(ahead, behind), low8(second, third), low);
    high = hue16(high8(ahead, behind), high8(second, third), high);
    /* Moved by 30, all hues are bytes. */
    const vec hue = V(packus_epi16)(V(add_epi16)(low, V(set1_epi16)(30)),
                                    V(add_epi16)(high, V(set1_epi16)(30)));
    counts->red += (uint64_t)count8(both8(strong, within8(hue, 20, 40)));
    counts->green += (uint64_t)count8(both8(strong, within8(hue, 65, 105)));
    counts->blue += (uint64_t)count8(both8(strong, within8(hue, 120, 160)));
}

/* The upper halves of the squares times the weights times 64: what is above 1024 of each term. */
static inline vec estimate16(vec r, vec g, vec b)
{
    const vec red = V(mulhi_epu16)(V(mullo_epi16)(r, r), V(set1_epi16)(241 * 64));
    const vec green = V(mulhi_epu16)(V(mullo_epi16)(g, g), V(set1_epi16)((short)(691 * 64)));
    const vec blue = V(mulhi_epu16)(V(mullo_epi16)(b, b), V(set1_epi16)(68 * 64));
    return V(add_epi16)(red, V(add_epi16)(green, blue));
}

/* Both windows of the sieve, and what lies between them. */
typedef struct light_bounds {
    sieve_bounds windows;
    vec calm_above, calm_below;
} light_bounds;

static light_bounds bounds_of(const light_sieve *s)
{
    return (light_bounds){
        .windows = {{bound16(s->from[0], s->to[0]), bound16(s->from[1], s->to[1])}},
        .calm_above = V(set1_epi8)((char)s->calm_above),
        .calm_below = V(set1_epi8)((char)s->calm_below)};
}

static inline bool all_calm(vec grey, vec most, light_bounds b)
{
    const vec margin =
        V(min_epu8)(V(subs_epu8)(grey, b.calm_above), V(subs_epu8)(b.calm_below, most));
    return !any8(equal8(margin, zero()));
}

/* Dark and light pixels come in patches, so that most vectors hold neither. */
static inline void sift_light(light_sieve *s, const planes *p, size_t at, colours x,
                              sieve_bounds windows, uint64_t below[2])
{
    const vec none = zero();
    const vec low = estimate16(low8(x.r, none), low8(x.g, none), low8(x.b, none));
    const vec high = estimate16(high8(x.r, none), high8(x.g, none), high8(x.b, none));
    keep(s, p, at, x, sift(low, high, windows, below));
}

static void survey_row(const planes *row, survey *s)
{
    /* Copies, which no byte that is written can change: else each would be read again and again,
     * and wait for writes that look as if they were to its place. */
    const planes p = *row;
    uint8_t *const greys = s->grey;
    const light_bounds bounds = bounds_of(&s->light);
    colour_counts counts = {0};
    light_sieve light = s->light;
    uint64_t below[2] = {0, 0};
    size_t i = 0;
    for (; i + LANES <= p.n; i += LANES) {
        if (i)
            count_greys(greys + i - LANES, &s->greys);
        const colours x = {load(p.r + i), load(p.g + i), load(p.b + i)};
        const vec grey = grey8(x), most = V(max_epu8)(x.r, V(max_epu8)(x.g, x.b));
        store(greys + i, grey);
        count_colours(x, most, &counts);
        if (all_calm(grey, most, bounds))
            below[1] += LANES;
        else
            sift_light(&light, &p, i, x, bounds.windows, below);
    }
    if (i)
        count_greys(greys + i - LANES, &s->greys);
    s->colours.red += counts.red;
    s->colours.green += counts.green;
    s->colours.blue += counts.blue;
    s->colours.coloured += counts.coloured;
    for (size_t k = 0; k < 2; k++)
        light.below[k] += below[k];
    s->light = light;
    const planes rest = rest_of(&p, i);
    s->grey += i;
    kernels_plain.survey(&rest, s);
    s->grey -= i;
}

/* Two loops that compilers turn into vectors themselves. */

static void keys(const planes *p, uint32_t *restrict out)
{
    for (size_t i = 0; i < p->n; i++)
        out[i] = light_key(p->r[i], p->g[i], p->b[i]);
}

static void columns(const uint8_t *restrict row, size_t n, uint16_t *restrict sums)
{
    for (size_t i = 0; i < n; i++)
        sums[i] = (uint16_t)(sums[i] + row[i]);
}

#endif
