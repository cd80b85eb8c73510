#ifndef STATS_QUANTILE_H
#define STATS_QUANTILE_H

#include <stddef.h>
#include <stdint.h>

/** The first position in [begin, n) whose key is not below `key`; n where there is none. `sorted`
 * are n ascending keys. O(log n). */
size_t sorted_first_at_least(const uint64_t *sorted, size_t begin, size_t n, uint64_t key);
/** The first whose key is above it. */
size_t sorted_first_above(const uint64_t *sorted, size_t begin, size_t n, uint64_t key);

/**
 * Cut sorted values into at most `bin_count` bins of equal counts. Equal values always share a bin
 * and no bin is empty, so there may be fewer. `sorted` are n ascending keys of sort_key_f64().
 * Writes start[b] = first position of bin b, start[return value] = n; `start` has bin_count + 1
 * entries. The ideal boundary b lies at position ⌊b·n/bin_count⌋; it moves down to the first of its
 * equal values (up, past them, when that would leave a bin empty). Returns the number of bins (0
 * for n = 0). O(bin_count · log n).
 */
size_t quantile_bins(const uint64_t *sorted, size_t n, size_t bin_count, size_t *start);

/**
 * Cut sorted keys into bins of equal width between the smallest and the largest value: bin b is
 * [low + b·w, low + (b+1)·w), the last one closed. Empty bins are left out. Same outputs.
 * O(bin_count · log n).
 */
size_t equal_width_bins(const uint64_t *sorted, size_t n, size_t bin_count, size_t *start);

/** One bin a distinct value where there are at most `most` of them; 0 when there are more. `start`
 * has most + 1 entries. O(n). */
size_t distinct_bins(const uint64_t *sorted, size_t n, size_t most, size_t *start);

/** Median of sorted keys [begin, end), the mean of the middle two. NaN when empty. */
double median_of_sorted(const uint64_t *sorted, size_t begin, size_t end);

/** Quantile q in [0,1] of n sorted doubles, linear interpolation (NumPy's default). NaN for n = 0.
 */
double quantile_of_sorted(const double *sorted, size_t n, double q);

#endif
