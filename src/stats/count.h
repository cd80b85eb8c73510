#ifndef STATS_COUNT_H
#define STATS_COUNT_H

#include <stddef.h>
#include <stdint.h>

/**
 * Add the pairs (label[i], prediction[i]), i < n, to counts[label * class_count + prediction].
 * Every code is < class_count. `counts` has class_count² cells (uint32_t, row-major); `scratch` has
 * count_pairs_scratch(class_count) cells, need not be zeroed. Up to 2^31 pairs a cell. The kernel picks several
 * interleaved tables for few classes (no stall when rows come sorted by class) and one table for
 * many. O(n + class_count²). Cannot fail.
 */
void count_pairs(const uint16_t *restrict label, const uint16_t *restrict prediction, size_t n,
                 uint32_t class_count, uint32_t *restrict counts, uint32_t *restrict scratch);

/** The same for rows whose bit is set in `rows` (bit i%64 of word i/64); `n` rows are covered. */
void count_pairs_selected(const uint16_t *restrict label, const uint16_t *restrict prediction,
                          const uint64_t *restrict rows, size_t n, uint32_t class_count,
                          uint32_t *restrict counts, uint32_t *restrict scratch);

size_t count_pairs_scratch(uint32_t class_count);

#endif
