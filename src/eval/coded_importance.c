/* Importance and correlation of many metrics over any selection, from codes that were made once.
 * Three passes, each over all metrics on all threads: count codes; sum powers of the values where
 * codes do not say them; cut, test and conclude. */
#include "eval/coded_importance.h"

#include "base/mem.h"
#include "base/threads.h"
#include "eval/importance_parts.h"
#include "eval/power_sums.h"
#include "stats/special.h"

#include <assert.h>
#include <string.h>

enum {
    WORD = 64,
    PIECES = 2,         /* of a metric's rows, counted apart */
    BLOCK_WORDS = 1024, /* rows whose powers are summed apart, and then in order */
    BLOCKS_A_CHUNK = 8,
    TABLE = CODE_MISSING + 1
};

/* Of the distance between the mean and where powers are taken from, in standard deviations: beyond
 * it the sums lose digits. */
static const double OFF_CENTRE_MOST = 4.0;

/* Nearer to ±1 the influences cancel in the sums. */
static const double ROOM_LEAST = 1e-3;

/* One metric under work. */
typedef struct coded_task {
    const metric_codes *codes;
    code_count *table; /* PIECES tables, then the first is `before` of the rows */
    coded_rows rows;
    power_sums *block; /* of each block; NULL where the codes are the values */
    double shift, scale;
    power_sums sum;
} coded_task;

typedef struct coded_analysis {
    const coded_metrics *metrics;
    const outcome_rows *of;
    const evaluation_options *options;
    metric_analyses *out;
    coded_task *task;
    const power_loop *loop;
    size_t words, blocks;
    double z;
} coded_analysis;

static int count_piece(void *context, size_t chunk, int worker)
{
    (void)worker;
    const coded_analysis *const a = context;
    const coded_task *const t = &a->task[chunk / PIECES];
    const size_t piece = chunk % PIECES;
    if (cancellation_asked(a->options->stop))
        return 1;
    metric_codes_count(t->codes, &a->of->rows, &a->of->right, a->words * piece / PIECES,
                       a->words * (piece + 1) / PIECES, t->table + piece * TABLE);
    return 0;
}

/* A value that stands for those of a code. */
static double middle_of(const metric_codes *c, uint32_t code)
{
    return c->low[code] == c->high[code] ? c->low[code] : 0.5 * c->low[code] + 0.5 * c->high[code];
}

static size_t count_of(const coded_rows *r, uint32_t code)
{
    return counted(r->before[code + 1]) - counted(r->before[code]);
}

/* Where powers are taken from: the mean and the standard deviation as the codes tell them. */
static void find_centre(coded_task *t)
{
    const coded_rows *r = &t->rows;
    double sum = 0.0, squares = 0.0;
    for (uint32_t b = 0; b < t->codes->code_count; b++)
        sum += (double)count_of(r, b) * middle_of(t->codes, b);
    t->shift = sum / (double)r->n;
    for (uint32_t b = 0; b < t->codes->code_count; b++) {
        const double off = middle_of(t->codes, b) - t->shift;
        squares += (double)count_of(r, b) * off * off;
    }
    const double sd = sqrt(squares / (double)r->n);
    t->scale = sd > 0.0 && isfinite(1.0 / sd) ? 1.0 / sd : 1.0;
}

/* Tables of the pieces become one, and that what comes before each code. */
static int merge_pieces(void *context, size_t chunk, int worker)
{
    (void)worker;
    const coded_analysis *const a = context;
    coded_task *const t = &a->task[chunk];
    for (size_t piece = 1; piece < PIECES; piece++)
        for (size_t b = 0; b < t->codes->code_count; b++)
            t->table[b] += t->table[piece * TABLE + b];
    coded_rows_init(&t->rows, t->codes, &a->of->rows, &a->of->right, t->table);
    if (t->rows.n > 0)
        find_centre(t);
    return 0;
}

/* The powers of one block; the last word may have fewer rows than bits. */
static void sum_block(const coded_analysis *a, const coded_task *t, size_t block)
{
    const size_t first = block * BLOCK_WORDS, row_count = a->of->rows.row_count;
    const size_t end = first + BLOCK_WORDS < a->words ? first + BLOCK_WORDS : a->words;
    const size_t whole = end * WORD <= row_count ? end : end - 1;
    power_rows of = {.value = t->codes->value + first * WORD,
                     .rows = a->of->rows.word + first,
                     .right = a->of->right.word + first,
                     .words = whole - first,
                     .shift = t->shift,
                     .scale = t->scale};
    a->loop->sum(&of, &t->block[block]);
    if (whole == end)
        return;
    double rest[WORD] = {0};
    memcpy(rest, t->codes->value + whole * WORD, (row_count - whole * WORD) * sizeof *rest);
    of.value = rest;
    of.rows = a->of->rows.word + whole;
    of.right = a->of->right.word + whole;
    of.words = 1;
    power_sums last;
    a->loop->sum(&of, &last);
    for (size_t k = 0; k < POWERS; k++) {
        t->block[block].all[k] += last.all[k];
        t->block[block].right[k] += last.right[k];
    }
}

static size_t chunks_of_blocks(const coded_analysis *a)
{
    return (a->blocks + BLOCKS_A_CHUNK - 1) / BLOCKS_A_CHUNK;
}

static int sum_blocks(void *context, size_t chunk, int worker)
{
    (void)worker;
    const coded_analysis *const a = context;
    const size_t chunks = chunks_of_blocks(a), first = chunk % chunks * BLOCKS_A_CHUNK;
    const coded_task *const t = &a->task[chunk / chunks];
    if (cancellation_asked(a->options->stop))
        return 1;
    for (size_t b = first; t->block && b < a->blocks && b < first + BLOCKS_A_CHUNK; b++)
        sum_block(a, t, b);
    return 0;
}

static void add_blocks(const coded_analysis *a, coded_task *t)
{
    memset(&t->sum, 0, sizeof t->sum);
    for (size_t b = 0; b < a->blocks; b++)
        for (size_t k = 0; k < POWERS; k++) {
            t->sum.all[k] += t->block[b].all[k];
            t->sum.right[k] += t->block[b].right[k];
        }
}

/* The same where a code is a value: no row is looked at. */
static void add_codes(coded_task *t)
{
    memset(&t->sum, 0, sizeof t->sum);
    const coded_rows *r = &t->rows;
    for (uint32_t b = 0; b < t->codes->code_count; b++) {
        const double all = (double)count_of(r, b);
        const double right =
            (double)(counted_correct(r->before[b + 1]) - counted_correct(r->before[b]));
        const double x = (t->codes->low[b] - t->shift) * t->scale;
        double power = 1.0;
        for (size_t k = 0; k < POWERS; k++) {
            power *= x;
            t->sum.all[k] += all * power;
            t->sum.right[k] += right * power;
        }
    }
}

/* Σ(t - m)^k of n numbers from their Σt^k, in place. */
static void move_to_mean(double *sum, double n, double m)
{
    const double s1 = sum[0], s2 = sum[1], s3 = sum[2], s4 = sum[3], mm = m * m;
    sum[0] = s1 - n * m;
    sum[1] = s2 - 2.0 * m * s1 + n * mm;
    sum[2] = s3 - 3.0 * m * s2 + 3.0 * mm * s1 - n * mm * m;
    sum[3] = s4 - 4.0 * m * s3 + 6.0 * mm * s2 - 4.0 * mm * m * s1 + n * mm * mm;
}

/* Σ(ab - h(a² + b²))² over samples with the same b, from the sums of the powers of a. */
static double squared_influences(const double *sum, double n, double b, double h)
{
    const double bb = b * b, hh = h * h;
    return hh * sum[3] - 2.0 * h * b * sum[2] + (bb + 2.0 * hh * bb) * sum[1] -
           2.0 * h * bb * b * sum[0] + hh * bb * bb * n;
}

/* Where the sums keep too few digits: the values themselves. False where memory is short. */
static bool correlate_values(const coded_analysis *a, const coded_task *t, correlation *out)
{
    const coded_rows *r = &t->rows;
    ASSAY_AUTO_MEM double *x = mem_alloc(r->n, sizeof *x);
    ASSAY_AUTO_MEM double *y = mem_alloc(r->n, sizeof *y);
    if (!x || !y)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < t->codes->count; i++) {
        const uint32_t row = t->codes->row[i];
        if (!selection_has(&a->of->rows, row))
            continue;
        x[n] = t->codes->value[row];
        y[n++] = selection_has(&a->of->right, row);
    }
    *out = correlate_pearson(x, y, n, NULL);
    return true;
}

/* From the sums; false where they do not say it well enough. */
static bool correlate_sums(const coded_task *t, correlation *out)
{
    const double n = (double)t->rows.n, right = (double)t->rows.correct, wrong = n - right;
    double of_right[POWERS], of_wrong[POWERS];
    const double mean = t->sum.all[0] / n;
    for (size_t k = 0; k < POWERS; k++) {
        of_right[k] = t->sum.right[k];
        of_wrong[k] = t->sum.all[k] - t->sum.right[k];
    }
    move_to_mean(of_right, right, mean);
    move_to_mean(of_wrong, wrong, mean);
    const double xx = of_right[1] + of_wrong[1], yy = right * wrong / n;
    if (!(xx / n * OFF_CENTRE_MOST * OFF_CENTRE_MOST > mean * mean))
        return false;
    const double r = of_right[0] / (sqrt(xx) * sqrt(yy));
    const double room = (1.0 - r) * (1.0 + r);
    if (!(room > ROOM_LEAST))
        return false;
    const double a = sqrt(n / xx), b = sqrt(n / yy);
    for (size_t k = 0; k < POWERS; k++) {
        of_right[k] *= pow(a, (double)(k + 1));
        of_wrong[k] *= pow(a, (double)(k + 1));
    }
    const double squares = squared_influences(of_right, right, wrong / n * b, 0.5 * r) +
                           squared_influences(of_wrong, wrong, -right / n * b, 0.5 * r);
    *out = (correlation){r, sqrt(squares) / (n * room)};
    return isfinite(out->se_fisher);
}

/* All rows have one value. */
static bool is_constant(const coded_rows *r)
{
    return coded_rows_at(r, 0).end == r->n;
}

static bool correlate(const coded_analysis *a, coded_task *t, metric_importance *m)
{
    const coded_rows *r = &t->rows;
    correlation c = {(double)NAN, (double)NAN};
    if (r->n > 1 && r->correct > 0 && r->correct < r->n && !is_constant(r)) {
        if (t->block)
            add_blocks(a, t);
        else
            add_codes(t);
        if ((!t->codes->is_plain || !correlate_sums(t, &c)) && !correlate_values(a, t, &c))
            return false;
    }
    m->correlation =
        importance_correlation((outcome_total){r->n, r->correct}, c, c.se_fisher, false, a->z);
    return true;
}

static outcome_bin bin_between(value_run from, value_run to)
{
    return (outcome_bin){.count = to.first - from.first,
                         .correct = to.correct_first - from.correct_first};
}

/* As if the run began where it ends. */
static value_run behind(value_run run)
{
    return (value_run){run.end, run.end, run.correct_end, run.correct_end};
}

/* What quantile_bins() cuts sorted keys into. */
static size_t cut_at_quantiles(const coded_rows *r, size_t bin_count, outcome_bin *bins)
{
    value_run start = {0};
    size_t count = 0;
    for (size_t b = 1; b < bin_count; b++) {
        value_run cut = coded_rows_at(r, b * r->n / bin_count);
        if (cut.first <= start.first)
            cut = behind(cut);
        if (cut.first <= start.first || cut.first >= r->n)
            continue;
        bins[count++] = bin_between(start, cut);
        start = cut;
    }
    bins[count++] = (outcome_bin){r->n - start.first, r->correct - start.correct_first};
    return count;
}

/* What distinct_bins() does. */
static size_t cut_at_values(const coded_rows *r, size_t most, outcome_bin *bins)
{
    size_t count = 0;
    for (value_run run = {0}; run.end < r->n; count++) {
        if (count == most)
            return 0;
        run = coded_rows_at(r, run.end);
        bins[count] = (outcome_bin){run.end - run.first, run.correct_end - run.correct_first};
    }
    return count;
}

static void inform(const coded_analysis *a, const coded_rows *r, size_t metric,
                   metric_importance *m)
{
    const outcome_total total = {r->n, r->correct};
    outcome_bin bins[VALUES_AS_BINS_MOST];
    size_t count = cut_at_quantiles(r, TEST_BINS, bins);
    binned_information i = information_of_bins(bins, count);
    const double entropy = i.entropy;
    m->p_missing = importance_untestable(total, count);
    if (!m->p_missing)
        importance_test(m, bins, count, &i, a->options->seed, metric);
    if (!(entropy > 0.0))
        return;
    count = cut_at_values(r, VALUES_AS_BINS_MOST, bins);
    if (count == 0)
        count = cut_at_quantiles(r, INFORMATION_BINS, bins);
    i = information_of_bins(bins, count);
    m->information = importance_information(total, &i, i.sd / sqrt((double)r->n), false, a->z);
    if (!isnan(m->information.value))
        m->share = fmin(1.0, m->information.value / entropy);
}

static int conclude(void *context, size_t chunk, int worker)
{
    (void)worker;
    const coded_analysis *const a = context;
    coded_task *const t = &a->task[chunk];
    metric_importance *const m = &a->out->metric[chunk].importance;
    if (cancellation_asked(a->options->stop))
        return 1;
    m->samples = t->rows.n;
    if (t->rows.n == 0) {
        m->p_missing = "no sample has a value";
        return 0;
    }
    if (!correlate(a, t, m))
        return 1;
    inform(a, &t->rows, a->metrics->which[chunk], m);
    return 0;
}

static void coded_analysis_clear(coded_analysis *a)
{
    for (size_t i = 0; a->task && i < a->metrics->count; i++) {
        mem_free(a->task[i].table);
        mem_free(a->task[i].block);
    }
    mem_free(a->task);
}

static assay_code analysis_nomem(const coded_analysis *a, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the importance of %zu samples",
                      a->of->count);
}

static assay_code make_tasks(coded_analysis *a, assay_err *err)
{
    const coded_metrics *m = a->metrics;
    a->task = mem_zalloc(m->count, sizeof *a->task);
    if (!a->task)
        return analysis_nomem(a, err);
    for (size_t i = 0; i < m->count; i++) {
        coded_task *t = &a->task[i];
        t->codes = m->codes[m->which[i]];
        assert(t->codes);
        t->table = mem_zalloc((size_t)PIECES * TABLE, sizeof *t->table);
        if (!t->codes->each_is_one && t->codes->is_plain)
            t->block = mem_alloc(a->blocks, sizeof *t->block);
        if (!t->table || (!t->block && !t->codes->each_is_one && t->codes->is_plain))
            return analysis_nomem(a, err);
    }
    return ASSAY_OK;
}

static assay_code analyse_all(coded_analysis *a, assay_err *err)
{
    const size_t count = a->metrics->count;
    const int threads = a->options->thread_count;
    ASSAY_TRY(
        metric_analyses_init(a->out, a->metrics->frame, a->metrics->which, count, a->options, err));
    a->out->summed = true;
    ASSAY_TRY(make_tasks(a, err));
    cancellation *const stop = a->options->stop;
    threads_run(count * PIECES, threads, count_piece, a);
    ASSAY_TRY(cancellation_check(stop, err));
    threads_run(count, threads, merge_pieces, a);
    threads_run(count * chunks_of_blocks(a), threads, sum_blocks, a);
    ASSAY_TRY(cancellation_check(stop, err));
    const bool short_of_memory = threads_run(count, threads, conclude, a) != 0;
    ASSAY_TRY(cancellation_check(stop, err));
    if (short_of_memory)
        return analysis_nomem(a, err);
    return metric_analyses_adjust(a->out, err);
}

assay_code coded_analyses_new(const coded_metrics *m, const outcome_rows *of,
                              const evaluation_options *options, metric_analyses **out,
                              assay_err *err)
{
    *out = NULL;
    metric_analyses *made = mem_zalloc(1, sizeof *made);
    if (!made)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", m->count);
    const size_t words = (of->rows.row_count + WORD - 1) / WORD;
    coded_analysis a = {.metrics = m,
                        .of = of,
                        .options = options,
                        .out = made,
                        .loop = power_loop_at(0),
                        .words = words,
                        .blocks = (words + BLOCK_WORDS - 1) / BLOCK_WORDS,
                        .z = normal_z(options->confidence_level)};
    const assay_code code = analyse_all(&a, err);
    coded_analysis_clear(&a);
    if (code == ASSAY_OK)
        *out = made;
    else
        metric_analyses_free(made);
    return code;
}
