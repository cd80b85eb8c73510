#ifndef STATS_RESAMPLE_H
#define STATS_RESAMPLE_H

#include "base/rng.h"

#include <stddef.h>
#include <stdint.h>

/** A binomial draw, exact in law for every n and p in [0, 1] (inversion for small n·p, Hörmann's
 * BTRS above). O(1) expected. */
uint64_t draw_binomial(rng *r, uint64_t n, double p);

/** A hypergeometric draw: of `total` balls `good` are white, `draws` are taken; how many are white.
 * O(min) at worst. */
uint64_t draw_hypergeometric(rng *r, uint64_t total, uint64_t good, uint64_t draws);

/**
 * One multinomial draw of `n` over `cell_count` cells with probabilities weight[i]/n_total,
 * n_total = Σ weight: a resampling of the samples behind a confusion matrix. O(cell_count).
 */
void draw_multinomial(rng *r, const uint64_t *weight, size_t cell_count, uint64_t n, uint64_t *out);

#endif
