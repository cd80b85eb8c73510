#ifndef EVAL_PROPER_H
#define EVAL_PROPER_H

#include "eval/options.h"
#include "eval/samples.h"
#include "eval/score.h"

/* The k of top-k accuracy that is reported, as far as there are more classes than k. */
enum { TOP_K_COUNT = 3 };
extern const uint32_t top_k_of[TOP_K_COUNT]; /* 2, 3, 5 */

/** Scores of the whole probability vector, and of the rank of the true class. */
typedef struct proper_scores {
    score log_loss, brier;    /* no answer without probabilities */
    score top_k[TOP_K_COUNT]; /* no answer where k >= class_count or the lists are shorter */
    uint64_t top_k_ties;      /* samples whose true class ties with another class's probability */
    double epsilon;           /* the floor of a probability under the logarithm */
} proper_scores;

/**
 * Log loss, Brier and top-k over the samples, from frame->probability, or top-k alone from
 * frame->top. A probability above 1 by rounding has log loss 0. Intervals: the mean ± z·sd/√N, not
 * below 0 ("mean"; with groups "cluster-mean", from the influences summed within groups); top-k as
 * a proportion. A sample without valid probabilities is in no score. Same bits at any thread count.
 * NOMEM. One pass, O(N · K).
 */
ASSAY_MUST_USE assay_code proper_scores_init(proper_scores *out, const samples *s,
                                             const evaluation_options *options, assay_err *err);

/** What each sample says; arrays of the caller's, an entry a sample. In a top-k list there is only
 * the rank. */
typedef struct proper_terms {
    double *loss, *brier; /* NaN: no valid probabilities */
    uint16_t *rank;       /* how many classes come before the true one; RANK_NONE: not known */
} proper_terms;

/* The rank of a true class that no list names, or whose sample has no valid probabilities. */
enum { RANK_NONE = 0xFFFF };

/** proper_scores_init(), and the terms of each sample into `terms`. Without probabilities loss and
 * brier are left as they were, without lists too the rank. */
ASSAY_MUST_USE assay_code proper_scores_with_terms(proper_scores *out, const proper_terms *terms,
                                                   const samples *s,
                                                   const evaluation_options *options,
                                                   assay_err *err);

/**
 * Prediction measures of every row of the frame (NaN where the row has no valid probabilities):
 * margin p1 - p2, the two largest (p2 = 0 for a single class), and entropy in nats (0·ln 0 = 0).
 * Each output has row_count doubles, or is NULL where it is not wanted (both only with
 * probabilities). NOMEM. O(N · K).
 */
ASSAY_MUST_USE assay_code prediction_measures(const frame *f, int thread_count, double *margin,
                                              double *entropy, assay_err *err);

#endif
