/* Share correct along a metric. Where bins are cut and how intervals are made is the business of
 * stats/. */
#include "eval/performance.h"

#include "base/limits.h"
#include "base/threads.h"
#include "eval/scores.h"
#include "stats/quantile.h"
#include "stats/sort.h"

#include <assert.h>
#include <string.h>

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
