#ifndef EVAL_LABEL_QUALITY_H
#define EVAL_LABEL_QUALITY_H

#include "base/mem.h"
#include "frame/frame.h"

/** A pair of classes among the samples that are counted in the confident joint. */
typedef struct joint_cell {
    uint16_t given, truly; /* the label, and the class that the probabilities are confident of */
    uint32_t counted;      /* samples; at least 1 */
    uint32_t calibrated;   /* the same with rows that sum to the labels' counts; may be 0 */
    double noise;          /* P(truly | given), 0..1 */
    double joint;          /* share of all samples, 0..1 */
} joint_cell;

/**
 * How far the labels are to be trusted, from probabilities (confident learning). Arrays of `count`
 * are over the samples that take part: selected, with a label and a row of valid probabilities.
 * Immutable once made.
 */
typedef struct label_quality {
    size_t count;
    uint32_t *row;             /* frame row of each, ascending */
    double *self_confidence;   /* p of the label, 0 bad .. 1 good */
    double *normalised_margin; /* (p of the label - largest other + 1) / 2, 0 bad .. 1 good */
    uint16_t *suggested;       /* the most probable class, the lowest among equals */
    bool *issue;               /* the label is probably wrong */
    size_t issue_count;

    uint32_t class_count;
    double *threshold;  /* mean p of a class over the samples labelled so; NaN: there are none */
    uint32_t *labelled; /* samples labelled so */
    uint32_t *issues;   /* issues among them */

    joint_cell *cell; /* by given, then truly; only pairs that were counted */
    size_t cell_count;
    size_t counted; /* samples in the confident joint: the probabilities are confident of a class */
    double health;  /* estimated share of samples whose label is right; NaN without samples */
} label_quality;

/**
 * Confident learning (Northcutt, Jiang and Chuang 2021, the paper's rule) over the selected rows of
 * a frame with probabilities. A class is confident in a sample where its p is at least its
 * threshold - 1e-6; of several the largest p counts, the lower class among equals. The counts of a
 * label are scaled to how often the label occurs and rounded by largest remainder, ties to the
 * lower class. Issues: of each pair (k, j), j not k, as many samples labelled k as the pair has
 * calibrated, with the largest p_j - p_k (the earlier row among equals), without those whose
 * largest p is their label's.
 *
 * Same bits at any `thread_count`. NOMEM. Reads the matrix once whole, once for one number a row,
 * and once more for the classes that have any pair. O(N · K); holds about 60 bytes a sample.
 */
ASSAY_MUST_USE assay_code label_quality_new(const frame *f, const selection *selected,
                                            int thread_count, label_quality **out, assay_err *err);
void label_quality_free(label_quality *q);

/** What the issues are ordered by. */
typedef enum label_order { LABELS_BY_MARGIN, LABELS_BY_SELF_CONFIDENCE } label_order;

/** The issues as positions (not rows), worst first, equal ones by row; issue_count entries of room.
 * NOMEM. O(issues). */
ASSAY_MUST_USE assay_code label_quality_order(const label_quality *q, label_order by,
                                              uint32_t *position, assay_err *err);

/** Two classes that are taken for each other. */
typedef struct class_overlap {
    uint16_t first, second; /* first < second */
    double share;           /* of all samples: joint both ways */
} class_overlap;

/** Every pair of different classes with a share above 0, the largest first, then by class. `*out`
 * is the caller's to mem_free(). NOMEM. O(cells · log). */
ASSAY_MUST_USE assay_code label_quality_overlaps(const label_quality *q, class_overlap **out,
                                                 size_t *count, assay_err *err);

#endif
