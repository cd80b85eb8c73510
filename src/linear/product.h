#ifndef LINEAR_PRODUCT_H
#define LINEAR_PRODUCT_H

#include <stddef.h>

/* Matrix products of row-major floats, on the calling thread alone: BLAS never starts threads of
 * its own, so that the bits do not depend on how many there are. Whoever wants speed gives each
 * thread fixed blocks. Equality across kinds of processor is not promised. */

/** Hold BLAS and LAPACK to the calling thread, once a process, and end the threads that were
 * started for it; every function of this room begins with it, and so does a program that is in a
 * hurry. */
void linear_hold_one_thread(void);

/** A matrix view: rows of `columns` values, `stride` values apart. */
typedef struct linear_matrix {
    const float *at;
    size_t rows, columns, stride;
} linear_matrix;

/** c = a · bᵀ: (m×k) by (n×k) gives m×n, rows `c_stride` apart. O(m·n·k). */
void linear_product_nt(const linear_matrix *a, const linear_matrix *b, float *c, size_t c_stride);

/** c = a · b: (m×k) by (k×n). */
void linear_product_nn(const linear_matrix *a, const linear_matrix *b, float *c, size_t c_stride);

/** c = aᵀ · b: (k×m) by (k×n); with `add` it is added to c. */
void linear_product_tn(const linear_matrix *a, const linear_matrix *b, int add, float *c,
                       size_t c_stride);

#endif
