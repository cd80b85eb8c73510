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

/** The mid-ranks of the keys [begin, begin + count) of n sorted ones, into rank[0..count). O(count
 * + log n). */
void rank_mid_of_sorted(const uint64_t *restrict sorted_keys, size_t n, size_t begin, size_t count,
                        double *restrict rank);

#endif
