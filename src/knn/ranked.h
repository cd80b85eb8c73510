#ifndef KNN_RANKED_H
#define KNN_RANKED_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A candidate is one 64-bit number: its similarity's order above, the complement of its index
 * below, so that the larger number is the better candidate and ties go to the lower index. A list
 * of the best n is a binary heap with the worst in front; it does not depend on the order in which
 * candidates came. 0 is no candidate. */

static inline uint64_t ranked_key(float similarity, uint32_t index)
{
    uint32_t bits;
    similarity += 0.0F; /* -0 becomes +0 */
    memcpy(&bits, &similarity, sizeof bits);
    bits ^= (uint32_t) - (int32_t)(bits >> 31) | 0x80000000U;
    return (uint64_t)bits << 32 | (uint32_t)~index;
}

static inline uint32_t ranked_index(uint64_t key)
{
    return ~(uint32_t)key;
}

static inline float ranked_similarity_of(uint32_t order)
{
    const uint32_t bits = order ^ ((order >> 31) ? 0x80000000U : 0xFFFFFFFFU);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** The similarity; of no candidate, minus infinity. */
static inline float ranked_similarity(uint64_t key)
{
    return key ? ranked_similarity_of((uint32_t)(key >> 32)) : -INFINITY;
}

/** What a similarity must reach to be worth comparing with `worst`, when the candidates to come
 * have indices of `from` and above. */
static inline float ranked_bar(uint64_t worst, uint32_t from)
{
    if (worst == 0)
        return -INFINITY;
    const uint32_t order = (uint32_t)(worst >> 32);
    return ranked_similarity_of(ranked_index(worst) < from ? order + 1 : order);
}

/* Puts `key` at place `at`, or below it. */
static inline void ranked_sink(uint64_t *heap, size_t n, size_t at, uint64_t key)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n)
            break;
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= key)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = key;
}

/** Puts `key` in the place of the worst of n >= 1. O(log n). */
static inline void ranked_replace(uint64_t *heap, size_t n, uint64_t key)
{
    ranked_sink(heap, n, 0, key);
}

/** Makes any n keys a heap. O(n). */
static inline void ranked_heapify(uint64_t *heap, size_t n)
{
    for (size_t at = n / 2; at-- > 0;)
        ranked_sink(heap, n, at, heap[at]);
}

/** Orders the n of a heap, the best first. O(n log n). */
static inline void ranked_order(uint64_t *heap, size_t n)
{
    while (n > 1) {
        const uint64_t worst = heap[0], last = heap[--n];
        ranked_replace(heap, n, last);
        heap[n] = worst;
    }
}

#endif
