/* Exact neighbours of all rows: products of blocks, each pair of blocks once, and the best of both
 * sides' rows picked out of the product while it is in the cache. */
#include "knn/search_parts.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "knn/ranked.h"
#include "linear/product.h"

#include <math.h>
#include <time.h>

enum { STOPPED = 1 };

static double now_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Its length squared; 0 where it has no direction. */
static double square_of(const knn_vectors *v, size_t row, const knn_loops *loops)
{
    const float *const at = v->at + row * v->dimensions;
    const double square = loops->dot(at, at, v->dimensions);
    return isfinite(square) ? square : 0.0;
}

static size_t directed_count(const knn_vectors *v, const knn_loops *loops)
{
    size_t count = 0;
    for (size_t i = 0; i < v->row_count; i++)
        count += square_of(v, i, loops) > 0.0;
    return count;
}

static void fill_unit(knn_search *s)
{
    const size_t width = s->vectors.dimensions;
    size_t n = 0;
    for (size_t i = 0; i < s->vectors.row_count; i++) {
        const double square = square_of(&s->vectors, i, s->loops);
        if (square <= 0.0)
            continue;
        const double scale = 1.0 / sqrt(square);
        const float *const from = s->vectors.at + i * width;
        float *const to = s->unit + n * width;
        for (size_t x = 0; x < width; x++)
            to[x] = (float)((double)from[x] * scale);
        s->square[n] = square;
        s->row[n++] = (uint32_t)i;
    }
    memset(s->unit + n * width, 0, (s->block_count * BLOCK - n) * width * sizeof *s->unit);
}

static bool take_workers(knn_search *s)
{
    s->workers = mem_zalloc((size_t)s->thread_count, sizeof *s->workers);
    if (!s->workers)
        return false;
    for (int i = 0; i < s->thread_count; i++) {
        s->workers[i].products = mem_alloc_large((size_t)STRIP * BLOCK, sizeof(float));
        if (!s->workers[i].products)
            return false;
    }
    return true;
}

static bool take_locks(knn_search *s)
{
    s->locks = mem_alloc(s->block_count, sizeof *s->locks);
    for (size_t i = 0; s->locks && i < s->block_count; i++)
        pthread_mutex_init(&s->locks[i].mutex, NULL);
    return s->locks;
}

static bool take_state(knn_search *s)
{
    const size_t done_bytes = (s->pair_count + 7) / 8 * 8;
    const size_t before = sizeof(search_header) + done_bytes;
    /* Bounded far below overflow by ROWS_MOST. */
    s->state_bytes = before + s->count * s->kept * sizeof(uint64_t);
    s->state = mem_zalloc(s->state_bytes, 1);
    if (!s->state)
        return false;
    s->done = s->state + sizeof(search_header);
    s->heaps = (uint64_t *)(void *)(s->state + before);
    return true;
}

static bool take_all(knn_search *s)
{
    s->row = mem_alloc(s->count, sizeof *s->row);
    s->unit = mem_alloc_large(s->block_count * BLOCK, s->vectors.dimensions * sizeof *s->unit);
    s->square = mem_alloc(s->count, sizeof *s->square);
    s->pending = mem_alloc(s->pair_count, sizeof *s->pending);
    return s->row && s->square && s->unit && s->pending && take_state(s) && take_locks(s) &&
           take_workers(s);
}

assay_code knn_search_new(const knn_vectors *v, const knn_options *options, knn_search **out,
                          assay_err *err)
{
    *out = NULL;
    if (v->row_count > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%zu rows of vectors; the limit is %llu",
                          v->row_count, (unsigned long long)ROWS_MOST);
    ASSAY_AUTO(knn_search) s = mem_zalloc(1, sizeof *s);
    if (!s)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for comparing vectors");
    s->vectors = *v;
    s->k = options->k ? options->k : NEIGHBOURS_KEPT;
    s->thread_count = options->thread_count < 1              ? 1
                      : options->thread_count > THREADS_MOST ? THREADS_MOST
                                                             : options->thread_count;
    s->progress = options->progress;
    s->loops = knn_loops_at(0);
    s->count = directed_count(v, s->loops);
    s->block_count = (s->count + BLOCK - 1) / BLOCK;
    s->pair_count = s->block_count * (s->block_count + 1) / 2;
    const size_t others = s->count > 1 ? s->count - 1 : 0;
    s->kept = others < s->k || others - s->k < NEIGHBOURS_SPARE ? others : s->k + NEIGHBOURS_SPARE;
    if (!take_all(s))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for comparing %zu vectors of %zu",
                          v->row_count, v->dimensions);
    fill_unit(s);
    *out = ASSAY_GIVE(s);
    return ASSAY_OK;
}

void knn_search_free(knn_search *s)
{
    if (!s)
        return;
    for (int i = 0; s->workers && i < s->thread_count; i++)
        mem_free(s->workers[i].products);
    for (size_t i = 0; s->locks && i < s->block_count; i++)
        pthread_mutex_destroy(&s->locks[i].mutex);
    mem_free(s->workers);
    mem_free(s->locks);
    mem_free(s->state);
    mem_free(s->pending);
    mem_free(s->unit);
    mem_free(s->row);
    mem_free(s->square);
    mem_free(s);
}

/* Pairs are numbered diagonal by diagonal, so that those at work at one time are of different
 * blocks. */
static void pair_blocks(const knn_search *s, size_t pair, size_t *from, size_t *to)
{
    size_t apart = 0;
    while (pair >= s->block_count - apart) {
        pair -= s->block_count - apart;
        apart++;
    }
    *from = pair;
    *to = pair + apart;
}

static uint64_t *heap_of(const knn_search *s, size_t row)
{
    return s->heaps + row * s->kept;
}

/* The products of row i with the rows from..from+n, and what those ask of a candidate. */
typedef struct product_row {
    size_t i, from, n;
    const float *values;
    float *bars;
} product_row;

/* Similarities to the heaps of both rows. */
static void pick_row(knn_search *s, uint32_t *hits, const product_row *p)
{
    uint64_t *const own = heap_of(s, p->i);
    const float bar = ranked_bar(own[0], (uint32_t)p->from);
    const size_t hit_count = s->loops->reach(p->values, p->bars, bar, p->n, hits);
    for (size_t h = 0; h < hit_count; h++) {
        const size_t x = hits[h];
        const uint64_t key = ranked_key(p->values[x], (uint32_t)(p->from + x));
        if (key > own[0])
            ranked_replace(own, s->kept, key);
        uint64_t *const other = heap_of(s, p->from + x);
        const uint64_t back = ranked_key(p->values[x], (uint32_t)p->i);
        if (back > other[0]) {
            ranked_replace(other, s->kept, back);
            p->bars[x] = ranked_similarity(other[0]);
        }
    }
}

static void pick_strip(knn_search *s, search_worker *w, size_t first, size_t end, size_t column,
                       size_t column_end)
{
    for (size_t j = column; j < column_end; j++)
        w->bars[j - column] = ranked_bar(heap_of(s, j)[0], (uint32_t)first);
    for (size_t i = first; i < end; i++) {
        /* Within a block, each pair of rows once. */
        const size_t skip = i >= column ? i + 1 - column : 0;
        if (column + skip >= column_end)
            continue;
        const product_row p = {i, column + skip, column_end - column - skip,
                               w->products + (i - first) * BLOCK + skip, w->bars + skip};
        pick_row(s, w->hits, &p);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void compare_blocks(knn_search *s, search_worker *w, size_t from, size_t to)
{
    const size_t width = s->vectors.dimensions;
    const linear_matrix columns = {s->unit + to * BLOCK * width, BLOCK, width, width};
    const size_t end = least((from + 1) * BLOCK, s->count);
    for (size_t i = from * BLOCK; i < end; i += STRIP) {
        const linear_matrix rows = {s->unit + i * width, STRIP, width, width};
        linear_product_nt(&rows, &columns, w->products, BLOCK);
        pthread_mutex_lock(&s->locks[from].mutex);
        if (to != from)
            pthread_mutex_lock(&s->locks[to].mutex);
        pick_strip(s, w, i, least(i + STRIP, end), to * BLOCK, least((to + 1) * BLOCK, s->count));
        if (to != from)
            pthread_mutex_unlock(&s->locks[to].mutex);
        pthread_mutex_unlock(&s->locks[from].mutex);
    }
}

static int compare_pair(void *context, size_t chunk, int worker)
{
    knn_search *const s = context;
    if (progress_stopped(s->progress))
        return STOPPED;
    const size_t pair = s->pending[chunk];
    size_t from, to;
    pair_blocks(s, pair, &from, &to);
    compare_blocks(s, &s->workers[worker], from, to);
    s->done[pair] = 1;
    const size_t now = atomic_fetch_add(&s->run_pairs, 1) + 1;
    if (worker == 0)
        progress_show(s->progress, "comparing", s->pair_count - s->pending_count + now,
                      s->pair_count);
    return 0;
}

assay_code knn_search_run(knn_search *s, size_t unit_limit, assay_err *err)
{
    s->pending_count = 0;
    for (size_t pair = 0; pair < s->pair_count; pair++) {
        if (!s->done[pair])
            s->pending[s->pending_count++] = pair;
    }
    /* With one row, or none, there is nothing to compare. */
    if (s->kept == 0) {
        memset(s->done, 1, s->pair_count);
        return ASSAY_OK;
    }
    const size_t count = unit_limit ? least(unit_limit, s->pending_count) : s->pending_count;
    const double begun = now_seconds();
    atomic_store(&s->run_pairs, 0);
    progress_show(s->progress, "comparing", s->pair_count - s->pending_count, s->pair_count);
    const int answer = threads_run(count, s->thread_count, compare_pair, s);
    s->ran_pairs += atomic_load(&s->run_pairs);
    s->ran_seconds += now_seconds() - begun;
    progress_show(s->progress, "comparing", knn_search_done(s), s->pair_count);
    if (answer == STOPPED)
        return assay_fail(err, ASSAY_E_CANCELLED,
                          "interrupted after comparing %zu of %zu pairs of blocks",
                          knn_search_done(s), s->pair_count);
    return ASSAY_OK;
}

size_t knn_search_done(const knn_search *s)
{
    size_t done = 0;
    for (size_t pair = 0; pair < s->pair_count; pair++)
        done += s->done[pair];
    return done;
}

size_t knn_search_total(const knn_search *s)
{
    return s->pair_count;
}

double knn_search_seconds_left(const knn_search *s)
{
    const size_t left = s->pair_count - knn_search_done(s);
    if (left == 0)
        return 0.0;
    if (s->ran_pairs == 0)
        return (double)NAN;
    return s->ran_seconds * (double)left / (double)s->ran_pairs;
}
