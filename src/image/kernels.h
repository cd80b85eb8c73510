#ifndef IMAGE_KERNELS_H
#define IMAGE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The inner loops of measuring, over one row at a time. All sums are whole numbers, so a variant
 * for more capable processors gives the same bits. None allocates or fails. */

/* A row is no longer than IMAGE_SIDE_MOST pixels, and every loop may lean on that. */

typedef struct byte_sums {
    uint64_t sum, squares;
} byte_sums;

typedef struct laplace_sums {
    int64_t sum;
    uint64_t squares;
} laplace_sums;

/** Pixels of each kind; docs/measures.md defines them. */
typedef struct colour_counts {
    uint64_t red, green, blue, coloured;
} colour_counts;

/** n pixels, one array a channel. */
typedef struct planes {
    const uint8_t *r, *g, *b;
    size_t n;
} planes;

/* Perceived brightness orders pixels as this whole number does: its square times 1000 · 255². */
static inline uint32_t light_key(uint32_t r, uint32_t g, uint32_t b)
{
    return 241 * r * r + 691 * g * g + 68 * b * b;
}
#define LIGHT_KEY_MOST ((uint32_t)65025000)

/** Keys between `low` and `high`, both included, and how many lie below them. */
typedef struct light_window {
    uint32_t low, high;
    uint64_t below, inside;
    uint32_t
        *keys;    /* where the keys inside go, one behind the other; NULL: they are only counted */
    size_t count; /* keys written so far; the caller sees to room for a row more, and
                     LIGHT_SPARE keys behind it, where anything may be written */
} light_window;
enum { LIGHT_SPARE = 16 };

typedef struct pixel_kernels {
    const char *name;
    /** RGB pixels to planes. */
    void (*split)(const uint8_t *rgb, size_t n, uint8_t *r, uint8_t *g, uint8_t *b);
    /** Adds the sum and the sum of squares of n bytes. */
    void (*spread)(const uint8_t *at, size_t n, byte_sums *sums);
    /** Adds the Laplacian and its square at n bytes of a row, whose neighbours to the left and
     * right lie `step` bytes away and may be read. */
    void (*laplace)(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t n,
                    size_t step, laplace_sums *sums);
    /** Grey values, n bytes. */
    void (*grey)(const planes *p, uint8_t *grey);
    /** Adds counts. */
    void (*colour)(const planes *p, colour_counts *counts);
    /** Sorts pixels' keys into two windows. */
    void (*light)(const planes *p, light_window windows[2]);
} pixel_kernels;

extern const pixel_kernels kernels_plain;

/** The best variant for this processor. Static. */
const pixel_kernels *kernels_pick(void);

#endif
