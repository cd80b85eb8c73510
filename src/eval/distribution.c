/* How the values of a metric lie, and which lie far outside. Knows rows and numbers, not what they
 * measure; quantiles and sorting are the business of stats/. */
#include "eval/distribution.h"

#include "base/threads.h"
#include "stats/quantile.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MODERATE_IQRS = 1.5, SEVERE_IQRS = 2.5;

/* Values are summed up in blocks, so that the error grows with their number's root only. */
enum { SUM_BLOCK = 4096 };

/* What one thread needs: the values in the order of the rows, then sorted. */
typedef struct workspace {
    double *value; /* also the keys that are sorted */
    uint64_t *spare;
} workspace;

typedef struct job {
    const frame *frame;
    const selection *selected;
    metric_choice chosen;
    size_t samples;
    metric_distribution *out;
    workspace *space;
} job;

static bool is_selected(const selection *s, size_t row)
{
    return !s || selection_has(s, row);
}

static void take_values(metric_distribution *d, const job *j, const double *value, double *out)
{
    for (size_t row = 0; row < j->frame->row_count; row++) {
        if (!is_selected(j->selected, row))
            continue;
        if (isnan(value[row]))
            d->missing++;
        else if (isinf(value[row]))
            d->infinite++;
        else
            out[d->count++] = value[row];
    }
}

/* Sum of x[i] / divisor. */
static double sum_of(const double *x, size_t n, double divisor)
{
    double sum = 0.0;
    for (size_t begin = 0; begin < n; begin += SUM_BLOCK) {
        const size_t end = begin + SUM_BLOCK < n ? begin + SUM_BLOCK : n;
        double part = 0.0;
        for (size_t i = begin; i < end; i++)
            part += x[i] / divisor;
        sum += part;
    }
    return sum;
}

static double sum_of_squares(const double *x, size_t n, double mean)
{
    double sum = 0.0;
    for (size_t begin = 0; begin < n; begin += SUM_BLOCK) {
        const size_t end = begin + SUM_BLOCK < n ? begin + SUM_BLOCK : n;
        double part = 0.0;
        for (size_t i = begin; i < end; i++)
            part += (x[i] - mean) * (x[i] - mean);
        sum += part;
    }
    return sum;
}

static void find_moments(metric_distribution *d, const double *x)
{
    const size_t n = d->count;
    d->mean = d->sd = (double)NAN;
    if (n == 0)
        return;
    d->mean = sum_of(x, n, 1.0) / (double)n;
    if (!isfinite(d->mean)) /* the sum is too large, the mean is not */
        d->mean = sum_of(x, n, (double)n);
    /* Rounding may not put the mean of equal values beside them. */
    d->mean = fmin(fmax(d->mean, d->min), d->max);
    if (n > 1)
        d->sd = sqrt(sum_of_squares(x, n, d->mean) / (double)(n - 1));
}

static void sort_values(double *value, uint64_t *spare, size_t n)
{
    /* Sorted in place: a double and its key are as wide. */
    for (size_t i = 0; i < n; i++) {
        const uint64_t key = sort_key_f64(value[i]);
        memcpy(&value[i], &key, sizeof key);
    }
    sort_u64((uint64_t *)(void *)value, spare, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t key;
        memcpy(&key, &value[i], sizeof key);
        value[i] = sort_unkey_f64(key);
    }
}

/* How many of the sorted values are below `limit`. */
static size_t count_below(const double *sorted, size_t n, double limit)
{
    size_t begin = 0;
    while (begin < n) {
        const size_t middle = begin + (n - begin) / 2;
        if (sorted[middle] < limit)
            begin = middle + 1;
        else
            n = middle;
    }
    return begin;
}

/* How many are above it. */
static size_t count_above(const double *sorted, size_t n, double limit)
{
    return n - count_below(sorted, n, nextafter(limit, (double)INFINITY));
}

static void find_outliers(metric_distribution *d, const double *sorted)
{
    const double iqr = d->q3 - d->q1;
    d->fences = (outlier_fences){
        .moderate_low = d->q1 - MODERATE_IQRS * iqr,
        .moderate_high = d->q3 + MODERATE_IQRS * iqr,
        .severe_low = d->q1 - SEVERE_IQRS * iqr,
        .severe_high = d->q3 + SEVERE_IQRS * iqr,
    };
    if (d->count == 0)
        return;
    const size_t n = d->count;
    d->outliers.severe_low = count_below(sorted, n, d->fences.severe_low);
    d->outliers.severe_high = count_above(sorted, n, d->fences.severe_high);
    d->outliers.moderate_low =
        count_below(sorted, n, d->fences.moderate_low) - d->outliers.severe_low;
    d->outliers.moderate_high =
        count_above(sorted, n, d->fences.moderate_high) - d->outliers.severe_high;
}

/* Where bin b begins, as NumPy has it; the range may overflow where each end does not. */
static double edge_of(double low, double high, size_t b)
{
    const double range = high - low;
    if (isfinite(range))
        return low + (double)b * (range / HISTOGRAM_BINS);
    const double part = (double)b / HISTOGRAM_BINS;
    return low * (1 - part) + high * part;
}

static void find_histogram(metric_distribution *d, const double *sorted)
{
    if (d->count == 0)
        return;
    d->bin_count = d->min < d->max ? HISTOGRAM_BINS : 1;
    size_t begin = 0;
    for (size_t b = 0; b + 1 < d->bin_count; b++) {
        size_t end = count_below(sorted, d->count, edge_of(d->min, d->max, b + 1));
        if (end < begin) /* the range of a few neighbouring doubles: edges may coincide */
            end = begin;
        d->bin[b] = end - begin;
        begin = end;
    }
    d->bin[d->bin_count - 1] = d->count - begin;
}

/* The same as taking and sorting, where the order is known. -0 becomes 0, as it does there. */
static void take_in_order(metric_distribution *d, const job *j, const metric_codes *c, double *out)
{
    for (size_t i = 0; i < c->count; i++) {
        const uint32_t row = c->row[i];
        if (!is_selected(j->selected, row))
            continue;
        const double x = c->value[row] + 0.0;
        if (isinf(x))
            d->infinite++;
        else
            out[d->count++] = x;
    }
    d->missing = j->samples - d->count - d->infinite;
}

static int describe(void *context, size_t i, int worker)
{
    const job *j = context;
    metric_distribution *d = &j->out[i];
    const size_t which = j->chosen.which[i];
    const metric_column *metric = &j->frame->metric[which];
    const metric_codes *codes = j->chosen.codes ? j->chosen.codes[which] : NULL;
    double *value = j->space[worker].value;
    *d = (metric_distribution){.name = metric->name};
    if (codes) {
        take_in_order(d, j, codes, value);
    } else {
        take_values(d, j, metric->value, value);
        sort_values(value, j->space[worker].spare, d->count);
    }
    d->min = d->count ? value[0] : (double)NAN;
    d->max = d->count ? value[d->count - 1] : (double)NAN;
    /* Of the sorted values, so that the order of the rows does not move a bit. */
    find_moments(d, value);
    d->q1 = quantile_of_sorted(value, d->count, 0.25);
    d->median = quantile_of_sorted(value, d->count, 0.5);
    d->q3 = quantile_of_sorted(value, d->count, 0.75);
    find_outliers(d, value);
    find_histogram(d, value);
    return 0;
}

static assay_code describe_all(job *j, metric_distributions *made, int workers, assay_err *err)
{
    const size_t rows = (size_t)made->samples;
    made->metric = mem_zalloc(made->count, sizeof *made->metric);
    j->space = mem_zalloc((size_t)workers, sizeof *j->space);
    bool whole = made->metric && j->space;
    for (int i = 0; whole && i < workers; i++) {
        j->space[i].value = mem_alloc(rows, sizeof(double));
        j->space[i].spare = mem_alloc(rows, sizeof(uint64_t));
        whole = j->space[i].value && j->space[i].spare;
    }
    if (!whole)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the distributions of %zu samples",
                          rows);
    j->out = made->metric;
    threads_run(made->count, workers, describe, j);
    return ASSAY_OK;
}

assay_code metric_distributions_new(const frame *f, const selection *selected, metric_choice chosen,
                                    int thread_count, metric_distributions **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(metric_distributions) made = mem_zalloc(1, sizeof *made);
    if (!made)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", chosen.count);
    made->count = chosen.count;
    made->samples = selected ? selection_count(selected) : f->row_count;
    int workers = (size_t)thread_count < chosen.count ? thread_count : (int)chosen.count;
    if (workers < 1)
        workers = 1;
    job j = {.frame = f, .selected = selected, .chosen = chosen, .samples = made->samples};
    const assay_code code = describe_all(&j, made, workers, err);
    for (int i = 0; j.space && i < workers; i++) {
        mem_free(j.space[i].value);
        mem_free(j.space[i].spare);
    }
    mem_free(j.space);
    ASSAY_TRY(code);
    *out = ASSAY_GIVE(made);
    return ASSAY_OK;
}

void metric_distributions_free(metric_distributions *d)
{
    if (!d)
        return;
    mem_free(d->metric);
    mem_free(d);
}

/* NaN is inside every fence. */
static bool is_outlier(double x, const outlier_fences *fences)
{
    return isfinite(x) && (x < fences->moderate_low || x > fences->moderate_high);
}

static outlier outlier_of(size_t row, double x, const metric_distribution *d)
{
    const bool high = x > d->fences.moderate_high;
    const double beyond = high ? x - d->q3 : d->q1 - x;
    return (outlier){
        .row = (uint32_t)row,
        .high = high,
        .severe = x < d->fences.severe_low || x > d->fences.severe_high,
        .value = x,
        .iqrs = beyond / (d->q3 - d->q1),
    };
}

/* Order for qsort, which has no place for the quartiles: `iqrs` holds the distance meanwhile. */
static int compare_outliers(const void *a, const void *b)
{
    const outlier *x = a;
    const outlier *y = b;
    if (x->iqrs != y->iqrs)
        return x->iqrs > y->iqrs ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static void order_outliers(outlier_list *list, const metric_distribution *d)
{
    for (size_t i = 0; i < list->count; i++) {
        outlier *o = &list->at[i];
        o->iqrs = o->high ? o->value - d->q3 : d->q1 - o->value;
    }
    qsort(list->at, list->count, sizeof *list->at, compare_outliers);
    for (size_t i = 0; i < list->count; i++)
        list->at[i] = outlier_of(list->at[i].row, list->at[i].value, d);
}

assay_code outlier_list_init(outlier_list *out, const frame *f, const selection *selected,
                             const metric_column *metric, const metric_distribution *d,
                             assay_err *err)
{
    *out = (outlier_list){0};
    const outlier_counts *n = &d->outliers;
    const size_t most =
        (size_t)(n->moderate_low + n->moderate_high + n->severe_low + n->severe_high);
    outlier_list made = {.at = mem_alloc(most, sizeof *made.at)};
    if (!made.at)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu outliers", most);
    for (size_t row = 0; row < f->row_count && made.count < most; row++) {
        if (is_selected(selected, row) && is_outlier(metric->value[row], &d->fences))
            made.at[made.count++] = outlier_of(row, metric->value[row], d);
    }
    order_outliers(&made, d);
    *out = made;
    return ASSAY_OK;
}

void outlier_list_clear(outlier_list *list)
{
    mem_free(list->at);
    *list = (outlier_list){0};
}
