#ifndef IMAGE_MEASURE_PARTS_H
#define IMAGE_MEASURE_PARTS_H

#include "image/kernels.h"
#include "image/measure.h"

#include "base/mem.h"

#include <stdbool.h>

/* The families of measures. Each is fed row by row while the row is in the cache, and answers at
 * the end. */

/* ---- brightness, contrast, sharpness: measure_spread.c */

/** Adds row y of the image, its borders reflected; of a grey one the Laplacian only. */
void spread_row(const pixel_kernels *k, const pixels *p, uint32_t y, line_sums *sums);
/** Root of the population variance of n bytes with these sums. */
double spread_deviation(const byte_sums *sums, uint64_t n);
/** From the sum over all rows. O(width). */
double sharpness_of(const pixels *p, const line_sums *sums);

/* ---- image_entropy, and what a grey histogram tells: measure_grey.c */

void grey_add_row(grey_counts *counts, const uint8_t *grey, size_t n);
/** All tables summed up in the first. */
void grey_finish(grey_counts *counts);
double grey_entropy(const uint32_t counts[GREY_LEVELS], uint64_t n);
void grey_sums(const uint32_t counts[GREY_LEVELS], byte_sums *sums);
/** The value of rank k (from 0) in ascending order. */
uint32_t grey_rank(const uint32_t counts[GREY_LEVELS], uint64_t k);

/* ---- red_values, green_values, blue_values, colour_share: measure_colour.c */

void colour_finish(const colour_counts *counts, uint64_t n, image_measures *out);

/* ---- dark, light: measure_light.c */

/** Percentiles of perceived brightness. Zeroed: holds nothing. */
typedef struct light_meter {
    const pixel_kernels *kernels;
    bool single;      /* the first window serves both percentiles; there is no second */
    bool crowded;     /* more pixels lay inside than there is room for */
    uint8_t *kept;    /* the sieve's pixels */
    size_t room;      /* how many */
    uint32_t *keys;   /* `room` keys of each window, and as many to choose among */
    uint32_t *tables; /* counts of the slow way; NULL until it is gone */
} light_meter;

void light_meter_clear(light_meter *m);
/** Choose windows from a sample of the image. NOMEM. */
ASSAY_MUST_USE assay_code light_begin(light_meter *m, const pixels *p, light_sieve *sieve,
                                      assay_err *err);
/** Before a row of n pixels is sifted: where there may be no room, no more are kept. */
void light_before_row(light_meter *m, light_sieve *sieve, size_t n);
/** NOMEM. O(keys in the windows), or O(pixels) where the windows missed. */
ASSAY_MUST_USE assay_code light_finish(light_meter *m, const light_sieve *sieve, const pixels *p,
                                       image_measures *out, assay_err *err);
/** The same from the histogram of a grey image. */
void light_of_grey(const uint32_t counts[GREY_LEVELS], uint64_t n, image_measures *out);

/* ---- pixel_hash: hash_pixels.c */

void pixel_hash_begin(pixel_hasher *h, uint32_t width, uint32_t height);
uint64_t pixel_hash_end(const pixel_hasher *h);

/* ---- perceptual_hash: hash_perceptual.c */

enum { THUMBNAIL_SIDE = 32 };

/** A picture of 32 × 32 boxes under construction. */
typedef struct thumbnail {
    const pixel_kernels *kernels;
    uint32_t width, height;
    uint32_t sums[THUMBNAIL_SIDE][THUMBNAIL_SIDE];
    uint16_t *columns; /* sums of the columns of rows that were not added yet */
    uint32_t row_count;
} thumbnail;

/** Of an image in the shape of p. columns: room for its width, which the thumbnail uses until its
 * last row is added. */
void thumbnail_begin(thumbnail *t, const pixel_kernels *k, const pixels *p, uint16_t *columns);
/** Row y of the grey picture; rows come in order. */
void thumbnail_add_row(thumbnail *t, uint32_t y, const uint8_t *grey);
uint64_t perceptual_hash_of(const thumbnail *t);

#endif
