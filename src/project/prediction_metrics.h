#ifndef PROJECT_PREDICTION_METRICS_H
#define PROJECT_PREDICTION_METRICS_H

#include "frame/frame.h"

/** What was asked for. Texts are borrowed; NULL: nothing in particular. */
typedef struct prediction_metrics_request {
    const char *metric; /* "a,b": names of metrics */
    const char *where;  /* an SQL condition */
    bool named_only;    /* what is named nowhere is not computed: a pass over the matrix is saved */
    int thread_count;
} prediction_metrics_request;

/**
 * Add to a frame what its predictions say of each sample: confidence where there is one; margin and
 * prediction_entropy where there are probabilities; and of least_confidence, self_confidence and
 * normalised_margin those that the request names, which are never analysed unless named: the first
 * is 1 - confidence, the others are measured against the label. A column of the user's with such a
 * name stays instead. NOMEM; what was added stays. O(N · K).
 */
ASSAY_MUST_USE assay_code prediction_metrics_add(frame *f,
                                                 const prediction_metrics_request *request,
                                                 assay_err *err);

/** The same for project_load_request.complete; `request` is a prediction_metrics_request. */
ASSAY_MUST_USE assay_code prediction_metrics_complete(frame *f, const void *request,
                                                      assay_err *err);

/** Whether such a metric is measured against the label, so that it decides whether the prediction
 * is right, or nearly so. */
bool prediction_metric_is_of_label(const char *name);

#endif
