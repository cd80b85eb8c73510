#ifndef STATS_CLUSTER_H
#define STATS_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

/**
 * Which samples belong together. `group[i]` < group_count for i < n, or group == NULL: every sample
 * stands alone.
 */
typedef struct clustering {
    const uint32_t *group;
    uint32_t group_count; /* groups that have a sample */
} clustering;

/**
 * Standard error from influences: sqrt(Σψ²) without groups, sqrt(G/(G-1)·Σ_g(Σ_{i∈g} ψ_i)²) with
 * them (NaN for G < 2). `scratch` has group_count doubles (may be NULL without groups). Sums run
 * in the order of samples, then of groups (the last one compensated), so the bits are always the
 * same. O(n + G).
 */
double cluster_se(const double *psi, size_t n, clustering c, double *scratch);

/**
 * The effective number of samples behind a proportion p whose clustered standard error is `se`:
 * p(1-p)/se², at most n. Where p is 0 or 1 (se says nothing) it is `groups_seen`, the number of
 * groups with a sample in the denominator. Where se is NaN (one group) and p is neither, NaN:
 * nothing is known.
 */
double cluster_effective_n(double p, double se, double n, double groups_seen);

#endif
