/* Products through CBLAS, with OpenBLAS held to the calling thread. */
#include "linear/product.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <pthread.h>

static pthread_once_t held = PTHREAD_ONCE_INIT;

/* Of OpenBLAS where it has threads: what it does itself before a process forks. */
extern int blas_thread_shutdown_(void) __attribute__((weak));

/* The threads that OpenBLAS starts when it is loaded would turn round and round beside ours for a
 * tenth of a second, and then sleep for ever. */
static void hold_to_one_thread(void)
{
    openblas_set_num_threads(1);
    if (blas_thread_shutdown_)
        blas_thread_shutdown_();
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

/* Which of the two are transposed, and whether the product is added to what is there. */
typedef struct product_kind {
    CBLAS_TRANSPOSE a, b;
    float beta;
} product_kind;

static void product(product_kind kind, const linear_matrix *a, const linear_matrix *b, float *c,
                    size_t c_stride)
{
    linear_hold_one_thread();
    const size_t m = kind.a == CblasNoTrans ? a->rows : a->columns;
    const size_t k = kind.a == CblasNoTrans ? a->columns : a->rows;
    const size_t n = kind.b == CblasNoTrans ? b->columns : b->rows;
    assert(k == (kind.b == CblasNoTrans ? b->rows : b->columns));
    if (m > 0 && n > 0)
        cblas_sgemm(CblasRowMajor, kind.a, kind.b, size_of(m), size_of(n), size_of(k), 1.0f, a->at,
                    size_of(a->stride), b->at, size_of(b->stride), kind.beta, c, size_of(c_stride));
}

void linear_product_nt(const linear_matrix *a, const linear_matrix *b, float *c, size_t c_stride)
{
    product((product_kind){CblasNoTrans, CblasTrans, 0.0f}, a, b, c, c_stride);
}

void linear_product_nn(const linear_matrix *a, const linear_matrix *b, float *c, size_t c_stride)
{
    product((product_kind){CblasNoTrans, CblasNoTrans, 0.0f}, a, b, c, c_stride);
}

void linear_product_tn(const linear_matrix *a, const linear_matrix *b, int add, float *c,
                       size_t c_stride)
{
    product((product_kind){CblasTrans, CblasNoTrans, add ? 1.0f : 0.0f}, a, b, c, c_stride);
}
