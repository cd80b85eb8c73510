#ifndef LINEAR_KMEANS_H
#define LINEAR_KMEANS_H

#include "base/progress.h"
#include "base/try.h"
#include "linear/product.h"

#include <stddef.h>
#include <stdint.h>

/* In place of a cluster for a row that holds a value that is not finite. */
#define CLUSTER_NONE UINT32_MAX

typedef struct kmeans_options {
    size_t count;  /* clusters, 1 and up */
    int spherical; /* centres of length 1, nearest by dot product */
    size_t rounds; /* at most; 0: 25 */
    uint64_t seed;
    int thread_count;
    const progress *progress; /* "clustering": rounds; may stop it */
} kmeans_options;

/**
 * Seeded k-means. Both kinds start from random rows, and a cluster that nobody is nearest to starts
 * again from a random row; ties go to the lower cluster.
 *
 * Plain: a centre is the mean of its rows; ends when no row changes its cluster.
 * Spherical: a centre is the sum of its rows, each times its dot product with the old centre,
 * scaled to length 1. All rounds are run.
 *
 * rows      n×d. With fewer rows than clusters, some centres repeat
 * centre    count×d, written
 * cluster   n numbers below `count`, or CLUSTER_NONE; NULL: not wanted
 * distance  n Euclidean distances to the row's own centre, NaN for CLUSTER_NONE; NULL: not wanted
 *
 * The same bits at any thread count. INPUT: no row is finite; CANCELLED, NOMEM.
 * O(n·d·count) a round; n + 512·count values of memory a thread.
 */
ASSAY_MUST_USE assay_code kmeans_fit(const linear_matrix *rows, const kmeans_options *options,
                                     float *centre, uint32_t *cluster, float *distance,
                                     assay_err *err);

#endif
