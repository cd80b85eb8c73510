#ifndef PROJECT_FIND_LABELS_H
#define PROJECT_FIND_LABELS_H

#include "eval/label_quality.h"
#include "project/described.h"

/** Which labels to doubt. Texts are borrowed. */
typedef struct label_error_request {
    metrics_request samples; /* its metrics don't matter */
    size_t top;              /* list only so many; 0: all */
} label_error_request;

/**
 * Labels that the probabilities contradict, the smallest normalised margin first, and what is
 * estimated of all labels. Names are borrowed from the frame, which must outlive this.
 */
typedef struct found_labels {
    const frame *frame;
    uint32_t *row; /* count entries, and so the columns */
    double *self_confidence;
    double *normalised_margin;
    const char **suggested;        /* the most probable class */
    double *annotation_quality;    /* NULL where the frame has no such metric */
    const char **neighbours_label; /* NULL where the frame has no such attribute */
    size_t count;
    uint64_t found; /* how many there are */
    label_quality *quality;
    joint_cell *noise; /* pairs of different classes, the largest P(truly | given) first */
    size_t noise_count;
    class_overlap *overlap; /* the largest share first */
    size_t overlap_count;
} found_labels;

/**
 * Label errors by confident learning. INPUT: no predictions are loaded, they have no probabilities,
 * or no chosen sample has both a label and valid probabilities; failures of choose_samples();
 * NOMEM. O(N · K).
 */
ASSAY_MUST_USE assay_code find_label_errors(const frame *f, const label_error_request *request,
                                            found_labels *out, assay_err *err);
void found_labels_clear(found_labels *found);
ASSAY_AUTO_CLEAR_DECLARE(found_labels)

#endif
