#ifndef STATS_MUTUAL_INFORMATION_H
#define STATS_MUTUAL_INFORMATION_H

#include "base/rng.h"
#include "stats/cluster.h"

#include <stddef.h>
#include <stdint.h>

/** Right and wrong samples in one bin of a metric. */
typedef struct outcome_bin {
    uint64_t count;
    uint64_t correct;
} outcome_bin;

/** Mutual information of a binned metric with right/wrong, in nats. */
typedef struct binned_information {
    double plug_in;        /* Î */
    double corrected;      /* Î + (r_m + r_s - r_ms - 1)/(2N), clipped to [0, H(s)] */
    double entropy;        /* H(s) */
    double sd;             /* sd over the samples of ln(p_ms/(p_m p_s)) (population) */
    double least_expected; /* the smallest expected count of a cell in a filled bin; 0 with one
                              outcome */
    double
        freedom; /* (r_m - 1)(r_s - 1): what is left free in the table once its margins are known */
} binned_information;

/** Over `bin_count` bins of which none need be filled. N = Σ count >= 1. entropy = 0 (all right or
 * all wrong): plug_in = corrected = 0. O(bin_count). */
binned_information information_of_bins(const outcome_bin *bins, size_t bin_count);

/** ln(p_ms/(p_m p_s)) of one cell (0 when the cell is empty): the term whose mean is Î. */
double information_term(uint64_t in_cell, uint64_t in_bin, uint64_t with_outcome, uint64_t n);

/** p-value of the G-test, 2N·Î against chi-square with (filled bins - 1) degrees; 1 when there is
 * one bin or one outcome. */
double g_test_p(const outcome_bin *bins, size_t bin_count);

/* Bins of a permutation test. */
enum { PERMUTED_BINS_MOST = 64 };

/**
 * p-value by permutation of the outcomes over the samples: (1 + #{Î* >= Î})/(1 + replicates), each
 * replicate one multivariate hypergeometric draw over the bins, equal in law to shuffling.
 * bin_count <= PERMUTED_BINS_MOST. O(replicates · bin_count) draws of draw_hypergeometric().
 */
double g_test_permuted_p(const outcome_bin *bins, size_t bin_count, size_t replicates, rng *random);

/* The bin of a sample that is left out of a permutation by groups. */
enum { BIN_NONE = 255 };

/** Samples for a permutation by groups, in an order that has nothing to do with the metric. */
typedef struct grouped_outcomes {
    const uint8_t *bin;     /* n bins, BIN_NONE for a sample that is left out */
    const uint8_t *correct; /* n outcomes, 0 or 1 */
    size_t n;
    clustering
        groups; /* `group` is not NULL; a group whose samples are all left out does not count */
} grouped_outcomes;

/** How many words of scratch g_test_group_permuted_p() wants. */
size_t g_test_group_scratch(size_t n, uint32_t group_count);

/**
 * p-value as g_test_permuted_p() for samples that come in groups: the outcomes of a whole group, in
 * the order of its samples, go to another group of the same size; a group that is alone with its
 * size keeps its own. From 4096 groups of a size on a replicate moves all of them on by one random
 * number of groups, in an order drawn once: a subgroup of the permutations, so as exact a test. NaN
 * where no two groups share a size. All bins are < PERMUTED_BINS_MOST. O(n + replicates · (groups
 * of rarer sizes + the rarer outcome)).
 */
double g_test_group_permuted_p(const grouped_outcomes *o, size_t replicates, rng *random,
                               uint32_t *scratch);

/** The Kraskov/Ross estimate and the sd of its terms. */
typedef struct nearest_information {
    double value; /* nats, >= 0; NaN where no outcome has two samples */
    double sd;    /* of the terms, over the samples counted */
    size_t n;     /* samples counted: a class with one sample is left out */
} nearest_information;

/**
 * Mutual information of a continuous x with a 0/1 outcome by nearest neighbours (Ross 2014, k = 3).
 * `x`: n finite values, already scaled by their sd and with tie-breaking noise added, ascending;
 * `outcome`: in the same order. k_i = min(3, N_s - 1); distances are compared, never x ± d.
 * `scratch` has 2·n doubles. `influence`, when not NULL, receives (term - mean of the terms)/n of
 * each sample (0 for those left out). O(n · k) after the sort.
 */
nearest_information information_nearest(const double *restrict x, const uint8_t *restrict outcome,
                                        size_t n, double *restrict scratch,
                                        double *restrict influence);

#endif
