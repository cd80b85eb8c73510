/* What a metric has to do with being right: correlation, information, and a test of whether it is
 * chance. One sort a metric serves all of it, and the performance curve too; a metric is one piece
 * of work and is computed by one thread, so the bits do not depend on how many there are. */
#include "eval/importance.h"

#include "base/rng.h"
#include "base/threads.h"
#include "eval/evaluation.h"
#include "eval/importance_parts.h"
#include "eval/outcome_rows.h"
#include "stats/correlate.h"
#include "stats/interval.h"
#include "stats/mutual_information.h"
#include "stats/quantile.h"
#include "stats/sort.h"
#include "stats/special.h"

#include <string.h>

enum { NOISE_CHUNK = 1 << 16 };

/* Apart from every other stream of random numbers of the same seed. */
static const uint64_t NOISE_STREAM = (uint64_t)0x6E6F6973 << 32;

/* What one worker needs, whatever the metric. */
typedef struct workspace {
    ordered_metric ordered;
    double *x;          /* values in order; for the nearest-neighbour estimator */
    double *spare;      /* 2 a sample; for it, too */
    uint8_t *bin;       /* a sample, by position; with groups */
    uint8_t *correct;   /* a sample; with groups or the nearest-neighbour estimator */
    uint32_t *permuted; /* scratch of the permutation by groups */
} workspace;

typedef struct analysis {
    const samples *s;
    const size_t *which;
    const evaluation_options *options;
    metric_analyses *out;
    workspace *space; /* one a worker */
    int workers, threads_each;
    const ordered_metric *known;  /* the order of frame->confidence, or NULL */
    const metric_analyses *found; /* options->known's; NULL: nothing is known */
    double *noise;     /* standard normal, a sample; for the nearest-neighbour estimator */
    outcome_rows rows; /* where the order of metrics is known */
    double z;
} analysis;

/* One metric under work. */
typedef struct task {
    const analysis *all;
    workspace *space;
    const ordered_metric *ordered;
    size_t n; /* samples with a value */
    uint64_t right;
    clustering groups; /* of the ordered samples */
    metric_importance *result;
    const score *correlation; /* that is known already; NULL: it is not */
} task;

static void workspace_clear(workspace *w)
{
    ordered_metric_clear(&w->ordered);
    mem_free(w->x);
    mem_free(w->spare);
    mem_free(w->bin);
    mem_free(w->correct);
    mem_free(w->permuted);
    *w = (workspace){0};
}

/* `sorts`: an order has to be found. */
static assay_code workspace_init(workspace *w, const samples *s, bool sorts,
                                 const evaluation_options *options, assay_err *err)
{
    *w = (workspace){0};
    if (sorts)
        ASSAY_TRY(ordered_metric_init(&w->ordered, s, err));
    w->ordered.stop = options->stop;
    const bool groups = s->groups.group != NULL, nearest = options->importance_nearest;
    bool whole = true;
    if (nearest)
        whole = (w->x = mem_alloc(s->count, sizeof *w->x)) != NULL &&
                (w->spare = mem_alloc(s->count, 2 * sizeof *w->spare)) != NULL;
    if (whole && (groups || nearest))
        whole = (w->correct = mem_alloc(s->count, sizeof *w->correct)) != NULL;
    if (whole && groups) {
        const size_t words = g_test_group_scratch(s->count, s->groups.group_count);
        whole = (w->bin = mem_alloc(s->count, sizeof *w->bin)) != NULL &&
                (w->permuted = mem_alloc(words, sizeof *w->permuted)) != NULL;
    }
    if (whole)
        return ASSAY_OK;
    workspace_clear(w);
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the importance of %zu samples",
                      s->count);
}

static size_t count_bins(const ordered_metric *o, const size_t *start, size_t bin_count,
                         outcome_bin *bins)
{
    for (size_t b = 0; b < bin_count; b++)
        bins[b] = (outcome_bin){.count = start[b + 1] - start[b],
                                .correct = ordered_correct(o, start[b], start[b + 1])};
    return bin_count;
}

static bool is_given_up(const task *t)
{
    return cancellation_asked(t->all->options->stop);
}

static outcome_total total_of(const task *t)
{
    return (outcome_total){t->n, t->right};
}

static score correlation_score(const task *t, correlation c)
{
    const ordered_metric *const o = t->ordered;
    double se = c.se_fisher;
    if (t->groups.group && isfinite(se))
        se = cluster_se(o->psi, t->n, t->groups, o->sum);
    return importance_correlation(total_of(t), c, se, t->groups.group, t->all->z);
}

/* Counts of samples are below 2^31: signed, which is the quicker conversion. */
static inline double as_double(uint32_t count)
{
    return (double)(int32_t)count;
}

/* The loops over all runs but the first, which has none before it, are for whole vectors. */
static void put_runs(const ordered_metric *o, size_t begin, size_t count, double *restrict right,
                     double *restrict wrong)
{
    const ordered_run before = ordered_run_before(o, begin), *const run = o->run + begin;
    right[0] = as_double(run[0].right - before.right);
    wrong[0] = as_double(run[0].end - before.end) - right[0];
    for (size_t i = 1; i < count; i++) {
        right[i] = as_double(run[i].right - run[i - 1].right);
        wrong[i] = as_double(run[i].end - run[i - 1].end) - right[i];
    }
}

/* Where no value repeats, they stand side by side. */
static void values_of_runs(const void *context, size_t begin, size_t count, double *restrict x,
                           double *restrict right, double *restrict wrong)
{
    const ordered_metric *o = context;
    const ordered_run *const run = o->run + begin;
    const uint64_t *const key = o->key + run[0].end - 1;
    if (run[count - 1].end - run[0].end == count - 1)
        for (size_t i = 0; i < count; i++)
            x[i] = sort_unkey_f64(key[i]);
    else
        for (size_t i = 0; i < count; i++)
            x[i] = sort_unkey_f64(o->key[run[i].end - 1]);
    put_runs(o, begin, count, right, wrong);
}

/* The mean of the 1-based ranks that the samples of a run share, from where it and the one before
 * it end. */
static inline double mid_rank(uint32_t before, uint32_t end)
{
    return 0.5 * (as_double(before) + 1.0 + as_double(end));
}

static double rank_of_run(const ordered_metric *o, size_t run)
{
    return mid_rank(ordered_run_before(o, run).end, o->run[run].end);
}

static void ranks_of_runs(const void *context, size_t begin, size_t count, double *restrict x,
                          double *restrict right, double *restrict wrong)
{
    const ordered_metric *o = context;
    const ordered_run *const run = o->run + begin;
    x[0] = rank_of_run(o, begin);
    for (size_t i = 1; i < count; i++)
        x[i] = mid_rank(run[i - 1].end, run[i].end);
    put_runs(o, begin, count, right, wrong);
}

/* The same of each sample, for influences are summed by the samples' groups. */
static void put_outcomes(const ordered_metric *o, size_t begin, size_t count, double *y)
{
    for (size_t i = 0; i < count; i++)
        y[i] = o->tag[begin + i] & 1U;
}

static void values_and_outcomes(const void *context, size_t begin, size_t count, double *x,
                                double *y)
{
    const ordered_metric *o = context;
    for (size_t i = 0; i < count; i++)
        x[i] = sort_unkey_f64(o->key[begin + i]);
    put_outcomes(o, begin, count, y);
}

static void ranks_and_outcomes(const void *context, size_t begin, size_t count, double *x,
                               double *y)
{
    const ordered_metric *o = context;
    size_t run = ordered_run_at(o, begin);
    for (size_t i = 0; i < count; i++) {
        run += begin + i == o->run[run].end;
        x[i] = rank_of_run(o, run);
    }
    put_outcomes(o, begin, count, y);
}

/* Of an affine function of the outcome and its ranks alike: the mid-ranks of 0 and 1 are one. */
static correlate_side right_side(const task *t)
{
    return (correlate_side){t->right == t->n, t->right > 0, (double)t->right / (double)t->n};
}

/* One side of a correlation, of runs and of samples. */
typedef struct correlated {
    outcome_source *of_runs;
    correlate_source *of_samples;
    correlate_side side;
} correlated;

static score correlate_side_of(const task *t, const correlated *c)
{
    const ordered_metric *const o = t->ordered;
    const double right = (double)t->right, wrong = (double)(t->n - t->right);
    return correlation_score(
        t, t->groups.group
               ? correlate_pairs(c->of_samples, o, t->n, c->side, right_side(t), o->psi)
               : correlate_outcomes(c->of_runs, o, o->run_count, right, wrong, c->side));
}

static void correlate_values(const task *t)
{
    const ordered_metric *const o = t->ordered;
    const correlated values = {values_of_runs,
                               values_and_outcomes,
                               {.low = sort_unkey_f64(o->key[0]),
                                .high = sort_unkey_f64(o->key[t->n - 1]),
                                .mean = (double)NAN}};
    t->result->correlation = t->correlation ? *t->correlation : correlate_side_of(t, &values);
}

static void correlate_ranks(const task *t)
{
    const ordered_metric *const o = t->ordered;
    const correlated ranks = {ranks_of_runs,
                              ranks_and_outcomes,
                              {.low = rank_of_run(o, 0),
                               .high = rank_of_run(o, o->run_count - 1),
                               .mean = ((double)t->n + 1) / 2}};
    t->result->spearman = correlate_side_of(t, &ranks);
}

static int correlate_one(void *context, size_t which, int worker)
{
    (void)worker;
    const task *t = context;
    if (which == 0)
        correlate_values(t);
    else if (!is_given_up(t))
        correlate_ranks(t);
    return 0;
}

/* Side by side, but for groups: their influences are summed in one room. */
static void correlate(task *t)
{
    const size_t count = t->all->options->first ? 1 : 2;
    (void)threads_run(count, t->groups.group ? 1 : t->all->threads_each, correlate_one, t);
}

/* se of the plug-in: from the spread of its terms, in groups from their sums. */
static double plug_in_se(const task *t, const size_t *start, const outcome_bin *bins,
                         size_t bin_count, binned_information i)
{
    const double n = (double)t->n;
    if (!t->groups.group)
        return i.sd / sqrt(n);
    const ordered_metric *const o = t->ordered;
    for (size_t b = 0; b < bin_count; b++) {
        const outcome_bin bin = bins[b];
        const double term[2] = {
            information_term(bin.count - bin.correct, bin.count, t->n - t->right, t->n),
            information_term(bin.correct, bin.count, t->right, t->n)};
        for (size_t j = start[b]; j < start[b + 1]; j++)
            o->psi[j] = (term[o->tag[j] & 1U] - i.plug_in) / n;
    }
    return cluster_se(o->psi, t->n, t->groups, o->sum);
}

static score binned_score(const task *t)
{
    const ordered_metric *const o = t->ordered;
    size_t start[VALUES_AS_BINS_MOST + 1];
    outcome_bin bins[VALUES_AS_BINS_MOST];
    size_t bin_count = distinct_bins(o->key, t->n, VALUES_AS_BINS_MOST, start);
    if (bin_count == 0)
        bin_count = quantile_bins(o->key, t->n, INFORMATION_BINS, start);
    count_bins(o, start, bin_count, bins);
    const binned_information i = information_of_bins(bins, bin_count);
    const double se = plug_in_se(t, start, bins, bin_count, i);
    return importance_information(total_of(t), &i, se, t->groups.group, t->all->z);
}

/* The ordered values in units of their sd, with noise that breaks ties, put in order again. */
static void scale_and_stir(const task *t)
{
    workspace *const w = t->space;
    ordered_metric *const o = &w->ordered;
    const double n = (double)t->n;
    const double unit =
        correlate_scale(sort_unkey_f64(o->key[0]), sort_unkey_f64(o->key[t->n - 1]));
    double sum = 0.0, squares = 0.0, absolute = 0.0;
    for (size_t i = 0; i < t->n; i++) {
        w->x[i] = sort_unkey_f64(o->key[i]) * unit;
        sum += w->x[i];
        absolute += fabs(w->x[i]);
    }
    for (size_t i = 0; i < t->n; i++)
        squares += (w->x[i] - sum / n) * (w->x[i] - sum / n);
    const double sd = sqrt(squares / n);
    const double step = 1e-10 * fmax(1.0, absolute / sd / n);
    for (size_t i = 0; i < t->n; i++)
        o->key[i] = sort_key_f64(w->x[i] / sd + step * t->all->noise[o->tag[i] >> 1]);
    sort_keys_f64(o->key, o->tag, o->key_spare, o->tag_spare, t->n);
    for (size_t i = 0; i < t->n; i++) {
        w->x[i] = sort_unkey_f64(o->key[i]);
        w->correct[i] = o->tag[i] & 1U;
    }
}

/* Changes the order of the samples, so it comes after all else. */
static score nearest_score(task *t, double entropy)
{
    workspace *const w = t->space;
    const ordered_metric *const o = t->ordered;
    score found = score_none();
    found.few = outcomes_few(total_of(t));
    if (o->key[0] == o->key[t->n - 1]) {
        found.value = 0.0;
        return found;
    }
    scale_and_stir(t);
    if (is_given_up(t))
        return found;
    const nearest_information i = information_nearest(w->x, w->correct, t->n, w->spare, o->psi);
    if (isnan(i.value))
        return found;
    found.value = i.value;
    double se = i.sd / sqrt((double)i.n);
    if (t->groups.group) {
        t->groups = ordered_groups(o, t->all->s, 0, t->n);
        se = cluster_se(o->psi, t->n, t->groups, o->sum);
    }
    const interval around =
        interval_clip(interval_plain(i.value, se, t->all->z), 0.0, fmax(entropy, i.value));
    if (isnan(around.low))
        return found;
    found.low = around.low;
    found.high = around.high;
    found.method = t->groups.group ? "cluster-nearest" : "nearest";
    return found;
}

static void test_by_groups(const task *t, const size_t *start, size_t bin_count, rng *random)
{
    const samples *const s = t->all->s;
    workspace *const w = t->space;
    const ordered_metric *const o = t->ordered;
    memset(w->bin, BIN_NONE, s->count);
    memset(w->correct, 0, s->count);
    for (size_t b = 0; b < bin_count; b++)
        for (size_t i = start[b]; i < start[b + 1]; i++) {
            w->bin[o->tag[i] >> 1] = (uint8_t)b;
            w->correct[o->tag[i] >> 1] = o->tag[i] & 1U;
        }
    const grouped_outcomes outcomes = {
        .bin = w->bin, .correct = w->correct, .n = s->count, .groups = s->groups};
    const double p =
        g_test_group_permuted_p(&outcomes, IMPORTANCE_PERMUTATIONS, random, w->permuted);
    if (isnan(p))
        t->result->p_missing = "no two groups have the same number of samples";
    else
        importance_set_p(t->result, p, "group-permutation");
}

/* Returns the entropy of the outcome. */
static double test_independence(const task *t, size_t metric)
{
    const ordered_metric *const o = t->ordered;
    size_t start[TEST_BINS + 1];
    outcome_bin bins[TEST_BINS];
    const size_t bin_count =
        count_bins(o, start, quantile_bins(o->key, t->n, TEST_BINS, start), bins);
    const binned_information i = information_of_bins(bins, bin_count);
    const char *untestable = importance_untestable(total_of(t), bin_count);
    const uint64_t seed = t->all->options->seed;
    rng random;
    rng_init(&random, seed, PERMUTATION_STREAM + metric);
    if (untestable)
        t->result->p_missing = untestable;
    else if (t->groups.group)
        test_by_groups(t, start, bin_count, &random);
    else
        importance_test(t->result, bins, bin_count, &i, seed, metric);
    return i.entropy;
}

/* The samples in the order of a metric: known, or found in the worker's own room. The estimator
 * from nearest neighbours stirs that room. */
static const ordered_metric *order_of(const analysis *all, size_t metric, workspace *w)
{
    const double *value = all->s->frame->metric[metric].value;
    if (all->known && value == all->s->frame->confidence)
        return all->known;
    const metric_codes *const codes = all->rows.rows.word ? all->options->codes[metric] : NULL;
    if (codes)
        ordered_metric_fill_coded(&w->ordered, codes, &all->rows.rows, &all->rows.right);
    else
        ordered_metric_fill(&w->ordered, all->s, value, NULL, all->threads_each);
    return &w->ordered;
}

/* Of the importance all that is left to find: correlations, and what is not known. */
static void find_importance(task *t, size_t metric, const metric_importance *known)
{
    t->right = ordered_correct(t->ordered, 0, t->n);
    t->groups = ordered_groups(t->ordered, t->all->s, 0, t->n);
    if (known)
        *t->result = *known;
    t->correlation = known && !t->all->found->summed ? &known->correlation : NULL;
    correlate(t);
    if (known || is_given_up(t))
        return;
    const double entropy = test_independence(t, metric);
    if (!(entropy > 0.0))
        return;
    score *const information = &t->result->information;
    *information =
        t->all->options->importance_nearest ? nearest_score(t, entropy) : binned_score(t);
    if (!isnan(information->value))
        t->result->share = fmin(1.0, information->value / entropy);
}

static int analyse(void *context, size_t chunk, int worker)
{
    const analysis *const all = context;
    metric_analysis *const m = &all->out->metric[chunk];
    const size_t metric = all->which[chunk];
    task t = {.all = all, .space = &all->space[worker], .result = &m->importance};
    t.ordered = order_of(all, metric, t.space);
    if (is_given_up(&t))
        return 1;
    t.n = m->importance.samples = t.ordered->count;
    if (!all->options->first)
        ordered_performance(t.ordered, all->s, all->options, &m->performance);
    if (t.n == 0) {
        m->importance.p_missing = "no sample has a value";
        return 0;
    }
    if (is_given_up(&t))
        return 1;
    find_importance(&t, metric, all->found ? &all->found->metric[chunk].importance : NULL);
    return 0;
}

/* A sample's noise depends on its row alone, not on what else is selected. */
static int draw_noise(void *context, size_t chunk, int worker)
{
    const analysis *const all = context;
    (void)worker;
    if (cancellation_asked(all->options->stop))
        return 1;
    const size_t begin = chunk * NOISE_CHUNK;
    const size_t end = begin + NOISE_CHUNK < all->s->count ? begin + NOISE_CHUNK : all->s->count;
    for (size_t i = begin; i < end; i++) {
        rng random;
        rng_init(&random, all->options->seed, NOISE_STREAM + samples_row(all->s, i));
        all->noise[i] = rng_normal(&random);
    }
    return 0;
}

static void analysis_clear(analysis *all)
{
    for (int i = 0; all->space && i < all->workers; i++)
        workspace_clear(&all->space[i]);
    mem_free(all->space);
    mem_free(all->noise);
    outcome_rows_clear(&all->rows);
}

/* Whether the order of any metric has to be found. */
static bool must_sort(const analysis *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!all->known || all->s->frame->metric[all->which[i]].value != all->s->frame->confidence)
            return true;
    }
    return false;
}

static assay_code analysis_init(analysis *all, size_t count, assay_err *err)
{
    const size_t n = all->s->count;
    all->space = mem_zalloc((size_t)all->workers, sizeof *all->space);
    if (all->options->importance_nearest)
        all->noise = mem_alloc(n, sizeof *all->noise);
    if (!all->space || (all->options->importance_nearest && !all->noise))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the importance of %zu samples", n);
    const bool sorts = must_sort(all, count);
    for (int i = 0; i < all->workers; i++)
        ASSAY_TRY(workspace_init(&all->space[i], all->s, sorts, all->options, err));
    /* Groups and noise are told by a sample's position, which the order does not know. */
    if (all->options->codes && !all->s->groups.group && !all->options->importance_nearest)
        return outcome_rows_of(&all->rows, all->s, err);
    return ASSAY_OK;
}

static assay_code analyse_all(analysis *all, size_t count, assay_err *err)
{
    ASSAY_TRY(metric_analyses_init(all->out, all->s->frame, all->which, count, all->options, err));
    ASSAY_TRY(analysis_init(all, count, err));
    ASSAY_TRY(cancellation_check(all->options->stop, err));
    if (all->noise)
        threads_run((all->s->count + NOISE_CHUNK - 1) / NOISE_CHUNK, all->options->thread_count,
                    draw_noise, all);
    threads_run(count, all->workers, analyse, all);
    ASSAY_TRY(cancellation_check(all->options->stop, err));
    return metric_analyses_adjust(all->out, err);
}

assay_code metric_analyses_new(const samples *s, const analysed_metrics *choice,
                               const evaluation_options *options, metric_analyses **out,
                               assay_err *err)
{
    *out = NULL;
    const size_t count = choice->count;
    metric_analyses *made = mem_zalloc(1, sizeof *made);
    if (!made)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", count);
    analysis all = {
        .s = s,
        .which = choice->which,
        .options = options,
        .out = made,
        .known = options->importance_nearest ? NULL : choice->confidence,
        .found = options->known ? options->known->metrics : NULL,
        .workers = (size_t)options->thread_count < count ? options->thread_count : (int)count,
        .z = normal_z(options->confidence_level),
    };
    if (all.workers < 1)
        all.workers = 1;
    all.threads_each = options->thread_count / all.workers;
    const assay_code code = analyse_all(&all, count, err);
    analysis_clear(&all);
    if (code == ASSAY_OK)
        *out = made;
    else
        metric_analyses_free(made);
    return code;
}
