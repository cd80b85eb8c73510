#ifndef EVAL_RANKING_H
#define EVAL_RANKING_H

#include "eval/options.h"
#include "eval/samples.h"
#include "eval/score.h"

/** A point of a ROC curve (x = false positive rate, y = true positive rate) or PR curve (x =
 * recall, y = precision). */
typedef struct curve_point {
    double x, y, threshold; /* a sample counts as positive when its score >= threshold; the ROC's
                               first point has +infinity */
} curve_point;

typedef struct curve {
    curve_point *point;
    size_t count;
} curve;

/** Ranking of one class against the rest by its probability. */
typedef struct class_ranking {
    score auroc;             /* no answer unless the class has positives and negatives */
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
 * One-vs-rest ROC, AUROC, PR and AP of every class over all samples with valid probabilities; the
 * means over the shown classes alone. `curve_points`: at most so many a curve (>= 2), 0 for none; a
 * curve with no more thresholds than that is whole, and the PR curve has real thresholds only.
 *
 * Intervals. AUROC: DeLong on the logit scale; none below two positives or negatives. AP: logit
 * with se 1/sqrt(n+·AP·(1-AP)). With groups, and for the means: from the influences, logit scale;
 * of AP with its bias b added, sqrt(se² + b²), b = mean over the positives of (1 - precision)/M, M
 * = samples at or above it, because AP of few samples lies above that of many. Exactly 0 or 1: the
 * far bound is (alpha/2)^(1/n), mirrored, n = the fewer of positives and negatives (AP: the
 * positives; groups where there are any; a mean: its smallest class). "few": n under 10, or a class
 * of a mean has few.
 *
 * Blocks of columns go to the threads; same bits at any thread count. Memory beyond the matrix, a
 * thread: 32 bytes a sample, 24 a sample of the largest class, and 4 or 8 a sample for each of up
 * to 16 columns (64 MiB or one column at most). NOMEM. O(K · N) radix passes.
 */
ASSAY_MUST_USE assay_code ranking_new(const samples *s, size_t curve_points,
                                      const evaluation_options *options, ranking **out,
                                      assay_err *err);
void ranking_free(ranking *r);

/** How much each sample moves the two means over the classes, to first order. */
typedef struct ranking_influences {
    double *auroc, *average_precision; /* s->count numbers each, the caller's */
    double precision_bias;             /* the b of ranking_new(), of the mean */
} ranking_influences;

/** ranking_new() without curves, and the influences. All samples have valid probabilities and no
 * groups. */
ASSAY_MUST_USE assay_code ranking_with_influences(const samples *s, ranking_influences *influences,
                                                  const evaluation_options *options, ranking **out,
                                                  assay_err *err);

#endif
