#ifndef PROJECT_NEIGHBOUR_MEASURES_H
#define PROJECT_NEIGHBOUR_MEASURES_H

#include "base/try.h"
#include "eval/neighbours.h"
#include "linear/kmeans.h"
#include "store/duck.h"

/* What a project's neighbours say of its samples, as metrics and attributes of the project. */

/** The vectors that the neighbours come from; a view. */
typedef struct sample_vectors {
    const float *at;
    size_t dimensions;
} sample_vectors;

/** The samples in groups of those that look alike, which their diversity comes from. */
typedef struct sample_clusters {
    uint32_t *of;     /* a sample's cluster */
    float *to_centre; /* its distance from that cluster's centre */
    size_t row_count, count;
} sample_clusters;

void sample_clusters_clear(sample_clusters *c);
ASSAY_AUTO_CLEAR_DECLARE(sample_clusters)

/** How many clusters a project of so many samples gets: as many as it has classes. IO, NOMEM. */
ASSAY_MUST_USE assay_code count_sample_clusters(const duck *d, size_t row_count, size_t *out,
                                                assay_err *err);

/** Find them, which takes long and needs no database. NOMEM. O(N · clusters · dimensions). */
ASSAY_MUST_USE assay_code find_sample_clusters(const sample_vectors *vectors, size_t row_count,
                                               const kmeans_options *options, sample_clusters *out,
                                               assay_err *err);

/** In the open transaction: uniqueness, embedding_outlier, diversity, and what labels have to do
 * with. IO, NOMEM. O(N·k). */
ASSAY_MUST_USE assay_code put_neighbour_measures(const duck *d, const neighbour_lists *lists,
                                                 const sample_clusters *clusters, assay_err *err);

/** In the open transaction: annotation_quality and neighbours_label only. */
ASSAY_MUST_USE assay_code put_label_measures(const duck *d, const neighbour_lists *lists,
                                             assay_err *err);

#endif
