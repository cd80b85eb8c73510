#ifndef STATS_MUTUAL_INFORMATION_H
#define STATS_MUTUAL_INFORMATION_H

#include "base/rng.h"

#include <stddef.h>
#include <stdint.h>

/** Right and wrong samples in one bin of a metric. */
typedef struct outcome_bin {
    uint64_t count;
    uint64_t correct;
} outcome_bin;

/** Mutual information of a binned metric with right/wrong, in nats. */
typedef struct binned_information {
    double plug_in;   /* Î */
    double corrected; /* Î + (r_m + r_s - r_ms - 1)/(2N), clipped to [0, H(s)] */
    double entropy;   /* H(s) */
    double sd;        /* sd over the samples of ln(p_ms/(p_m p_s)) (population) */
    double least_expected; /* the smallest expected count of a cell */
} binned_information;

/** Over `bin_count` bins of which none need be filled. N = Σ count >= 1. entropy = 0 (all right or all wrong): plug_in = corrected = 0. O(bin_count). */
binned_information information_of_bins(const outcome_bin *bins, size_t bin_count);

/** ln(p_ms/(p_m p_s)) of one cell (0 when the cell is empty): the term whose mean is Î. */
double information_term(uint64_t in_cell, uint64_t in_bin, uint64_t with_outcome, uint64_t n);

/** p-value of the G-test, 2N·Î against chi-square with (filled bins - 1) degrees; 1 when there is one bin or one outcome. */
double g_test_p(const outcome_bin *bins, size_t bin_count);

/**
 * p-value by permutation of the outcomes over the samples: (1 + #{Î* >= Î})/(1 + replicates), each
 * replicate one multivariate hypergeometric draw over the bins, equal in law to shuffling. O(replicates · N_min) at worst.
 */
double g_test_permuted_p(const outcome_bin *bins, size_t bin_count, size_t replicates, rng *random);

/** The Kraskov/Ross estimate and the sd of its terms. */
typedef struct nearest_information {
    double value; /* nats, >= 0 */
    double sd;    /* of the terms, over the samples counted */
    size_t n;     /* samples counted: a class with one sample is left out */
} nearest_information;

/**
 * Mutual information of a continuous x with a 0/1 outcome by nearest neighbours (Ross 2014, k = 3).
 * `x`: n finite values, already scaled by their sd and with tie-breaking noise added, ascending; `outcome`: in the same order.
 * k_i = min(3, N_s - 1); distances are compared, never x ± d. `scratch` has 2·n doubles. `terms`, when not NULL, receives each sample's
 * term (0 for those left out). O(n · k) after the sort.
 */
nearest_information information_nearest(const double *restrict x, const uint8_t *restrict outcome,
                                        size_t n, double *restrict scratch, double *restrict terms);

#endif
