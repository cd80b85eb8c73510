#ifndef EVAL_LABEL_MEASURES_H
#define EVAL_LABEL_MEASURES_H

#include "frame/frame.h"

/** Outputs of label_measures(), row_count numbers each; NULL where one is not wanted. */
typedef struct label_measure_columns {
    double *least_confidence;  /* 1 - largest p, 0..1 */
    double *self_confidence;   /* p of the label, 0..1 */
    double *normalised_margin; /* (p of the label - largest other p + 1) / 2, 0..1 */
} label_measure_columns;

/**
 * What the probabilities of every row of a frame with probabilities say of its label. NaN where the
 * row has no valid probabilities, and for the last two where it has no label. With a single class
 * the largest other p is 0. Same bits at any thread count. NOMEM. One pass, O(N · K).
 */
ASSAY_MUST_USE assay_code label_measures(const frame *f, int thread_count,
                                         const label_measure_columns *out, assay_err *err);

#endif
