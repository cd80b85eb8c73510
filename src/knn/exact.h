#ifndef KNN_EXACT_H
#define KNN_EXACT_H

#include "base/progress.h"
#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/* How many neighbours are kept of each sample. */
enum { NEIGHBOURS_KEPT = 50 };

/* In place of a neighbour where there are fewer others than asked for. */
#define NEIGHBOUR_NONE UINT32_MAX

/** Vectors of N samples, row-major float32. A row that holds a value that is not finite, or is all
 * zeros, has no direction: it has no neighbours and is nobody's. */
typedef struct knn_vectors {
    const float *at;
    size_t row_count, dimensions;
} knn_vectors;

/** The k nearest others of each row by cosine distance 1 - cos (in [0, 2]), nearest first, ties by
 * the lower index. NEIGHBOUR_NONE and NaN past the end. */
typedef struct knn_lists {
    uint32_t *index; /* row_count × k */
    float *distance; /* row_count × k */
    size_t row_count, k;
} knn_lists;

void knn_lists_clear(knn_lists *lists);

typedef struct knn_options {
    size_t k; /* 0: NEIGHBOURS_KEPT */
    int thread_count;
    const progress *progress; /* "comparing": pairs of blocks done and in all; may stop it */
} knn_options;

/**
 * Exact lists of all rows among each other: blocked products, both triangles from one. The same
 * bits at any thread count. Candidates are chosen by similarities in 32 bits of the rows at length
 * 1, a few more than k; those are measured anew in 64 bits, rounded to float and ordered by
 * (distance, index), so rows that are equal, or multiples by a power of two, are exactly 0 apart.
 * CANCELLED, NOMEM, LIMIT (more than ROWS_MOST rows). O(N²·D). knn/search.h has it in steps.
 */
ASSAY_MUST_USE assay_code knn_exact_all(const knn_vectors *v, const knn_options *options,
                                        knn_lists *out, assay_err *err);

/** The k nearest rows of one query (`dimensions` values), itself among them if it is a row; by the
 * same distances as above. A query without direction has none. NOMEM. O(N·D). */
ASSAY_MUST_USE assay_code knn_exact_one(const knn_vectors *v, const float *query, size_t k,
                                        uint32_t *index, float *distance, assay_err *err);

#endif
