#ifndef STATS_RANK_H
#define STATS_RANK_H

#include <stddef.h>
#include <stdint.h>

/**
 * Mid-ranks (1-based; ties get the mean of their ranks) from keys sorted by sort_keys_f64():
 * rank[index[i]] is written for every i < n. O(n).
 */
void rank_mid(const uint64_t *restrict sorted_keys, const uint32_t *restrict index, size_t n,
              double *restrict rank);

#endif
