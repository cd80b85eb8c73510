#ifndef PROJECT_RANK_LABELS_H
#define PROJECT_RANK_LABELS_H

#include "base/progress.h"
#include "eval/neighbours.h"
#include "frame/frame.h"

/* Suspect labels by what the images themselves say, for those who have no probabilities. */

/** An embedding's vectors and neighbours, and the labels of all samples. Borrowed. */
typedef struct label_evidence {
    const float *vectors; /* N×D; a sample without a picture: NaN */
    size_t dimensions;
    neighbour_lists lists; /* of N samples */
    const uint16_t *label; /* N: code or CLASS_MISSING */
    uint32_t class_count;
} label_evidence;

typedef struct rank_labels_options {
    const selection *rows; /* judge only these; all labels are still compared with */
    uint64_t seed;         /* deals the samples into folds */
    int thread_count;
    const progress *progress; /* "cross-fitting"; may stop it */
} rank_labels_options;

/**
 * Labels that both the neighbours and a cross-fitted classifier contradict, the most suspect first.
 * Arrays of `count`.
 */
typedef struct ranked_labels {
    uint32_t *row;
    double *score;              /* sum of both ranks over the largest possible, 0..1, 1 worst */
    double *annotation_quality; /* share of the 10 nearest labelled others with this label */
    double *fitted_margin;      /* best score of another class - score of the label, above 0 */
    uint16_t *suggested;        /* the class with the best cross-fitted score */
    uint16_t *neighbours_label; /* most frequent among the 10 */
    size_t count;
    size_t judged; /* labels that both could judge: what the ranks are among */
} ranked_labels;

/**
 * Samples are ranked by how few of the ten nearest labelled others have their label (equal shares
 * by closeness, as neighbours_annotation() says) and by the margin of ridge_cross_fit() on the
 * vectors at length 1; the sums of both mid-ranks order them, equal ones by row. A sample takes
 * part where it is chosen and both have an answer. Listed are those whose neighbours' majority is
 * another class and whose margin is above 0.
 *
 * The same bits at any thread count. CANCELLED, NOMEM. O(N·(k + D·(D + K)) + D³).
 */
ASSAY_MUST_USE assay_code rank_labels(const label_evidence *evidence,
                                      const rank_labels_options *options, ranked_labels *out,
                                      assay_err *err);
void ranked_labels_clear(ranked_labels *ranked);
ASSAY_AUTO_CLEAR_DECLARE(ranked_labels)

#endif
