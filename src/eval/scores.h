#ifndef EVAL_SCORES_H
#define EVAL_SCORES_H

#include "eval/confusion.h"
#include "eval/options.h"
#include "eval/score.h"

/** Precision, recall and F1 of one class. */
typedef struct class_scores {
    uint64_t support, predicted, true_positive;
    score precision, recall, f1;
} class_scores;

/**
 * Every score that the matrix alone decides. Over all classes the micro scores are the accuracy,
 * and weighted recall always is: one number, one interval.
 */
typedef struct matrix_scores {
    score accuracy; /* with `shown`: over the samples whose true class is shown */
    score macro_precision, macro_recall, macro_f1;
    score weighted_precision, weighted_recall, weighted_f1;
    score micro_precision, micro_recall, micro_f1;
    score balanced_accuracy;
    score mcc, kappa;        /* no answer with `shown` */
    class_scores *per_class; /* class_count */
    uint32_t class_count;
    uint32_t
        classes_under_ten; /* (shown) classes that occur in the labels with fewer than 10 samples */
} matrix_scores;

/**
 * Scores and intervals from the matrix. `s` are all samples of the matrix (not only the shown ones)
 * and give the groups, where there are any (then intervals come from the influences summed within
 * groups); it may be NULL when there are none.
 *
 * Proportions: Wilson ("wilson", "wilson-effective-n" with groups, "clopper-pearson" on request).
 * F1 of a class through the share of right ones among the samples that are of the class or
 * predicted as it ("wilson-f1", "clopper-pearson-f1"). The others: see matrix_function_scores()
 * ("delta-logit", "delta-fisher", "cluster-logit", "cluster-fisher", "bootstrap",
 * "wilson-smallest-class"). A score without an answer, or undefined, has no interval.
 *
 * "few": a class's score with fewer than 10 samples to divide by (effective ones, with groups), a
 * macro score or the balanced accuracy while classes_under_ten is not 0, any other score of fewer
 * than 10 samples. NOMEM. O(cells + K), with groups O(N).
 */
ASSAY_MUST_USE assay_code matrix_scores_new(const confusion *c, const samples *s,
                                            const evaluation_options *options, matrix_scores **out,
                                            assay_err *err);
void matrix_scores_free(matrix_scores *m);

/**
 * A proportion with its interval: Wilson, Clopper-Pearson on request, Wilson at the effective n
 * where `effective_n` > 0 (NaN: not known, no interval). "few" below 10. No answer for n = 0.
 */
score score_proportion(uint64_t successes, uint64_t n, double effective_n,
                       const evaluation_options *options);

#endif
