/* The samples in the order of a metric, with their outcomes, and the runs of equal values. */
#include "eval/ordered_metric.h"

#include "base/threads.h"
#include "stats/sort.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static assay_code no_memory(assay_err *err, const samples *s)
{
    assay_fail(err, ASSAY_E_NOMEM, "out of memory for a metric of %zu samples", s->count);
    return ASSAY_E_NOMEM;
}

assay_code ordered_metric_init(ordered_metric *o, const samples *s, assay_err *err)
{
    ordered_metric made = {
        .key = mem_alloc_large(s->count, sizeof *made.key),
        .tag =
            mem_alloc_large(s->count + 1, sizeof *made.tag), /* one is written before it is kept */
        .key_spare = mem_alloc_large(s->count, sizeof *made.key_spare),
        .tag_spare = mem_alloc_large(s->count, sizeof *made.tag_spare),
    };
    bool whole = made.key && made.tag && made.key_spare && made.tag_spare;
    const size_t groups = s->groups.group_count;
    if (whole && s->groups.group) {
        made.group = mem_alloc(s->count, sizeof *made.group);
        made.number = mem_alloc(groups, sizeof *made.number);
        made.psi = mem_alloc(s->count, sizeof *made.psi);
        made.sum = mem_alloc(groups, sizeof *made.sum);
        whole = made.group && made.number && made.psi && made.sum;
        if (whole)
            memset(made.number, 0xFF, groups * sizeof *made.number);
    }
    if (!whole) {
        ordered_metric_clear(&made);
        *o = made;
        return no_memory(err, s);
    }
    *o = made;
    return ASSAY_OK;
}

void ordered_metric_clear(ordered_metric *o)
{
    mem_free(o->key);
    mem_free(o->tag);
    mem_free(o->key_spare);
    mem_free(o->tag_spare);
    mem_free(o->group);
    mem_free(o->number);
    mem_free(o->psi);
    mem_free(o->sum);
    *o = (ordered_metric){0};
}

static bool is_asked_for(const samples *s, size_t i, class_question q)
{
    return (q.what == PERFORMANCE_RECALL ? s->label : s->prediction)[i] == q.class_code;
}

enum { PARTS_MOST = 16, PART_LEAST = 1 << 16 };

/* Samples are looked at by several threads, each a part of them; where a part's first one goes is
 * known once all are counted. */
typedef struct filling {
    ordered_metric *into;
    const samples *s;
    const double *value;
    const class_question *only;
    size_t part_count;
    size_t next[PARTS_MOST];
} filling;

static size_t part_begin(const filling *f, size_t part)
{
    return threads_part_begin(f->s->count, part, f->part_count);
}

static inline bool is_wanted(const filling *f, size_t i)
{
    return !isnan(f->value[samples_row(f->s, i)]) && (!f->only || is_asked_for(f->s, i, *f->only));
}

static int count_part(void *context, size_t part, int worker)
{
    (void)worker;
    filling *f = context;
    size_t count = 0;
    const size_t end = part_begin(f, part + 1);
    for (size_t i = part_begin(f, part); i < end; i++)
        count += is_wanted(f, i);
    f->next[part] = count;
    return 0;
}

static int fill_part(void *context, size_t part, int worker)
{
    (void)worker;
    const filling *f = context;
    const samples *const s = f->s;
    size_t at = f->next[part];
    const size_t end = part_begin(f, part + 1);
    for (size_t i = part_begin(f, part); i < end; i++) {
        if (!is_wanted(f, i))
            continue;
        f->into->key[at] = sort_key_f64(f->value[samples_row(s, i)]);
        f->into->tag[at++] = (uint32_t)i << 1 | (uint32_t)(s->label[i] == s->prediction[i]);
    }
    return 0;
}

/* The runs of a part of the samples; where its first one goes is known once all are counted. A run
 * belongs to the part in which it ends. */
typedef struct run_finding {
    const ordered_metric *of;
    ordered_run *run;
    size_t part_count;
    ordered_run before[PARTS_MOST]; /* `end` counts runs here */
} run_finding;

static inline bool ends_run(const ordered_metric *o, size_t i)
{
    return i + 1 == o->count || o->key[i + 1] != o->key[i];
}

static int count_runs(void *context, size_t part, int worker)
{
    (void)worker;
    run_finding *f = context;
    const ordered_metric *const o = f->of;
    const size_t begin = threads_part_begin(o->count, part, f->part_count);
    const size_t end = threads_part_begin(o->count, part + 1, f->part_count);
    uint32_t runs = ends_run(o, end - 1), right = o->tag[end - 1] & 1U;
    for (size_t i = begin; i + 1 < end; i++) {
        runs += o->key[i + 1] != o->key[i];
        right += o->tag[i] & 1U;
    }
    f->before[part] = (ordered_run){runs, right};
    return 0;
}

/* Each sample writes the run that would end with it; the next one overwrites it where none does.
 * Behind the last end of the part nothing is written: that place is the next part's. */
static int write_runs(void *context, size_t part, int worker)
{
    (void)worker;
    const run_finding *f = context;
    const ordered_metric *const o = f->of;
    const size_t begin = threads_part_begin(o->count, part, f->part_count);
    size_t end = threads_part_begin(o->count, part + 1, f->part_count);
    while (end > begin && !ends_run(o, end - 1))
        end--;
    size_t at = f->before[part].end;
    uint32_t right = f->before[part].right;
    for (size_t i = begin; i < end; i++) {
        right += o->tag[i] & 1U;
        f->run[at] = (ordered_run){(uint32_t)i + 1, right};
        at += i + 1 < end && o->key[i + 1] != o->key[i];
    }
    return 0;
}

static void find_runs(ordered_metric *o, int thread_count)
{
    o->run_count = 0;
    if (o->count == 0)
        return;
    run_finding f = {.of = o,
                     .run = (ordered_run *)o->key_spare,
                     .part_count = threads_parts(o->count, PART_LEAST, PARTS_MOST, thread_count)};
    (void)threads_run(f.part_count, thread_count, count_runs, &f);
    ordered_run before = {0, 0};
    for (size_t p = 0; p < f.part_count; p++) {
        const ordered_run mine = f.before[p];
        f.before[p] = before;
        before = (ordered_run){before.end + mine.end, before.right + mine.right};
    }
    (void)threads_run(f.part_count, thread_count, write_runs, &f);
    o->run = f.run;
    o->run_count = before.end;
}

void ordered_metric_fill(ordered_metric *o, const samples *s, const double *value,
                         const class_question *only, int thread_count)
{
    filling f = {.into = o,
                 .s = s,
                 .value = value,
                 .only = only,
                 .part_count = threads_parts(s->count, PART_LEAST, PARTS_MOST, thread_count)};
    (void)threads_run(f.part_count, thread_count, count_part, &f);
    o->count = 0;
    for (size_t p = 0; p < f.part_count; p++) {
        const size_t count = f.next[p];
        f.next[p] = o->count;
        o->count += count;
    }
    (void)threads_run(f.part_count, thread_count, fill_part, &f);
    const sort_keyed all = {o->key, o->tag, o->key_spare, o->tag_spare, o->count};
    if (!sort_keyed_until(&all, thread_count, o->stop))
        o->count = 0;
    find_runs(o, thread_count);
}

/* The values of rows that share a code; one look at the code where they are equal. */
static void fill_keys(ordered_metric *o, const metric_codes *c, uint32_t code, size_t begin)
{
    const bool is_one = c->low[code] == c->high[code];
    const uint64_t key = sort_key_f64(c->low[code]);
    for (size_t i = begin; i < o->count; i++)
        o->key[i] = is_one ? key : sort_key_f64(c->value[o->tag[i] >> 1]);
}

void ordered_metric_fill_coded(ordered_metric *o, const metric_codes *c, const selection *rows,
                               const selection *right)
{
    o->count = o->run_count = 0;
    for (uint32_t code = 0; code < c->code_count; code++) {
        if (cancellation_asked(o->stop)) {
            o->count = 0;
            return;
        }
        const size_t begin = o->count;
        for (size_t i = c->start[code]; i < c->start[code + 1]; i++) {
            const uint32_t row = c->row[i];
            o->tag[o->count] = row << 1 | (uint32_t)selection_has(right, row);
            o->count += selection_has(rows, row);
        }
        fill_keys(o, c, code, begin);
    }
    find_runs(o, 1);
}

size_t ordered_run_at(const ordered_metric *o, size_t position)
{
    size_t low = 0, high = o->run_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (o->run[middle].end > position)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* How many of the samples before `position` are right. */
static uint32_t right_before(const ordered_metric *o, size_t position)
{
    const ordered_run before = ordered_run_before(o, ordered_run_at(o, position));
    uint32_t right = before.right;
    for (size_t i = before.end; i < position; i++)
        right += o->tag[i] & 1U;
    return right;
}

uint64_t ordered_correct(const ordered_metric *o, size_t begin, size_t end)
{
    return right_before(o, end) - right_before(o, begin);
}

clustering ordered_groups(const ordered_metric *o, const samples *s, size_t begin, size_t end)
{
    if (!s->groups.group)
        return (clustering){NULL, 0};
    uint32_t seen = 0;
    for (size_t i = begin; i < end; i++) {
        const uint32_t group = s->groups.group[o->tag[i] >> 1];
        if (o->number[group] == UINT32_MAX)
            o->number[group] = seen++;
        o->group[i - begin] = o->number[group];
    }
    for (size_t i = begin; i < end; i++)
        o->number[s->groups.group[o->tag[i] >> 1]] = UINT32_MAX;
    return (clustering){o->group, seen};
}
