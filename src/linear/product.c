/* Products through CBLAS, with OpenBLAS held to the calling thread. */
#include "linear/product.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <pthread.h>

static pthread_once_t held = PTHREAD_ONCE_INIT;

static void hold_to_one_thread(void)
{
    openblas_set_num_threads(1);
}

void linear_hold_one_thread(void)
{
    pthread_once(&held, hold_to_one_thread);
}

static blasint size_of(size_t n)
{
    assert(n <= INT_MAX);
    return (blasint)n;
}

static void product(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, const linear_matrix *a,
                    const linear_matrix *b, float beta, float *c, size_t c_stride)
{
    linear_hold_one_thread();
    const size_t m = ta == CblasNoTrans ? a->rows : a->columns;
    const size_t k = ta == CblasNoTrans ? a->columns : a->rows;
    const size_t n = tb == CblasNoTrans ? b->columns : b->rows;
    assert(k == (tb == CblasNoTrans ? b->rows : b->columns));
    if (m > 0 && n > 0)
        cblas_sgemm(CblasRowMajor, ta, tb, size_of(m), size_of(n), size_of(k), 1.0f, a->at,
                    size_of(a->stride), b->at, size_of(b->stride), beta, c, size_of(c_stride));
}

void linear_product_nt(const linear_matrix *a, const linear_matrix *b, float *c, size_t c_stride)
{
    product(CblasNoTrans, CblasTrans, a, b, 0.0f, c, c_stride);
}

void linear_product_nn(const linear_matrix *a, const linear_matrix *b, float *c, size_t c_stride)
{
    product(CblasNoTrans, CblasNoTrans, a, b, 0.0f, c, c_stride);
}

void linear_product_tn(const linear_matrix *a, const linear_matrix *b, int add, float *c,
                       size_t c_stride)
{
    product(CblasTrans, CblasNoTrans, a, b, add ? 1.0f : 0.0f, c, c_stride);
}
