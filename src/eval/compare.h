#ifndef EVAL_COMPARE_H
#define EVAL_COMPARE_H

#include "eval/options.h"
#include "eval/proper.h"
#include "eval/samples.h"
#include "eval/score.h"

/** One score of both models, and b - a. */
typedef struct score_difference {
    const char *name; /* as in compared_names; static text */
    bool lower_is_better;
    score a, b, difference;
} score_difference;

/** The recall of one class. */
typedef struct class_difference {
    uint16_t class_code;
    uint64_t support; /* > 0 */
    uint64_t fixed, broken;
    score a, b;        /* Wilson, or Clopper-Pearson on request */
    score difference;  /* "tango" */
    double p_value;    /* McNemar */
    double p_adjusted; /* Holm, over all classes listed */
} class_difference;

/* Scores that two models may have in common: 9 of the matrix, 2 proper, top-k, 3 of rankings. */
enum { COMPARED_MOST = 9 + 2 + TOP_K_COUNT + 3 };

/** Two models, a and b, on the same samples. Owns its array. */
typedef struct comparison {
    uint64_t samples;  /* with a label and a prediction of both (shown: whose label is shown) */
    uint64_t left_out; /* selected, but without label or either prediction; never by `shown` */
    uint64_t both_right, fixed, broken, both_wrong; /* fixed: a wrong, b right */
    uint64_t with_probabilities; /* of `samples`, with valid probabilities of both */
    uint64_t with_confidence;    /* of `samples`, with a confidence of both */
    double p_value;              /* McNemar's, of fixed against broken; NaN without samples */
    const char *p_method;        /* "mcnemar-mid-p", "mcnemar-exact" */
    score_difference score[COMPARED_MOST]; /* those that both have */
    size_t score_count;
    class_difference *per_class; /* (shown) classes that have samples, by code */
    size_t class_count;
} comparison;

/** What to compare. Borrowed. */
typedef struct comparison_request {
    const frame *a, *b;        /* of the same samples in the same order, without groups */
    const selection *selected; /* of their rows */
    bool exact_p;              /* McNemar's exact p instead of mid-p */
    evaluation_options options;
} comparison_request;

/**
 * Compare. Every score is of the samples that both models answer: the scores of the matrix and
 * top-k of those with both predictions, log loss, Brier, AUROC and AP of those with valid
 * probabilities of both, AURC of those with both confidences. So a model's numbers may differ from
 * those of its own evaluation.
 *
 * Intervals of differences: accuracy, top-k and recall of a class by Tango's score ("tango"),
 * functions of the matrix "paired-delta" (eval/matrix_difference.h), log loss and Brier the mean of
 * the differences ± z·sd/√n ("paired-mean"), macro AUROC, macro AP and AURC value ± z·√Σ(ψ_b -
 * ψ_a)² over the influences ψ ("paired-influence"; AUROC: DeLong's covariances to first order in
 * 1/n; AP with the difference of the biases b: √(se² + (b_b - b_a)²)), inside the range of a
 * difference. None where nothing differs or there is one sample. "few": as of the two scores.
 *
 * CONFLICT: the frames differ in their number of rows, classes or labels (a project that changed
 * between loading the two); NOMEM, LIMIT. The costs of two evaluations without curves and metrics,
 * and 40 bytes a sample.
 */
ASSAY_MUST_USE assay_code comparison_init(comparison *out, const comparison_request *request,
                                          assay_err *err);
void comparison_clear(comparison *c);
ASSAY_AUTO_CLEAR_DECLARE(comparison)

#endif
