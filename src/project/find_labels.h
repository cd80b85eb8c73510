#ifndef PROJECT_FIND_LABELS_H
#define PROJECT_FIND_LABELS_H

#include "base/progress.h"
#include "eval/label_quality.h"
#include "project/described.h"
#include "store/project_folder.h"

/** What labels are judged by. */
typedef enum label_basis {
    LABELS_FROM_EITHER, /* probabilities where the frame has them, else the embedding */
    LABELS_FROM_PROBABILITIES,
    LABELS_FROM_EMBEDDING
} label_basis;

/** Which labels to doubt. Texts are borrowed; zero: default. */
typedef struct label_error_request {
    metrics_request samples; /* its metrics don't matter */
    size_t top;              /* list only so many; 0: all */
    label_basis from;
    label_order order;     /* of what probabilities contradict */
    const char *project;   /* the folder, for its embedding; NULL: there is none */
    const char *embedding; /* NULL: the default one */
    database_moment moment;
    uint64_t seed; /* by embedding: deals the samples into folds */
    const progress *progress;
} label_error_request;

/**
 * Suspect labels, the worst first. By probabilities, those that confident learning takes for
 * wrong, and what is estimated of all labels; by embedding, those that both the neighbours and a
 * cross-fitted classifier contradict (project/rank_labels.h), of which nothing is estimated. Names
 * are borrowed from the frame, which must outlive this.
 */
typedef struct found_labels {
    const frame *frame;
    label_basis basis; /* what they were judged by: never LABELS_FROM_EITHER */
    label_order order; /* by probabilities */
    char *embedding;   /* its name; NULL by probabilities */
    bool own_vectors;  /* of that embedding, brought by a user */

    uint32_t *row;              /* count entries, and so the columns */
    double *score;              /* what they are ordered by: by probabilities normalised margin or
                                   self-confidence, 0 worst; by embedding the sum of ranks, 1 worst */
    double *self_confidence;    /* NaN without probabilities */
    double *normalised_margin;  /* NaN without probabilities */
    double *fitted_margin;      /* of the cross-fitted classifier; NULL by probabilities */
    const char **suggested;     /* the most probable class, or the classifier's */
    double *annotation_quality; /* NULL where it is not known of any sample */
    const char **neighbours_label; /* NULL where it is not known of any sample */
    size_t count;
    uint64_t found;  /* how many there are */
    uint64_t judged; /* labels that could be judged */

    label_quality *quality; /* NULL by embedding, and so nothing below */
    joint_cell *noise;      /* pairs of different classes, the largest P(truly | given) first */
    size_t noise_count;
    class_overlap *overlap; /* the largest share first */
    size_t overlap_count;
} found_labels;

/**
 * Look for label errors. INPUT: there is nothing to judge by (the message says which commands bring
 * it), or no chosen sample has a label that can be judged; USAGE: no embedding of that name, or no
 * model is chosen of several; failures of choose_samples(), open_embedding() and rank_labels().
 * O(N · K), or as rank_labels().
 */
ASSAY_MUST_USE assay_code find_label_errors(const frame *f, const label_error_request *request,
                                            found_labels *out, assay_err *err);
void found_labels_clear(found_labels *found);
ASSAY_AUTO_CLEAR_DECLARE(found_labels)

#endif
