/* Share correct along a metric, and the order that this and importance are both read from. Knows
 * samples and outcomes; where bins are cut and how intervals are made is the business of stats/. */
#include "eval/performance.h"

#include "base/limits.h"
#include "base/threads.h"
#include "eval/scores.h"
#include "stats/quantile.h"
#include "stats/sort.h"

#include <assert.h>
#include <string.h>

static assay_code no_memory(assay_err *err, const samples *s)
{
    assay_fail(err, ASSAY_E_NOMEM, "out of memory for a metric of %zu samples", s->count);
    return ASSAY_E_NOMEM;
}

assay_code ordered_metric_init(ordered_metric *o, const samples *s, assay_err *err)
{
    ordered_metric made = {
        .key = mem_alloc(s->count, sizeof *made.key),
        .tag = mem_alloc(s->count + 1, sizeof *made.tag), /* one is written before it is kept */
        .key_spare = mem_alloc(s->count, sizeof *made.key_spare),
        .tag_spare = mem_alloc(s->count, sizeof *made.tag_spare),
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
    o->count = 0;
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
}

uint64_t ordered_correct(const ordered_metric *o, size_t begin, size_t end)
{
    uint32_t correct = 0;
    for (size_t i = begin; i < end; i++)
        correct += o->tag[i] & 1U;
    return correct;
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

assay_code metric_performance_init(metric_performance *p, const evaluation_options *options,
                                   assay_err *err)
{
    *p = (metric_performance){.bin = mem_zalloc(options->bins, sizeof *p->bin)};
    if (!p->bin)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u bins", (unsigned)options->bins);
    return ASSAY_OK;
}

void metric_performance_clear(metric_performance *p)
{
    mem_free(p->bin);
    *p = (metric_performance){0};
}

/* How many independent samples stand behind the rate at [begin, end); 0: as many as there are. */
static double effective_n(const ordered_metric *o, const samples *s, size_t begin, size_t end,
                          uint64_t correct)
{
    if (!o->psi) /* no groups */
        return 0.0;
    const clustering groups = ordered_groups(o, s, begin, end);
    /* One group says nothing about how groups differ: it counts as one sample. */
    if (groups.group_count < 2)
        return 1.0;
    const size_t count = end - begin;
    const double n = (double)count, rate = (double)correct / n;
    for (size_t i = 0; i < count; i++)
        o->psi[i] = ((double)(o->tag[begin + i] & 1U) - rate) / n;
    const double se = cluster_se(o->psi, count, groups, o->sum);
    return cluster_effective_n(rate, se, n, (double)groups.group_count);
}

void ordered_performance(const ordered_metric *o, const samples *s,
                         const evaluation_options *options, metric_performance *p)
{
    assert(options->bins <= BINS_MOST);
    size_t start[BINS_MOST + 1];
    p->count = options->equal_width ? equal_width_bins(o->key, o->count, options->bins, start)
                                    : quantile_bins(o->key, o->count, options->bins, start);
    for (size_t b = 0; b < p->count; b++) {
        const size_t begin = start[b], end = start[b + 1];
        const uint64_t correct = ordered_correct(o, begin, end);
        p->bin[b] = (performance_bin){
            .low = sort_unkey_f64(o->key[begin]),
            .high = sort_unkey_f64(o->key[end - 1]),
            .median = median_of_sorted(o->key, begin, end),
            .count = end - begin,
            .correct = correct,
            .rate = score_proportion(correct, end - begin, effective_n(o, s, begin, end, correct),
                                     options),
        };
    }
}

assay_code class_performance(const samples *s, const metric_column *metric, class_question question,
                             const evaluation_options *options, metric_performance *out,
                             assay_err *err)
{
    *out = (metric_performance){0};
    ordered_metric ordered;
    ASSAY_TRY(ordered_metric_init(&ordered, s, err));
    metric_performance made = {0};
    ordered.stop = options->stop;
    assay_code code = metric_performance_init(&made, options, err);
    if (code == ASSAY_OK) {
        ordered_metric_fill(&ordered, s, metric->value, &question, options->thread_count);
        ordered_performance(&ordered, s, options, &made);
        code = cancellation_check(options->stop, err);
    }
    ordered_metric_clear(&ordered);
    if (code == ASSAY_OK)
        *out = made;
    else
        metric_performance_clear(&made);
    return code;
}
