#ifndef STATS_PAIRED_H
#define STATS_PAIRED_H

#include "stats/interval.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * McNemar's two-sided p-value from the pairs in which just one of two is right: `only_first`,
 * `only_second`. Mid-p: 2·(P(X < m) + P(X = m)/2), where X is binomial with n = only_first +
 * only_second and 1/2, and m the lesser of the two; exact: 2·P(X <= m), at most 1. Without such
 * pairs 1. Relative 1e-12. O(1).
 */
double paired_mcnemar_p(uint64_t only_first, uint64_t only_second, bool exact);

/**
 * Tango's score interval (1998) of (only_second - only_first)/n, the difference of two proportions
 * over the same n pairs: all differences d with (only_second - only_first - n·d)² <=
 * z²·n·(2·q + d·(1 - d)), where q is the most likely share of `only_first` given d. None for n = 0.
 * Absolute 1e-15. only_first + only_second <= n. O(1).
 */
interval interval_tango(uint64_t only_first, uint64_t only_second, uint64_t n, double z);

#endif
