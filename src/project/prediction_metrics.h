#ifndef PROJECT_PREDICTION_METRICS_H
#define PROJECT_PREDICTION_METRICS_H

#include "frame/frame.h"

/** What was asked for. Texts are borrowed; NULL: nothing in particular. */
typedef struct prediction_metrics_request {
    const char *metric; /* "a,b": names of metrics */
    const char *where;  /* an SQL condition */
    int thread_count;
} prediction_metrics_request;

/**
 * Add to a frame what its predictions say of each sample: confidence where there is one; margin and
 * prediction_entropy where there are probabilities, and where the request names one of them, also
 * least_confidence, self_confidence and normalised_margin, which are never analysed unless named:
 * the first is 1 - confidence, the others are measured against the label. A column of the user's
 * with such a name stays instead. NOMEM; what was added stays. O(N · K).
 */
ASSAY_MUST_USE assay_code prediction_metrics_add(frame *f,
                                                 const prediction_metrics_request *request,
                                                 assay_err *err);

/** Whether such a metric is measured against the label, so that it decides whether the prediction
 * is right, or nearly so. */
bool prediction_metric_is_of_label(const char *name);

#endif
