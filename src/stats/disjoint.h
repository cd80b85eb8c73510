#ifndef STATS_DISJOINT_H
#define STATS_DISJOINT_H

#include <stddef.h>
#include <stdint.h>

/* Disjoint sets over 0..n-1, in an array of n numbers. The root of a set is its lowest member, so
 * the sets do not depend on the order of joining. Amortised O(log n) a call. */

static inline void disjoint_init(uint32_t *parent, size_t n)
{
    for (size_t i = 0; i < n; i++)
        parent[i] = (uint32_t)i;
}

static inline uint32_t disjoint_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static inline void disjoint_join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = disjoint_root(parent, a);
    b = disjoint_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

#endif
