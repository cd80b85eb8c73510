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

/** Every score that the matrix alone decides. */
typedef struct matrix_scores {
    score accuracy; /* with `shown`: over the samples whose true class is shown */
    score macro_precision, macro_recall, macro_f1;
    score weighted_precision, weighted_recall, weighted_f1;
    score micro_precision, micro_recall, micro_f1;
    score balanced_accuracy;
    score mcc, kappa;        /* no answer with `shown` */
    class_scores *per_class; /* class_count */
    uint32_t class_count;
    uint32_t classes_under_ten; /* classes that occur in the labels with fewer than 10 samples */
} matrix_scores;

/**
 * Scores and intervals from the matrix. `s` gives the groups, where there are any (then intervals come from the
 * influences summed within groups); it may be NULL when there are none. NOMEM. O(cells + K), with groups O(N).
 */
ASSAY_MUST_USE assay_code matrix_scores_new(const confusion *c, const samples *s,
                                            const evaluation_options *options, matrix_scores **out,
                                            assay_err *err);
void matrix_scores_free(matrix_scores *m);

/** A proportion with its interval: Wilson, Clopper-Pearson on request, Wilson at the effective n where `effective_n` > 0. "few" below 10. No answer for n = 0. */
score score_proportion(uint64_t successes, uint64_t n, double effective_n,
                       const evaluation_options *options);

#endif
