/* Lloyd's rounds. Rows are assigned in fixed blocks; then each centre adds its rows up in row
 * order, so that nothing needs merging. */
#include "linear/kmeans.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Rows of a block, and centres that are compared with them at a time. */
enum { BLOCK_ROWS = 512, BLOCK_CENTRES = 1024, ROUNDS_DEFAULT = 25 };

typedef struct kmeans {
    const linear_matrix *rows;
    const kmeans_options *options;
    float *centre;     /* count × d */
    float *half;       /* count: half the squared length of each centre; 0 if spherical */
    uint32_t *cluster; /* n */
    float *dot;        /* n: with the own centre */
    uint32_t *member;  /* finite rows, by cluster, then by row */
    size_t *start;     /* count + 1 places in `member` */
    uint8_t *changed;  /* a block: whether a row changed its cluster */
    float *products;   /* BLOCK_ROWS × width, a worker */
    size_t width;      /* centres at a time */
    size_t finite;
    rng random;
} kmeans;

static void kmeans_clear(kmeans *k)
{
    mem_free(k->half);
    mem_free(k->cluster);
    mem_free(k->dot);
    mem_free(k->member);
    mem_free(k->start);
    mem_free(k->changed);
    mem_free(k->products);
}
ASSAY_AUTO_CLEAR_DECLARE(kmeans)

static size_t blocks_of(const kmeans *k)
{
    return (k->rows->rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

static const float *row_of(const kmeans *k, size_t row)
{
    return k->rows->at + row * k->rows->stride;
}

static bool is_finite(const float *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(row[i]))
            return false;
    }
    return true;
}

/* What was found so far for the rows of a block. */
typedef struct nearest_centres {
    float best[BLOCK_ROWS];
    uint32_t nearest[BLOCK_ROWS];
} nearest_centres;

/* Rows of a block are compared with centres [from, from + some.rows). */
static void compare_block(kmeans *k, const linear_matrix *block, const linear_matrix *some,
                          size_t from, float *products, nearest_centres *n)
{
    linear_product_nt(block, some, products, some->rows);
    for (size_t i = 0; i < block->rows; i++) {
        const float *product = products + i * some->rows;
        for (size_t c = 0; c < some->rows; c++) {
            const float score = product[c] - k->half[from + c];
            if (score > n->best[i]) {
                n->best[i] = score;
                n->nearest[i] = (uint32_t)(from + c);
            }
        }
    }
}

static int assign_block(void *context, size_t chunk, int worker)
{
    kmeans *k = context;
    const size_t d = k->rows->columns, count = k->options->count, first = chunk * BLOCK_ROWS;
    linear_matrix block = {row_of(k, first), k->rows->rows - first, d, k->rows->stride};
    if (block.rows > BLOCK_ROWS)
        block.rows = BLOCK_ROWS;
    nearest_centres n;
    for (size_t i = 0; i < block.rows; i++) {
        n.best[i] = -INFINITY;
        n.nearest[i] = 0;
    }
    float *products = k->products + (size_t)worker * BLOCK_ROWS * k->width;
    for (size_t from = 0; from < count; from += k->width) {
        const size_t width = count - from < k->width ? count - from : k->width;
        const linear_matrix some = {k->centre + from * d, width, d, d};
        compare_block(k, &block, &some, from, products, &n);
    }
    uint8_t changed = 0;
    for (size_t i = 0; i < block.rows; i++) {
        uint32_t *own = &k->cluster[first + i];
        if (*own == CLUSTER_NONE)
            continue;
        changed |= *own != n.nearest[i];
        *own = n.nearest[i];
        k->dot[first + i] = n.best[i] + k->half[n.nearest[i]];
    }
    k->changed[chunk] = changed;
    return progress_stopped(k->options->progress);
}

/* Members by cluster: a counting sort, so that they keep the order of rows. */
static void sort_members(kmeans *k)
{
    const size_t count = k->options->count;
    memset(k->start, 0, (count + 1) * sizeof *k->start);
    for (size_t i = 0; i < k->rows->rows; i++) {
        if (k->cluster[i] != CLUSTER_NONE)
            k->start[k->cluster[i] + 1]++;
    }
    for (size_t c = 0; c < count; c++)
        k->start[c + 1] += k->start[c];
    for (size_t i = 0; i < k->rows->rows; i++) {
        if (k->cluster[i] != CLUSTER_NONE)
            k->member[k->start[k->cluster[i]]++] = (uint32_t)i;
    }
    memmove(k->start + 1, k->start, count * sizeof *k->start);
    k->start[0] = 0;
}

/* The centre becomes its direction; one without any stays all zeros. */
static void scale_to_one(float *centre, size_t d)
{
    double squares = 0.0;
    for (size_t i = 0; i < d; i++)
        squares += (double)centre[i] * (double)centre[i];
    const double scale = squares > 1e-24 ? 1.0 / sqrt(squares) : 0.0;
    for (size_t i = 0; i < d; i++)
        centre[i] = (float)((double)centre[i] * scale);
}

static void add_times(const float *row, double weight, size_t n, double *sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * (double)row[i];
}

static int move_centre(void *context, size_t c, int worker)
{
    (void)worker;
    kmeans *k = context;
    const size_t d = k->rows->columns, from = k->start[c], to = k->start[c + 1];
    float *centre = k->centre + c * d;
    if (from == to)
        return 0;
    const bool spherical = k->options->spherical;
    /* In float64 a slice at a time, on the stack. */
    enum { SLICE = 256 };
    for (size_t at = 0; at < d; at += SLICE) {
        double sum[SLICE] = {0};
        const size_t width = d - at < SLICE ? d - at : SLICE;
        for (size_t m = from; m < to; m++) {
            const float *row = row_of(k, k->member[m]) + at;
            const double weight = spherical ? (double)k->dot[k->member[m]] : 1.0;
            add_times(row, weight, width, sum);
        }
        const double scale = spherical ? 1.0 : 1.0 / (double)(to - from);
        for (size_t i = 0; i < width; i++)
            centre[at + i] = (float)(sum[i] * scale);
    }
    return 0;
}

/* The n-th finite row. `member` lists them all. */
static void start_at_random(kmeans *k, size_t c)
{
    const size_t d = k->rows->columns;
    const uint32_t row = k->member[rng_below(&k->random, k->finite)];
    memcpy(k->centre + c * d, row_of(k, row), d * sizeof *k->centre);
}

static void finish_centres(kmeans *k)
{
    const size_t d = k->rows->columns;
    for (size_t c = 0; c < k->options->count; c++) {
        float *centre = k->centre + c * d;
        if (k->options->spherical) {
            scale_to_one(centre, d);
            continue;
        }
        double squares = 0.0;
        for (size_t i = 0; i < d; i++)
            squares += (double)centre[i] * (double)centre[i];
        k->half[c] = (float)(squares / 2.0);
    }
}

/* Different rows while there are any, in random order. */
static void choose_centres(kmeans *k)
{
    const size_t d = k->rows->columns;
    assert(k->finite > 0);
    for (size_t c = 0; c < k->options->count; c++) {
        if (c < k->finite) {
            const size_t other = c + rng_below(&k->random, k->finite - c);
            const uint32_t kept = k->member[c];
            k->member[c] = k->member[other];
            k->member[other] = kept;
        }
        memcpy(k->centre + c * d, row_of(k, k->member[c % k->finite]), d * sizeof *k->centre);
    }
    finish_centres(k);
}

static bool any_changed(const kmeans *k)
{
    for (size_t b = 0; b < blocks_of(k); b++) {
        if (k->changed[b])
            return true;
    }
    return false;
}

static assay_code run_rounds(kmeans *k, assay_err *err)
{
    const kmeans_options *o = k->options;
    const size_t rounds = o->rounds ? o->rounds : ROUNDS_DEFAULT;
    for (size_t round = 0; round < rounds; round++) {
        progress_show(o->progress, "clustering", round, rounds);
        if (threads_run(blocks_of(k), o->thread_count, assign_block, k))
            return assay_fail(err, ASSAY_E_CANCELLED, "clustering was interrupted");
        if (!o->spherical && round > 0 && !any_changed(k))
            return ASSAY_OK;
        sort_members(k);
        threads_run(o->count, o->thread_count, move_centre, k);
        for (size_t c = 0; c < o->count; c++) {
            if (k->start[c] == k->start[c + 1])
                start_at_random(k, c);
        }
        finish_centres(k);
    }
    if (threads_run(blocks_of(k), o->thread_count, assign_block, k))
        return assay_fail(err, ASSAY_E_CANCELLED, "clustering was interrupted");
    return ASSAY_OK;
}

static void measure_block(const kmeans *k, size_t chunk, float *distance)
{
    const size_t d = k->rows->columns, first = chunk * BLOCK_ROWS;
    for (size_t i = first; i < first + BLOCK_ROWS && i < k->rows->rows; i++) {
        if (k->cluster[i] == CLUSTER_NONE) {
            distance[i] = NAN;
            continue;
        }
        const float *row = row_of(k, i), *centre = k->centre + k->cluster[i] * d;
        double squares = 0.0;
        for (size_t j = 0; j < d; j++) {
            const double apart = (double)row[j] - (double)centre[j];
            squares += apart * apart;
        }
        distance[i] = (float)sqrt(squares);
    }
}

static assay_code begin(kmeans *k, assay_err *err)
{
    const size_t n = k->rows->rows, count = k->options->count;
    const size_t workers = k->options->thread_count > 1 ? (size_t)k->options->thread_count : 1;
    k->width = count < BLOCK_CENTRES ? count : BLOCK_CENTRES;
    k->half = mem_zalloc(count, sizeof *k->half);
    k->cluster = mem_zalloc(n, sizeof *k->cluster);
    k->dot = mem_zalloc(n, sizeof *k->dot);
    k->member = mem_alloc(n, sizeof *k->member);
    k->start = mem_alloc(count + 1, sizeof *k->start);
    k->changed = mem_zalloc(blocks_of(k), sizeof *k->changed);
    k->products = mem_alloc(workers * BLOCK_ROWS * k->width, sizeof *k->products);
    if (!k->half || !k->cluster || !k->dot || !k->member || !k->start || !k->changed ||
        !k->products)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu clusters of %zu rows", count,
                          n);
    for (size_t i = 0; i < n; i++) {
        if (is_finite(row_of(k, i), k->rows->columns))
            k->member[k->finite++] = (uint32_t)i;
        else
            k->cluster[i] = CLUSTER_NONE;
    }
    if (k->finite == 0)
        return assay_fail(err, ASSAY_E_INPUT, "none of %zu rows to cluster is finite", n);
    return ASSAY_OK;
}

assay_code kmeans_fit(const linear_matrix *rows, const kmeans_options *options, float *centre,
                      uint32_t *cluster, float *distance, assay_err *err)
{
    assert(options->count > 0 && rows->columns > 0 && rows->rows < UINT32_MAX);
    ASSAY_AUTO_CLEAR(kmeans) k = {.rows = rows, .options = options, .centre = centre};
    ASSAY_TRY(begin(&k, err));
    rng_init(&k.random, options->seed, 0);
    choose_centres(&k);
    ASSAY_TRY(run_rounds(&k, err));
    if (cluster)
        memcpy(cluster, k.cluster, rows->rows * sizeof *cluster);
    for (size_t b = 0; distance && b < blocks_of(&k); b++)
        measure_block(&k, b, distance);
    return ASSAY_OK;
}
