#ifndef STATS_ADJUST_H
#define STATS_ADJUST_H

#include <stddef.h>

/**
 * Benjamini-Hochberg adjusted p-values, in the order of the input. NaN stays NaN and is not
 * counted. `order` is scratch of n. O(n log n).
 */
void adjust_benjamini_hochberg(const double *p, size_t n, double *adjusted, size_t *order);

/** Holm's step-down adjusted p-values; the same conventions. */
void adjust_holm(const double *p, size_t n, double *adjusted, size_t *order);

#endif
