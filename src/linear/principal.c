/* Main directions of many rows. Every product is dealt out in fixed blocks of its result, so no
 * sums are merged and the bits do not depend on who computes what. */
#include "linear/principal.h"
#include "linear/eigen.h"
#include "linear/orthonormal.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Rows of a block of R·Q, and columns of a block of Rᵀ·Y and Yᵀ·Y. */
enum { BLOCK_ROWS = 512, BLOCK_COLUMNS = 128, GRAM_COLUMNS = 32 };
enum { EXTRA_DIRECTIONS = 32, ROUNDS = 4, DIRECTIONS_MOST = 512 + EXTRA_DIRECTIONS };

/* Directions whose variance is below this share of the largest are not divided by less. */
static const double variance_least = 1e-9;

typedef struct principal {
    const linear_matrix *rows;
    const principal_options *options;
    size_t count;    /* directions followed */
    float *q;        /* count × m: the directions */
    double *wide;    /* the same in float64 while they are made orthonormal */
    float *y;        /* n × count: the rows along them */
    double *gram;    /* count × count */
    float *products; /* GRAM_COLUMNS × count for each block of the gram matrix */
} principal;

static void principal_clear(principal *p)
{
    mem_free(p->q);
    mem_free(p->wide);
    mem_free(p->y);
    mem_free(p->gram);
    mem_free(p->products);
}
ASSAY_AUTO_CLEAR_DECLARE(principal)

static size_t blocks_of(size_t n, size_t block)
{
    return (n + block - 1) / block;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static linear_matrix some_rows(const linear_matrix *m, size_t from, size_t most)
{
    return (linear_matrix){.at = m->at + from * m->stride,
                           .rows = least(most, m->rows - from),
                           .columns = m->columns,
                           .stride = m->stride};
}

static linear_matrix some_columns(const linear_matrix *m, size_t from, size_t most)
{
    return (linear_matrix){.at = m->at + from,
                           .rows = m->rows,
                           .columns = least(most, m->columns - from),
                           .stride = m->stride};
}

static int project_rows(void *context, size_t chunk, int worker)
{
    (void)worker;
    principal *p = context;
    const size_t from = chunk * BLOCK_ROWS;
    const linear_matrix rows = some_rows(p->rows, from, BLOCK_ROWS);
    const linear_matrix q = {p->q, p->count, p->rows->columns, p->rows->columns};
    linear_product_nt(&rows, &q, p->y + from * p->count, p->count);
    return progress_stopped(p->options->progress);
}

/* Columns of Yᵀ·R: what becomes of each direction. */
static int pull_directions(void *context, size_t chunk, int worker)
{
    (void)worker;
    principal *p = context;
    const size_t from = chunk * BLOCK_COLUMNS;
    const linear_matrix rows = some_columns(p->rows, from, BLOCK_COLUMNS);
    const linear_matrix y = {p->y, p->rows->rows, p->count, p->count};
    linear_product_tn(&y, &rows, 0, p->q + from, p->rows->columns);
    return progress_stopped(p->options->progress);
}

static int add_gram(void *context, size_t chunk, int worker)
{
    (void)worker;
    principal *p = context;
    const size_t from = chunk * GRAM_COLUMNS;
    float *part = p->products + chunk * GRAM_COLUMNS * p->count;
    const linear_matrix y = {p->y, p->rows->rows, p->count, p->count};
    for (size_t row = 0; row < y.rows; row += BLOCK_ROWS) {
        const linear_matrix block = some_rows(&y, row, BLOCK_ROWS);
        const linear_matrix strip = some_columns(&block, from, GRAM_COLUMNS);
        linear_product_tn(&strip, &block, 0, part, p->count);
        double *gram = p->gram + from * p->count;
        for (size_t i = 0; i < strip.columns * p->count; i++)
            gram[i] += (double)part[i];
    }
    return 0;
}

static void widen(principal *p)
{
    for (size_t i = 0; i < p->count * p->rows->columns; i++)
        p->wide[i] = (double)p->q[i];
    linear_orthonormalise(p->wide, p->count, p->rows->columns);
    for (size_t i = 0; i < p->count * p->rows->columns; i++)
        p->q[i] = (float)p->wide[i];
}

static assay_code stopped(assay_err *err)
{
    return assay_fail(err, ASSAY_E_CANCELLED, "finding main directions was interrupted");
}

static assay_code find_subspace(principal *p, assay_err *err)
{
    const principal_options *o = p->options;
    rng r;
    rng_init(&r, o->seed, 0);
    for (size_t i = 0; i < p->count * p->rows->columns; i++)
        p->q[i] = (float)rng_normal(&r);
    widen(p);
    const size_t row_blocks = blocks_of(p->rows->rows, BLOCK_ROWS);
    const size_t column_blocks = blocks_of(p->rows->columns, BLOCK_COLUMNS);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        progress_show(o->progress, "finding main directions", round, ROUNDS + 1);
        if (threads_run(row_blocks, o->thread_count, project_rows, p) ||
            threads_run(column_blocks, o->thread_count, pull_directions, p))
            return stopped(err);
        widen(p);
    }
    progress_show(o->progress, "finding main directions", ROUNDS, ROUNDS + 1);
    if (threads_run(row_blocks, o->thread_count, project_rows, p))
        return stopped(err);
    threads_run(blocks_of(p->count, GRAM_COLUMNS), o->thread_count, add_gram, p);
    return ASSAY_OK;
}

/* projection = Q·v, each column divided by the fourth root of its variance. */
static assay_code half_whiten(principal *p, float *projection, assay_err *err)
{
    const size_t d = p->options->dimensions, m = p->rows->columns;
    double value[DIRECTIONS_MOST];
    for (size_t i = 0; i < p->count * p->count; i++)
        p->gram[i] /= (double)p->rows->rows;
    ASSAY_TRY(linear_eigen(p->gram, p->count, value, err));
    memset(projection, 0, m * d * sizeof *projection);
    ASSAY_AUTO_MEM double *direction = mem_alloc(m, sizeof *direction);
    if (!direction)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for main directions");
    for (size_t j = 0; j < least(d, p->count); j++) {
        if (!(value[0] > 0.0) || !(value[j] > 0.0))
            break;
        memset(direction, 0, m * sizeof *direction);
        for (size_t i = 0; i < p->count; i++) {
            const double share = p->gram[j * p->count + i];
            for (size_t k = 0; k < m; k++)
                direction[k] += share * (double)p->q[i * m + k];
        }
        const double scale = 1.0 / sqrt(sqrt(fmax(value[j], variance_least * value[0])));
        for (size_t k = 0; k < m; k++)
            projection[k * d + j] = (float)(direction[k] * scale);
    }
    return ASSAY_OK;
}

assay_code principal_directions(const linear_matrix *rows, const principal_options *options,
                                float *projection, assay_err *err)
{
    const size_t n = rows->rows, m = rows->columns;
    assert(n > 0 && m > 0 && options->dimensions > 0 &&
           options->dimensions + EXTRA_DIRECTIONS <= DIRECTIONS_MOST);
    ASSAY_AUTO_CLEAR(principal) p = {.rows = rows, .options = options};
    p.count = least(options->dimensions + EXTRA_DIRECTIONS, least(n, m));
    p.q = mem_alloc(p.count * m, sizeof *p.q);
    p.wide = mem_alloc(p.count * m, sizeof *p.wide);
    p.y = mem_alloc(n * p.count, sizeof *p.y);
    p.gram = mem_zalloc(p.count * p.count, sizeof *p.gram);
    p.products =
        mem_alloc(blocks_of(p.count, GRAM_COLUMNS) * GRAM_COLUMNS * p.count, sizeof *p.products);
    if (!p.q || !p.wide || !p.y || !p.gram || !p.products)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for main directions of %zu×%zu values",
                          n, m);
    ASSAY_TRY(find_subspace(&p, err));
    return half_whiten(&p, projection, err);
}
