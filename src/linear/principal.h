#ifndef LINEAR_PRINCIPAL_H
#define LINEAR_PRINCIPAL_H

#include "base/progress.h"
#include "base/try.h"
#include "linear/product.h"

#include <stddef.h>
#include <stdint.h>

typedef struct principal_options {
    size_t dimensions; /* d, 1 and up; at most 512 */
    uint64_t seed;
    int thread_count;
    const progress *progress; /* "finding main directions": rounds; may stop it */
} principal_options;

/**
 * The d main directions of rows that are centred already, by randomised subspace iteration
 * (d + 32 seeded Gaussian directions, four rounds), half-whitened: each direction is divided by the
 * fourth root of its variance, so that strong ones count more than weak ones, but less than by
 * themselves.
 *
 * rows       n×m, finite
 * projection m×d, row-major: a row times it is the description. Directions that the rows do not
 *            have (fewer rows than directions, equal rows) are zeros.
 *
 * The same bits at any thread count. CANCELLED, NOMEM. O(n·m·d).
 */
ASSAY_MUST_USE assay_code principal_directions(const linear_matrix *rows,
                                               const principal_options *options, float *projection,
                                               assay_err *err);

#endif
