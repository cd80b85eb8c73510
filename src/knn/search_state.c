/* A search that was stored, and what becomes of it in the end. */
#include "knn/search_parts.h"

#include "base/mem.h"
#include "base/threads.h"
#include "knn/cosine.h"
#include "knn/ranked.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const char magic[8] = {'a', 's', 's', 'a', 'y', 'k', 'n', '1'};

/* A 64-bit sum over n bytes in four lanes: against damage and mistakes, not against malice. */
static uint64_t sum_bytes(const void *at, size_t n, uint64_t seed)
{
    const uint64_t odd = 0x9E3779B97F4A7C15U;
    const unsigned char *const bytes = at;
    uint64_t lanes[4] = {seed, seed + odd, seed ^ odd, ~seed};
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, n - i < 8 ? n - i : 8);
        uint64_t *const lane = &lanes[i / 8 % 4];
        *lane = (*lane ^ word) * odd;
        *lane ^= *lane >> 29;
    }
    uint64_t sum = n;
    for (size_t i = 0; i < 4; i++) {
        sum = (sum ^ lanes[i]) * odd;
        sum ^= sum >> 32;
    }
    return sum;
}

static uint64_t sum_state(const unsigned char *state, size_t bytes)
{
    search_header h;
    memcpy(&h, state, sizeof h);
    h.checksum = 0;
    return sum_bytes(state + sizeof h, bytes - sizeof h, sum_bytes(&h, sizeof h, 1));
}

/* What the state must begin with to be of this search; the checksum left 0. */
static search_header header_of(const knn_search *s)
{
    search_header h = {.row_count = s->vectors.row_count,
                       .dimensions = s->vectors.dimensions,
                       .kept = s->kept,
                       .pair_count = s->pair_count};
    memcpy(h.magic, magic, sizeof magic);
    h.vectors = sum_bytes(s->row, s->count * sizeof *s->row, 2);
    h.vectors = sum_bytes(s->unit, s->count * s->vectors.dimensions * sizeof *s->unit, h.vectors);
    return h;
}

const void *knn_search_save(knn_search *s, size_t *bytes)
{
    search_header h = header_of(s);
    memcpy(s->state, &h, sizeof h);
    h.checksum = sum_state(s->state, s->state_bytes);
    memcpy(s->state, &h, sizeof h);
    *bytes = s->state_bytes;
    return s->state;
}

/* A state whose sum is right and whose content is not was made on purpose; it must do no harm. */
static bool content_is_sound(const knn_search *s, const unsigned char *at)
{
    const unsigned char *const done = at + sizeof(search_header);
    for (size_t i = 0; i < s->pair_count; i++) {
        if (done[i] > 1)
            return false;
    }
    const unsigned char *const heaps = at + ((unsigned char *)s->heaps - s->state);
    for (size_t i = 0; i < s->count * s->kept; i++) {
        uint64_t key;
        memcpy(&key, heaps + i * sizeof key, sizeof key);
        if (key && ranked_index(key) >= s->count)
            return false;
    }
    return true;
}

assay_code knn_search_restore(knn_search *s, const void *at, size_t bytes, assay_err *err)
{
    if (bytes != s->state_bytes)
        return assay_fail(err, ASSAY_E_INPUT,
                          "the stored search for neighbours has %zu bytes, this one takes %zu",
                          bytes, s->state_bytes);
    search_header h;
    memcpy(&h, at, sizeof h);
    const uint64_t checksum = h.checksum;
    h.checksum = 0;
    const search_header expected = header_of(s);
    if (memcmp(&h, &expected, sizeof h) != 0)
        return assay_fail(err, ASSAY_E_INPUT,
                          "the stored search for neighbours is of other vectors or another k");
    if (checksum != sum_state(at, bytes) || !content_is_sound(s, at))
        return assay_fail(err, ASSAY_E_INPUT, "the stored search for neighbours is damaged");
    memcpy(s->state, at, bytes);
    return ASSAY_OK;
}

void knn_lists_clear(knn_lists *lists)
{
    mem_free(lists->index);
    mem_free(lists->distance);
    *lists = (knn_lists){0};
}

/* Rows whose lists one piece of work finishes. */
enum { FINISH_ROWS = 256 };

typedef struct finishing {
    knn_search *search;
    knn_lists *lists;
} finishing;

/* The candidates of one row, which come as places among the rows that have a direction, measured
 * anew in 64 bits from the vectors as they were given. */
static void finish_row(const knn_search *s, size_t i, knn_lists *lists)
{
    const size_t width = s->vectors.dimensions, row = s->row[i];
    const float *const at = s->vectors.at;
    uint64_t *const keys = s->heaps + i * s->kept;
    for (size_t n = 0; n < s->kept; n++) {
        /* Empty only where a stored state was forged: too few neighbours, then. */
        if (!keys[n])
            continue;
        const size_t place = ranked_index(keys[n]);
        const uint32_t other = s->row[place];
        const double product = s->loops->dot(at + row * width, at + other * width, width);
        keys[n] = ranked_key(-cosine_distance(product, s->square[i], s->square[place]), other);
    }
    ranked_heapify(keys, s->kept);
    ranked_order(keys, s->kept);
    for (size_t n = 0; n < s->kept && n < s->k && keys[n]; n++) {
        lists->index[row * s->k + n] = ranked_index(keys[n]);
        lists->distance[row * s->k + n] = 0.0F - ranked_similarity(keys[n]);
    }
}

static int finish_chunk(void *context, size_t chunk, int worker)
{
    (void)worker;
    const finishing *const f = context;
    if (progress_stopped(f->search->progress))
        return 1;
    const size_t end = (chunk + 1) * FINISH_ROWS;
    for (size_t i = chunk * FINISH_ROWS; i < end && i < f->search->count; i++)
        finish_row(f->search, i, f->lists);
    return 0;
}

assay_code knn_search_lists(knn_search *s, knn_lists *out, assay_err *err)
{
    assert(knn_search_done(s) == s->pair_count);
    *out = (knn_lists){.row_count = s->vectors.row_count, .k = s->k};
    ASSAY_AUTO_MEM uint32_t *index = mem_alloc(out->row_count, s->k * sizeof *index);
    ASSAY_AUTO_MEM float *distance = mem_alloc(out->row_count, s->k * sizeof *distance);
    if (!index || !distance)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu neighbours of %zu vectors",
                          s->k, out->row_count);
    for (size_t i = 0; i < out->row_count * s->k; i++) {
        index[i] = NEIGHBOUR_NONE;
        distance[i] = NAN;
    }
    knn_lists lists = {index, distance, out->row_count, s->k};
    finishing f = {s, &lists};
    const size_t chunk_count = (s->count + FINISH_ROWS - 1) / FINISH_ROWS;
    if (threads_run(chunk_count, s->thread_count, finish_chunk, &f))
        return assay_fail(err, ASSAY_E_CANCELLED, "interrupted while ordering neighbours");
    *out = lists;
    index = NULL;
    distance = NULL;
    return ASSAY_OK;
}
