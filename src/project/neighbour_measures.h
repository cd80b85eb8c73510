#ifndef PROJECT_NEIGHBOUR_MEASURES_H
#define PROJECT_NEIGHBOUR_MEASURES_H

#include "eval/neighbours.h"
#include "store/duck.h"

/* What a project's neighbours say of its samples, as metrics and attributes of the project. */

/** The vectors that the neighbours come from; a view. */
typedef struct sample_vectors {
    const float *at;
    size_t dimensions;
} sample_vectors;

/** In the open transaction: uniqueness, embedding_outlier, diversity, and what labels have to do
 * with. IO, NOMEM. O(N·k), and the clustering. */
ASSAY_MUST_USE assay_code put_neighbour_measures(const duck *d, const neighbour_lists *lists,
                                                 const sample_vectors *vectors, int thread_count,
                                                 uint64_t seed, assay_err *err);

/** In the open transaction: annotation_quality and neighbours_label only. */
ASSAY_MUST_USE assay_code put_label_measures(const duck *d, const neighbour_lists *lists,
                                             assay_err *err);

#endif
