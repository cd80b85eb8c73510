#ifndef EVAL_RANKING_H
#define EVAL_RANKING_H

#include "eval/options.h"
#include "eval/samples.h"
#include "eval/score.h"

/** A point of a ROC curve (x = false positive rate, y = true positive rate) or PR curve (x = recall, y = precision). */
typedef struct curve_point {
    double x, y, threshold; /* a sample counts as positive when its score >= threshold; the ROC's first point has +infinity */
} curve_point;

typedef struct curve {
    curve_point *point;
    size_t count;
} curve;

/** Ranking of one class against the rest by its probability. */
typedef struct class_ranking {
    score auroc; /* no answer unless the class has positives and negatives */
    score average_precision; /* no answer without positives */
    curve roc, pr; /* thinned, extremes kept; by ascending x (ROC), ascending recall (PR) */
} class_ranking;

typedef struct ranking {
    class_ranking *per_class; /* class_count */
    uint32_t class_count;
    score macro_auroc;             /* mean over the (shown) classes that have both */
    score macro_average_precision; /* mean over the (shown) classes that have positives */
} ranking;

/**
 * One-vs-rest ROC, AUROC (DeLong), PR and AP of every class. `curve_points`: at most so many a curve (>= 2), 0 for none.
 * Blocks of columns are sorted on all threads; memory beyond the matrix: about 32 bytes a sample and thread for one column
 * (and for several columns of one block 4 or 8 more each), curves aside. NOMEM. O(K · N) radix passes.
 */
ASSAY_MUST_USE assay_code ranking_new(const samples *s, size_t curve_points,
                                      const evaluation_options *options, ranking **out,
                                      assay_err *err);
void ranking_free(ranking *r);

#endif
