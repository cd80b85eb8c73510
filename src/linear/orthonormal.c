/* Gram-Schmidt through matrix by vector products. */
#include "linear/orthonormal.h"
#include "linear/product.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static double length_of(const double *row, size_t length)
{
    return cblas_dnrm2((blasint)length, row, 1);
}

enum { ROWS_MOST_AT_ONCE = 1024 };

/* row -= its part along the `count` rows before it. */
static void clear_of(double *row, const double *before, size_t count, size_t length)
{
    double along[ROWS_MOST_AT_ONCE];
    const blasint m = (blasint)count, n = (blasint)length;
    cblas_dgemv(CblasRowMajor, CblasNoTrans, m, n, 1.0, before, n, row, 1, 0.0, along, 1);
    cblas_dgemv(CblasRowMajor, CblasTrans, m, n, -1.0, before, n, along, 1, 1.0, row, 1);
}

size_t linear_orthonormalise(double *rows, size_t count, size_t length)
{
    assert(count <= ROWS_MOST_AT_ONCE && length <= INT_MAX);
    linear_hold_one_thread();
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        double *row = rows + i * length;
        const double whole = length_of(row, length);
        for (int pass = 0; pass < 2 && i > 0; pass++)
            clear_of(row, rows, i, length);
        const double rest = length_of(row, length);
        if (!(rest > 1e-6 * whole)) {
            memset(row, 0, length * sizeof *row);
            continue;
        }
        for (size_t k = 0; k < length; k++)
            row[k] /= rest;
        left++;
    }
    return left;
}
