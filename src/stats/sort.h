#ifndef STATS_SORT_H
#define STATS_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Stable radix sorts. Keys come out ascending; NaN must not be among them; -0 and +0 are equal.
 * Equal keys keep their order of input. n < 2^31. Nothing is allocated. */

/**
 * Sort (key, index) pairs held as 64-bit words: the 32-bit order-preserving key above the 32-bit
 * index. `pairs` and `scratch` have n words; the result is in `pairs`. O(n).
 */
void sort_pairs_f32(uint64_t *restrict pairs, uint64_t *restrict scratch, size_t n);

/** The order-preserving 32-bit image of a float, and back. Maps -0 to +0. */
uint32_t sort_key_f32(float x);
float sort_unkey_f32(uint32_t key);

/** The order-preserving 64-bit image of a double, and back. Maps -0 to +0. */
uint64_t sort_key_f64(double x);
double sort_unkey_f64(uint64_t key);

/**
 * Sort indices by 64-bit keys: on entry keys[i] and index[i] belong together; on return both are in
 * ascending order of key. The scratch arrays have n entries each. Passes in which all keys agree are
 * skipped. O(n).
 */
void sort_keys_f64(uint64_t *restrict keys, uint32_t *restrict index, uint64_t *restrict key_scratch,
                   uint32_t *restrict index_scratch, size_t n);

/** Sort 64-bit unsigned numbers ascending. `scratch` has n entries. O(n). */
void sort_u64(uint64_t *restrict at, uint64_t *restrict scratch, size_t n);

#endif
