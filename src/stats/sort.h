#ifndef STATS_SORT_H
#define STATS_SORT_H

#include "base/cancellation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Stable sorts by digits. Keys come out ascending; NaN must not be among them; -0 and +0 are equal.
 * Equal keys keep their order of input. n < 2^31. Nothing is allocated. Those that end in _until
 * look now and then whether they are to be given up; then they return false, and what they were to
 * sort is neither in order nor whole. */

/**
 * Sort (key, index) pairs held as 64-bit words: the 32-bit order-preserving key above the 32-bit
 * index. `pairs` and `scratch` have n words; the result is in `pairs`. O(n).
 */
void sort_pairs_f32(uint64_t *restrict pairs, uint64_t *restrict scratch, size_t n);

/** The same, given up once `stop` (may be NULL) is asked; see above. */
bool sort_pairs_f32_until(uint64_t *restrict pairs, uint64_t *restrict scratch, size_t n,
                          cancellation *stop);

/** The order-preserving 32-bit image of a float, and back. Maps -0 to +0. */
static inline uint32_t sort_key_f32(float x)
{
    uint32_t bits;
    x += 0.0F; /* -0 becomes +0 */
    memcpy(&bits, &x, sizeof bits);
    return bits ^ ((uint32_t) - (int32_t)(bits >> 31) | 0x80000000U);
}

static inline float sort_unkey_f32(uint32_t key)
{
    const uint32_t bits = key ^ ((key >> 31) ? 0x80000000U : 0xFFFFFFFFU);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** The order-preserving 64-bit image of a double, and back. Maps -0 to +0. */
static inline uint64_t sort_key_f64(double x)
{
    uint64_t bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    return bits ^ ((uint64_t) - (int64_t)(bits >> 63) | 0x8000000000000000U);
}

static inline double sort_unkey_f64(uint64_t key)
{
    const uint64_t bits = key ^ (((key >> 63) - 1) | 0x8000000000000000U);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/**
 * Sort indices by 64-bit keys: on entry keys[i] and index[i] belong together; on return both are in
 * ascending order of key. The scratch arrays have n entries each. O(n) where the keys are spread
 * like most measured numbers are; many that lie together only in their last bits take longer.
 */
void sort_keys_f64(uint64_t *restrict keys, uint32_t *restrict index,
                   uint64_t *restrict key_scratch, uint32_t *restrict index_scratch, size_t n);

/** What sort_keys_f64() gets. */
typedef struct sort_keyed {
    uint64_t *key;
    uint32_t *index;
    uint64_t *key_scratch;
    uint32_t *index_scratch;
    size_t n;
} sort_keyed;

/** The same by several threads where the keys are many, with one result for any number of them; see
 * above. `stop` may be NULL. */
bool sort_keyed_until(const sort_keyed *k, int thread_count, cancellation *stop);

/** Sort 64-bit unsigned numbers ascending. `scratch` has n entries. O(n). */
void sort_u64(uint64_t *restrict at, uint64_t *restrict scratch, size_t n);

#endif
