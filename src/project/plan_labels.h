#ifndef PROJECT_PLAN_LABELS_H
#define PROJECT_PLAN_LABELS_H

#include "eval/plan.h"
#include "project/described.h"

/** How sure to become, by which samples. */
typedef struct plan_labels_request {
    metrics_request samples; /* its metrics don't matter */
    const char *path;        /* of the project, for messages; borrowed */
    double half_width;
    double confidence_level; /* 0: 0.95 */
} plan_labels_request;

/** What to label next by the predictions of a project's frame. INPUT: no predictions are loaded;
 * failures of choose_samples() and label_plan_init(). O(N + K²). */
ASSAY_MUST_USE assay_code plan_labels(const frame *f, const plan_labels_request *request,
                                      label_plan *out, assay_err *err);

#endif
