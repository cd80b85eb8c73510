/* Dense symmetric matrices in float64, through LAPACK. Its Fortran interface is declared here: no
 * header of it is needed, and only this file knows it. */
#include "linear/eigen.h"
#include "linear/product.h"

#include "base/mem.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

/* The lengths of the texts come last, as Fortran passes them. */
void dsyevd_(const char *job, const char *triangle, const int *n, double *a, const int *stride,
             double *value, double *work, const int *work_count, int *whole, const int *whole_count,
             int *info, size_t job_length, size_t triangle_length);
void dposv_(const char *triangle, const int *n, const int *columns, double *a, const int *stride,
            double *b, const int *b_stride, int *info, size_t triangle_length);

static void swap_rows(double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

/* An eigenvector and its opposite serve alike; the same one is always chosen. */
static void choose_sign(double *row, size_t n)
{
    size_t largest = 0;
    for (size_t i = 1; i < n; i++) {
        if (fabs(row[i]) > fabs(row[largest]))
            largest = i;
    }
    if (row[largest] < 0.0) {
        for (size_t i = 0; i < n; i++)
            row[i] = -row[i];
    }
}

assay_code linear_eigen(double *a, size_t n, double *value, assay_err *err)
{
    assert(n > 0 && n <= 16384);
    linear_hold_one_thread();
    const int size = (int)n, work_count = 1 + 6 * size + 2 * size * size;
    const int whole_count = 3 + 5 * size;
    ASSAY_AUTO_MEM double *work = mem_alloc((size_t)work_count, sizeof *work);
    ASSAY_AUTO_MEM int *whole = mem_alloc((size_t)whole_count, sizeof *whole);
    if (!work || !whole)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for eigenvectors of %zu×%zu", n, n);
    int info = 0;
    /* Fortran's columns are our rows. */
    dsyevd_("V", "L", &size, a, &size, value, work, &work_count, whole, &whole_count, &info, 1, 1);
    if (info != 0)
        return assay_fail(err, ASSAY_E_INTERNAL,
                          "the eigenvectors of a %zu×%zu matrix do not converge", n, n);
    for (size_t i = 0; i < n / 2; i++) {
        swap_rows(a + i * n, a + (n - 1 - i) * n, n);
        swap_rows(value + i, value + (n - 1 - i), 1);
    }
    for (size_t i = 0; i < n; i++)
        choose_sign(a + i * n, n);
    return ASSAY_OK;
}

assay_code linear_solve(double *g, size_t n, double ridge, double *b, size_t columns,
                        assay_err *err)
{
    assert(n <= INT_MAX && columns <= INT_MAX);
    if (n == 0 || columns == 0)
        return ASSAY_OK;
    linear_hold_one_thread();
    double trace = 0.0;
    for (size_t i = 0; i < n; i++)
        trace += g[i * n + i];
    const double least = 1e-10 * trace / (double)n + 1e-300;
    for (size_t i = 0; i < n; i++)
        g[i * n + i] += ridge + least;
    const int size = (int)n, sides = (int)columns;
    int info = 0;
    dposv_("L", &size, &sides, g, &size, b, &size, &info, 1);
    if (info != 0)
        return assay_fail(err, ASSAY_E_INTERNAL,
                          "a %zu×%zu matrix of products is not positive definite", n, n);
    return ASSAY_OK;
}
