#ifndef LINEAR_ORTHONORMAL_H
#define LINEAR_ORTHONORMAL_H

#include <stddef.h>

/**
 * Make `count` rows of `length` values orthonormal, in order (Gram-Schmidt, each row cleared of the
 * earlier ones twice, in float64). A row that lies among the earlier ones (below 1e-6 of its
 * length) becomes zeros: the rows then span less. Returns how many are left. O(count²·length).
 */
size_t linear_orthonormalise(double *rows, size_t count, size_t length);

#endif
