#ifndef IMAGE_KERNELS_H
#define IMAGE_KERNELS_H

#include "image/hash_round.h"

#include <stddef.h>
#include <stdint.h>

/* The inner loops of measuring, over one row at a time. All sums are whole numbers, so a variant
 * for more capable processors gives the same bits. None allocates or fails. */

/* A row is no longer than IMAGE_SIDE_MOST pixels, and every loop may lean on that. */

typedef struct byte_sums {
    uint64_t sum, squares;
} byte_sums;

/** A row of n bytes between its neighbours, `step` bytes a pixel. */
typedef struct lines {
    const uint8_t *up, *row, *down;
    const uint8_t *ahead; /* a row that will be asked for soon, for the cache */
    size_t n, step;
} lines;

/** What is asked of a row's bytes as they lie. One loop asks it all: hashing multiplies whole
 * words, which leaves vectors alone. */
typedef struct line_sums {
    byte_sums bytes;
    uint64_t laplace; /* squares of the Laplacian */
    int64_t borders;  /* its sum along both ends, kept by measure_spread.c */
    pixel_hasher hash;
} line_sums;

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

/* A cheap estimate of it: 1024 · estimate <= key < 1024 · (estimate + 3). */
static inline uint32_t light_estimate(uint32_t r, uint32_t g, uint32_t b)
{
    return (241 * r * r >> 10) + (691 * g * g >> 10) + (68 * b * b >> 10);
}
enum { LIGHT_ESTIMATE_MOST = 65025000 >> 10, LIGHT_SPARE = 64 };

/** Counts the pixels whose estimates lie below two windows, and keeps those that lie inside one. */
typedef struct light_sieve {
    uint16_t from[2], to[2]; /* estimates of the windows, both included */
    /* A pixel whose grey value is above the one and whose channels are all below the other lies
     * between the windows: its estimate need not be known. Both 0: nothing is certain. */
    uint8_t calm_above, calm_below;
    uint64_t below[2];
    uint8_t *kept[3]; /* red, green and blue of the pixels kept, in order; the caller sees to room
                         for a row more, and LIGHT_SPARE behind it, where anything may be written */
    size_t count;     /* pixels kept */
} light_sieve;

enum { GREY_LEVELS = 256, GREY_TABLES = 16 };

/** How often each grey occurs, in several tables whose sum it is: so equal neighbours don't wait
 * for each other. With eight, the speed would depend on where in memory they are. */
typedef struct grey_counts {
    uint32_t of[GREY_TABLES][GREY_LEVELS];
} grey_counts;

/** What is asked of each pixel by itself. One loop asks it all: counting greys keeps the ports busy
 * that write, and the rest those that compute. */
typedef struct survey {
    uint8_t *grey; /* each pixel's grey value */
    grey_counts greys;
    colour_counts colours;
    light_sieve light;
} survey;

/** What pick() may write behind the numbers that it picks. */
enum { PICK_SPARE = 16 };

typedef struct pixel_kernels {
    const char *name;
    /** RGB pixels to planes. */
    void (*split)(const uint8_t *rgb, size_t n, uint8_t *r, uint8_t *g, uint8_t *b);
    /** Adds all of line_sums, but for the Laplacian in the first and the last pixel. */
    void (*line)(const lines *l, line_sums *sums);
    /** The sum of squares of the Laplacian at n bytes of a row, whose neighbours to the left and
     * right lie `step` bytes away and may be read. */
    uint64_t (*laplace)(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t n,
                        size_t step);
    /** Writes n grey values, adds to all else. */
    void (*survey)(const planes *p, survey *s);
    /** Writes light_key() of n pixels. */
    void (*keys)(const planes *p, uint32_t *keys);
    /** Those of n numbers that lie in from..to, less `from`, in order; how many. `out` may be where
     * the numbers are, and has room for all of them and PICK_SPARE. */
    size_t (*pick)(const uint32_t *numbers, size_t n, uint32_t from, uint32_t to, uint32_t *out);
    /** Adds a row of n bytes to the sums of its columns, which must not grow above 65,535. */
    void (*columns)(const uint8_t *row, size_t n, uint16_t *sums);
} pixel_kernels;

extern const pixel_kernels kernels_plain, kernels_avx2, kernels_avx512;

/** The variants that this processor can run, the best one first and the plain one last: NULL at
 * `count` and above. Static. */
const pixel_kernels *kernels_at(size_t i);

#endif
