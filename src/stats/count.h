#ifndef STATS_COUNT_H
#define STATS_COUNT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Counting pairs of codes, as a fold: a state of count_pairs_cells() zeroed 32-bit cells, rows
 * added to it in any pieces, and a finish that leaves a plain table at its front. States are whole
 * numbers, so finished tables may be summed in any order. Up to 2^32 - 1 pairs. Nothing here can
 * fail.
 *
 * The table has a side of class_count + 1, row-major: cell [label][prediction]. A code that is not
 * below class_count (a missing one) counts at class_count.
 *
 * The kernel keeps eight or four counters a cell for few classes, so that rows sorted by class do
 * not wait for one another; for many classes those would leave the cache, and it keeps one.
 */

/** Cells of the state; more than the table while counting. At most 8·(class_count + 1)²; above 36
 * classes half of that. */
size_t count_pairs_cells(uint32_t class_count);

/** Add the pairs (label[i], prediction[i]), i < n. O(n). */
void count_pairs_add(uint32_t *restrict state, uint32_t class_count, const uint16_t *restrict label,
                     const uint16_t *restrict prediction, size_t n);

/** The same for the rows i < n whose bit is set in `rows` (bit i%64 of word i/64). O(n). */
void count_pairs_add_selected(uint32_t *restrict state, uint32_t class_count,
                              const uint16_t *restrict label, const uint16_t *restrict prediction,
                              const uint64_t *restrict rows, size_t n);

/** Leave the (class_count + 1)² sums at the front of the state. Once, after the last rows.
 * O(class_count²). */
void count_pairs_finish(uint32_t *state, uint32_t class_count);

#endif
