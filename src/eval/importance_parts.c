/* What is made of counts and sums, wherever those come from. */
#include "eval/importance_parts.h"

#include "base/rng.h"
#include "stats/adjust.h"
#include "stats/interval.h"

#include <math.h>

enum {
    EXPECTED_LEAST = 5, /* below this chi-square is a poor picture of the G statistic */
    OUTCOMES_FEW = 20   /* what the coverage of the intervals was measured down to */
};

assay_code metric_analyses_init(metric_analyses *m, const frame *f, const size_t *which,
                                size_t count, const evaluation_options *options, assay_err *err)
{
    m->first = options->first;
    m->metric = mem_zalloc(count, sizeof *m->metric);
    if (!m->metric)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", count);
    for (size_t i = 0; i < count; i++) {
        metric_analysis *const a = &m->metric[i];
        a->name = f->metric[which[i]].name;
        a->importance = (metric_importance){
            .correlation = score_none(),
            .spearman = score_none(),
            .information = score_none(),
            .share = (double)NAN,
            .p_value = (double)NAN,
            .p_adjusted = (double)NAN,
            .p_method = "none",
        };
        m->count++;
        if (!options->first)
            ASSAY_TRY(metric_performance_init(&a->performance, options, err));
    }
    return ASSAY_OK;
}

assay_code metric_analyses_adjust(metric_analyses *m, assay_err *err)
{
    ASSAY_AUTO_MEM double *p = mem_alloc(m->count, 2 * sizeof *p);
    ASSAY_AUTO_MEM size_t *order = mem_alloc(m->count, sizeof *order);
    if (!p || !order)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", m->count);
    for (size_t i = 0; i < m->count; i++)
        p[i] = m->metric[i].importance.p_value;
    adjust_benjamini_hochberg(p, m->count, p + m->count, order);
    for (size_t i = 0; i < m->count; i++)
        m->metric[i].importance.p_adjusted = p[m->count + i];
    return ASSAY_OK;
}

void metric_analyses_free(metric_analyses *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++)
        metric_performance_clear(&m->metric[i].performance);
    mem_free(m->metric);
    mem_free(m);
}

bool outcomes_few(outcome_total t)
{
    return t.right < OUTCOMES_FEW || t.n - t.right < OUTCOMES_FEW;
}

score importance_correlation(outcome_total t, correlation c, double se, bool grouped, double z)
{
    score found = score_none();
    if (isnan(c.r))
        return found;
    found.value = c.r;
    found.few = outcomes_few(t);
    const interval i = interval_fisher(c.r, se * (1.0 - c.r) * (1.0 + c.r), z);
    if (isnan(i.low))
        return found;
    found.low = i.low;
    found.high = i.high;
    found.method = grouped ? "cluster-fisher" : "influence-fisher";
    return found;
}

score importance_information(outcome_total t, const binned_information *i, double se, bool grouped,
                             double z)
{
    score found = score_none();
    found.value = i->corrected;
    found.few = outcomes_few(t);
    const interval around = interval_clip(interval_plain(i->plug_in, se, z), 0.0, i->entropy);
    if (isnan(around.low))
        return found;
    /* The correction can take the value below the interval of the plug-in, which is biased upward.
     */
    found.low = fmin(around.low, found.value);
    found.high = fmax(around.high, found.value);
    found.method = grouped ? "cluster-plug-in" : "plug-in";
    return found;
}

const char *importance_untestable(outcome_total t, size_t bin_count)
{
    return t.right == t.n  ? "every sample is right"
           : t.right == 0  ? "every sample is wrong"
           : bin_count < 2 ? "the metric has one value only"
                           : NULL;
}

void importance_set_p(metric_importance *m, double p, const char *method)
{
    m->p_value = p;
    m->p_method = method;
    m->p_missing = NULL;
}

void importance_test(metric_importance *m, const outcome_bin *bins, size_t bin_count,
                     const binned_information *i, uint64_t seed, size_t metric)
{
    rng random;
    rng_init(&random, seed, PERMUTATION_STREAM + metric);
    if (i->least_expected < EXPECTED_LEAST)
        importance_set_p(m, g_test_permuted_p(bins, bin_count, IMPORTANCE_PERMUTATIONS, &random),
                         "permutation");
    else
        importance_set_p(m, g_test_p(bins, bin_count), "g-test");
}
