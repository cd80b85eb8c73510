#ifndef EVAL_NEIGHBOURS_H
#define EVAL_NEIGHBOURS_H

#include "base/try.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the nearest others of each sample say about it. docs/numerics.md defines every number. Each
 * output array has a number a sample, NaN where there is no answer. */

/** The k nearest others of each sample, nearest first: row_count × k. NO_NEIGHBOUR and NaN past the
 * end of a list. */
typedef struct neighbour_lists {
    const uint32_t *index;
    const float *distance; /* 1 - cos */
    size_t row_count, k;
} neighbour_lists;

#define NO_NEIGHBOUR UINT32_MAX

/* How many neighbours judge a label or an outlier. */
enum { NEIGHBOURS_ASKED = 10 };

/* Below this two embeddings are one picture. */
#define REPEAT_DISTANCE 1e-5F

/** Pixels of each sample, so that equal pictures are known for certain; NULL: not known. A hash of
 * 0 with a width of 0 is missing. */
typedef struct pixel_identity {
    const uint64_t *hash;
    const uint32_t *width, *height;
} pixel_identity;

/** What uniqueness could not know. */
typedef struct uniqueness_notes {
    size_t repeated; /* samples that repeat another and got 0 */
    size_t bounded;  /* all that is kept of its neighbours repeats it: its number is the least it
                        can be, half the last distance */
} uniqueness_notes;

/**
 * d/2 to the nearest other, in [0, 1]. Of samples that repeat each other (nearer than
 * REPEAT_DISTANCE, or equal in pixels; through any chain) the lowest index keeps its score to the
 * nearest outside the set, the others get 0. NOMEM. O(N·k).
 */
ASSAY_MUST_USE assay_code neighbours_uniqueness(const neighbour_lists *lists,
                                                const pixel_identity *pixels, double *uniqueness,
                                                uniqueness_notes *notes, assay_err *err);

/** What the labelled neighbours say about each label. */
typedef struct label_agreement {
    double *quality;    /* share of the 10 nearest labelled others that have the sample's label */
    double *closeness;  /* orders samples of equal share: mean similarity of the 10, negative for
                           other labels; lower is more suspect. In [-1, 1] */
    uint16_t *majority; /* the neighbours' label, also of samples without one; CLASS_MISSING */
} label_agreement;

/**
 * `label` has a code or CLASS_MISSING a sample. No answer anywhere
 * with fewer than 11 labelled samples, nor for a sample with fewer than 10 labelled among the
 * neighbours kept; of samples without a label only the majority. Majority: most of the 10, then the
 * larger sum of similarities, then the lower code. No allocation. O(N·k).
 */
void neighbours_annotation(const neighbour_lists *lists, const uint16_t *label,
                           const label_agreement *out);

/** Mean distance to the 10 nearest others (to all of them, where there are fewer). O(N). */
void neighbours_outlier(const neighbour_lists *lists, double *outlier);

/**
 * The place of each sample when the samples of each cluster, nearest to its centre first, are dealt
 * round robin, cluster by cluster: 0, 1, 2, … Ties by index. A sample whose distance is NaN has no
 * place. NOMEM. O(N).
 */
ASSAY_MUST_USE assay_code neighbours_diversity(const uint32_t *cluster, const float *to_centre,
                                               size_t row_count, size_t cluster_count, double *rank,
                                               assay_err *err);

#endif
