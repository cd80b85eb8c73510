#ifndef LINEAR_EIGEN_H
#define LINEAR_EIGEN_H

#include "base/try.h"

#include <stddef.h>

/**
 * Eigenvalues and eigenvectors of a symmetric n×n matrix, by LAPACK's divide and conquer on the
 * calling thread.
 *
 * a       n×n, row-major, finite; only one triangle is read. Row j becomes the eigenvector of
 *         value[j], of length 1; its entry of largest absolute value (the first of equals) is
 *         positive.
 * value   n numbers, largest first
 *
 * NOMEM; INTERNAL: no convergence, which finite numbers do not show in practice. O(n³).
 */
ASSAY_MUST_USE assay_code linear_eigen(double *a, size_t n, double *value, assay_err *err);

/**
 * Solve (G + ridge·I) X = B for a symmetric G that is positive semi-definite, by Cholesky.
 *
 * g       n×n, finite; overwritten
 * b       row-major `columns`×n: one right side a row; overwritten by the solutions
 *
 * The diagonal is raised by what is too small to divide by (1e-10 of its mean), so that a singular
 * G has an answer. INTERNAL: not positive definite. O(n³ + n²·columns).
 */
ASSAY_MUST_USE assay_code linear_solve(double *g, size_t n, double ridge, double *b, size_t columns,
                                       assay_err *err);

#endif
