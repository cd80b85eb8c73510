/* Confident learning: what each row of probabilities says of its label. Counting pairs and choosing
 * issues have their own files. */
#include "eval/label_quality.h"

#include "base/threads.h"
#include "eval/label_quality_parts.h"
#include "stats/compensated.h"
#include "stats/sort.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { CHUNK_VALUES = 1 << 15, CHUNK_ROWS = 4096, LANES = 8 };

/* How far below its threshold a class still counts: float32 probabilities that are all equal must
 * reach their own mean. */
#define THRESHOLD_SLACK 1e-6

ASSAY_AUTO_DECLARE(label_quality)

typedef struct reading {
    quality_work work;
    const double *bar; /* threshold less its slack; infinite where a class has none */
    double *room;      /* a chunk of probabilities for each worker */
    size_t chunk_rows;
} reading;

static size_t count_rows(const frame *f, const selection *selected)
{
    size_t count = 0;
    for (size_t row = 0; row < f->row_count; row++)
        count += selection_has(selected, row) && f->label[row] != CLASS_MISSING;
    return count;
}

/* Rows that take part, with the p of their label. A faulty row reads NaN. */
static void gather_rows(const frame *f, const selection *selected, label_quality *q)
{
    for (size_t row = 0; row < f->row_count; row++) {
        if (!selection_has(selected, row) || f->label[row] == CLASS_MISSING)
            continue;
        double own;
        probabilities_columns_f64(f->probability, row, 1, f->label[row], 1, &own);
        if (isnan(own))
            continue;
        q->row[q->count] = (uint32_t)row;
        q->self_confidence[q->count++] = own;
    }
}

/* Means in row order with compensated sums, so that the bits hang on nothing else. */
static assay_code average(const frame *f, label_quality *q, assay_err *err)
{
    ASSAY_AUTO_MEM double *lost = mem_zalloc(q->class_count, sizeof *lost);
    if (!lost)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u classes", q->class_count);
    for (size_t i = 0; i < q->count; i++) {
        const uint16_t k = f->label[q->row[i]];
        compensated_add(&q->threshold[k], &lost[k], q->self_confidence[i]);
        q->labelled[k]++;
    }
    for (uint32_t k = 0; k < q->class_count; k++) {
        const double n = q->labelled[k];
        q->threshold[k] = n > 0.0 ? (q->threshold[k] + lost[k]) / n : (double)NAN;
    }
    return ASSAY_OK;
}

static double largest_of(const double *lane)
{
    double most = lane[0];
    for (size_t j = 1; j < LANES; j++)
        most = lane[j] > most ? lane[j] : most;
    return most;
}

static double largest(const double *p, size_t count)
{
    double lane[LANES];
    size_t k = 0;
    for (size_t j = 0; j < LANES; j++)
        lane[j] = -1.0;
    for (; k + LANES <= count; k += LANES)
        for (size_t j = 0; j < LANES; j++)
            lane[j] = p[k + j] > lane[j] ? p[k + j] : lane[j];
    for (; k < count; k++)
        lane[0] = p[k] > lane[0] ? p[k] : lane[0];
    return largest_of(lane);
}

/* The largest p that reaches its bar, -1 where none does. */
static double largest_above(const double *p, const double *bar, size_t count)
{
    double lane[LANES];
    size_t k = 0;
    for (size_t j = 0; j < LANES; j++)
        lane[j] = -1.0;
    for (; k + LANES <= count; k += LANES)
        for (size_t j = 0; j < LANES; j++) {
            const double x = p[k + j] >= bar[k + j] ? p[k + j] : -1.0;
            lane[j] = x > lane[j] ? x : lane[j];
        }
    for (; k < count; k++)
        lane[0] = p[k] >= bar[k] && p[k] > lane[0] ? p[k] : lane[0];
    return largest_of(lane);
}

static uint16_t confident_class(const double *p, const double *bar, size_t count)
{
    const double most = largest_above(p, bar, count);
    for (size_t k = 0; k < count; k++) {
        if (p[k] == most && p[k] >= bar[k])
            return (uint16_t)k;
    }
    return CLASS_MISSING;
}

static void judge_row(const reading *r, double *p, size_t i)
{
    label_quality *q = r->work.q;
    const uint16_t label = quality_label(&r->work, i);
    r->work.confident[i] = confident_class(p, r->bar, q->class_count);
    const double own = p[label];
    p[label] = -1.0;
    double other = largest(p, q->class_count);
    p[label] = own;
    other = other > 0.0 ? other : 0.0; /* rounding, or a single class */
    q->normalised_margin[i] = fmin(1.0, fmax(0.0, (own - other + 1.0) / 2.0));
    const double most = own > other ? own : other;
    size_t first = 0;
    while (first < q->class_count && p[first] != most)
        first++;
    q->suggested[i] = first < q->class_count ? (uint16_t)first : label;
}

static int judge_chunk(void *context, size_t number, int worker)
{
    const reading *r = context;
    const label_quality *q = r->work.q;
    const size_t begin = number * r->chunk_rows, left = q->count - begin;
    const size_t count = left < r->chunk_rows ? left : r->chunk_rows;
    double *room = r->room + (size_t)worker * r->chunk_rows * q->class_count;
    probabilities_gather(r->work.f->probability, q->row + begin, 0, count, room);
    for (size_t i = 0; i < count; i++)
        judge_row(r, room + i * q->class_count, begin + i);
    return 0;
}

static assay_code judge(const quality_work *w, assay_err *err)
{
    const label_quality *q = w->q;
    const size_t fitting = CHUNK_VALUES / q->class_count;
    reading r = {.work = *w};
    r.chunk_rows = fitting < 1 ? 1 : fitting < CHUNK_ROWS ? fitting : CHUNK_ROWS;
    ASSAY_AUTO_MEM double *bar = mem_alloc(q->class_count, sizeof *bar);
    ASSAY_AUTO_MEM double *room =
        mem_alloc((size_t)w->thread_count * r.chunk_rows * q->class_count, sizeof *room);
    if (!bar || !room)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for rows of %u classes",
                          q->class_count);
    for (uint32_t k = 0; k < q->class_count; k++)
        bar[k] = q->labelled[k] ? q->threshold[k] - THRESHOLD_SLACK : (double)INFINITY;
    r.bar = bar;
    r.room = room;
    const size_t chunk_count = (q->count + r.chunk_rows - 1) / r.chunk_rows;
    (void)threads_run(chunk_count, w->thread_count, judge_chunk, &r);
    return ASSAY_OK;
}

static assay_code make_room(label_quality *q, size_t rows, uint32_t classes, assay_err *err)
{
    q->class_count = classes;
    q->row = mem_alloc(rows, sizeof *q->row);
    q->self_confidence = mem_alloc(rows, sizeof *q->self_confidence);
    q->normalised_margin = mem_alloc(rows, sizeof *q->normalised_margin);
    q->suggested = mem_alloc(rows, sizeof *q->suggested);
    q->issue = mem_zalloc(rows, sizeof *q->issue);
    q->threshold = mem_zalloc(classes, sizeof *q->threshold);
    q->labelled = mem_zalloc(classes, sizeof *q->labelled);
    q->issues = mem_zalloc(classes, sizeof *q->issues);
    if (!q->row || !q->self_confidence || !q->normalised_margin || !q->suggested || !q->issue ||
        !q->threshold || !q->labelled || !q->issues)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the labels of %zu samples", rows);
    return ASSAY_OK;
}

assay_code label_quality_new(const frame *f, const selection *selected, int thread_count,
                             label_quality **out, assay_err *err)
{
    assert(f->probability && thread_count >= 1 && selected->row_count == f->row_count);
    assert(f->probability->values.column_count == f->classes.count);
    *out = NULL;
    ASSAY_AUTO(label_quality) q = mem_zalloc(1, sizeof *q);
    if (!q)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the labels' quality");
    const size_t rows = count_rows(f, selected);
    ASSAY_TRY(make_room(q, rows, f->classes.count, err));
    ASSAY_AUTO_MEM uint16_t *confident = mem_alloc(rows, sizeof *confident);
    if (!confident)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the labels of %zu samples", rows);
    const quality_work w = {.f = f, .q = q, .confident = confident, .thread_count = thread_count};
    gather_rows(f, selected, q);
    ASSAY_TRY(average(f, q, err));
    ASSAY_TRY(judge(&w, err));
    ASSAY_TRY(label_joint(&w, err));
    ASSAY_TRY(label_issues(&w, err));
    *out = ASSAY_GIVE(q);
    return ASSAY_OK;
}

void label_quality_free(label_quality *q)
{
    if (!q)
        return;
    mem_free(q->row);
    mem_free(q->self_confidence);
    mem_free(q->normalised_margin);
    mem_free(q->suggested);
    mem_free(q->issue);
    mem_free(q->threshold);
    mem_free(q->labelled);
    mem_free(q->issues);
    mem_free(q->cell);
    mem_free(q);
}

assay_code label_quality_order(const label_quality *q, label_order by, uint32_t *position,
                               assay_err *err)
{
    const double *score = by == LABELS_BY_MARGIN ? q->normalised_margin : q->self_confidence;
    const size_t n = q->issue_count;
    ASSAY_AUTO_MEM uint64_t *key = mem_alloc(n, sizeof *key);
    ASSAY_AUTO_MEM uint64_t *key_scratch = mem_alloc(n, sizeof *key_scratch);
    ASSAY_AUTO_MEM uint32_t *scratch = mem_alloc(n, sizeof *scratch);
    if (!key || !key_scratch || !scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu label issues", n);
    size_t at = 0;
    for (size_t i = 0; i < q->count; i++) {
        if (!q->issue[i])
            continue;
        key[at] = sort_key_f64(score[i]);
        position[at++] = (uint32_t)i;
    }
    sort_keys_f64(key, position, key_scratch, scratch, n);
    return ASSAY_OK;
}
