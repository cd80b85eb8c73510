/* Calibration errors of sorted confidences and of class probabilities, and what each would be by
 * chance. */
#include "eval/calibration.h"

#include "base/rng.h"
#include "base/threads.h"
#include "eval/scores.h"
#include "eval/temperature.h"
#include "stats/compensated.h"
#include "stats/quantile.h"
#include "stats/resample.h"
#include "stats/sort.h"

#include <stdlib.h>
#include <string.h>

enum { BINS = CALIBRATION_BINS, DRAWS = CALIBRATION_DRAWS, LANES = 8 };
enum { BATCH_VALUES = 1 << 14, RANGES_MOST = 16, RANGE_CELLS = 1 << 20 };

/* So that these draws have nothing to do with other uses of the seed. */
#define DRAWS_SALT 0xC2B2AE3D27D4EB4Fu

/* What a bin holds. The sum and squares of the probabilities are all that a large bin's draws need.
 */
typedef struct cell {
    double sum, squares;
    uint32_t count, correct;
} cell;

/* Confidences ascending, cut into bins. */
typedef struct binning {
    const ordered_metric *confidence;
    size_t start[BINS + 1];
    size_t bin_count;
    cell bin[BINS];
} binning;

static void cut_equal_width(binning *b)
{
    b->bin_count = BINS;
    for (size_t i = 1; i < BINS; i++)
        b->start[i] = sorted_first_above(b->confidence->key, 0, b->confidence->count,
                                         sort_key_f64(calibration_edge(i)));
    b->start[0] = 0;
    b->start[BINS] = b->confidence->count;
}

/* Equal confidences share a bin. */
static void cut_equal_count(binning *b)
{
    b->bin_count = quantile_bins(b->confidence->key, b->confidence->count, BINS, b->start);
}

/* Sums in lanes of their own each, which the compiler keeps side by side. */
typedef struct summing_lanes {
    double sum[LANES], lost[LANES], squares[LANES];
    uint32_t correct;
} summing_lanes;

/* `times` the confidence c. */
static inline void add_confidence(summing_lanes *to, size_t lane, double c, double times)
{
    const double term = times * c;
    compensated_add(&to->sum[lane], &to->lost[lane], term);
    to->squares[lane] += term * c;
}

/* The confidences of runs, each as often as it is there. */
static void add_runs(summing_lanes *to, const ordered_metric *o, size_t begin, size_t end)
{
    for (size_t run = begin; run < end; run++) {
        const ordered_run of = ordered_run_of(o, run);
        const double c = sort_unkey_f64(o->key[o->run[run].end - 1]);
        add_confidence(to, (run - begin) % LANES, c, (double)of.end);
        to->correct += of.right;
    }
}

/* Bins are cut between runs. */
static cell sum_bin(const ordered_metric *confidence, size_t begin, size_t count)
{
    summing_lanes lanes = {0};
    add_runs(&lanes, confidence, ordered_run_at(confidence, begin),
             ordered_run_at(confidence, begin + count));
    cell bin = {.count = (uint32_t)count, .correct = lanes.correct};
    summing_lanes all = {0};
    for (size_t lane = 0; lane < LANES; lane++) {
        add_confidence(&all, 0, lanes.sum[lane], 1.0);
        all.lost[0] += lanes.lost[lane];
        bin.squares += lanes.squares[lane];
    }
    bin.sum = all.sum[0] + all.lost[0];
    return bin;
}

/* Both ways of cutting at once. */
typedef struct summing {
    binning *width, *adaptive;
    cancellation *stop;
} summing;

static int sum_bin_chunk(void *context, size_t number, int worker)
{
    (void)worker;
    const summing *s = context;
    if (cancellation_asked(s->stop))
        return 1;
    binning *b = number % 2 ? s->adaptive : s->width;
    const size_t at = number / 2;
    if (at < b->bin_count)
        b->bin[at] = sum_bin(b->confidence, b->start[at], b->start[at + 1] - b->start[at]);
    return 0;
}

/* Right answers among `count` tosses of which only the mean and the squares are known. */
static double draw_matched(rng *r, const cell *c)
{
    const double n = c->count;
    const bool turned = c->sum > n / 2.0; /* count the rarer side */
    const double mean = turned ? n - c->sum : c->sum;
    if (mean <= 0.0)
        return turned ? n : 0.0;
    const double squares = turned ? n - 2.0 * c->sum + c->squares : c->squares;
    const double trials =
        fmin(n, fmax(ceil(mean), round(mean * mean / fmax(squares, mean * mean / n))));
    const double drawn = (double)draw_binomial(r, (uint64_t)trials, mean / trials);
    return turned ? n - drawn : drawn;
}

static double draw_each(rng *r, const uint64_t *key, size_t count)
{
    uint64_t right = 0;
    for (size_t i = 0; i < count; i++)
        right += rng_unit(r) < sort_unkey_f64(key[i]);
    return (double)right;
}

/* An expected and a largest calibration error. */
typedef struct errors {
    double expected, largest;
} errors;

static void add_gap(errors *e, const cell *bin, double right)
{
    const double gap = fabs(right - bin->sum);
    e->expected += gap;
    e->largest = bin->count ? fmax(e->largest, gap / bin->count) : e->largest;
}

static errors errors_of(const binning *b, size_t n)
{
    errors e = {0};
    for (size_t i = 0; i < b->bin_count; i++)
        add_gap(&e, &b->bin[i], b->bin[i].correct);
    e.expected /= (double)n;
    return e;
}

static errors draw_errors(rng *r, const binning *b, size_t n)
{
    errors e = {0};
    for (size_t i = 0; i < b->bin_count; i++) {
        const cell *bin = &b->bin[i];
        const double right = bin->count <= CALIBRATION_EXACT_MOST
                                 ? draw_each(r, b->confidence->key + b->start[i], bin->count)
                                 : draw_matched(r, bin);
        add_gap(&e, bin, right);
    }
    e.expected /= (double)n;
    return e;
}

/* Every class's bins: cell[class * BINS + bin]. */
typedef struct class_bins {
    cell *cell;
    size_t class_count, samples;
} class_bins;

static void class_bins_clear(class_bins *c)
{
    mem_free(c->cell);
    *c = (class_bins){0};
}
ASSAY_AUTO_CLEAR_DECLARE(class_bins)

static double classwise_error(const class_bins *c, rng *r)
{
    double sum = 0.0;
    for (size_t i = 0; i < c->class_count * BINS; i++) {
        const cell *bin = &c->cell[i];
        if (bin->count)
            sum += fabs((r ? draw_matched(r, bin) : bin->correct) - bin->sum);
    }
    return sum / ((double)c->samples * (double)c->class_count);
}

typedef struct drawing {
    const binning *width, *adaptive;
    const class_bins *classes; /* NULL without probabilities */
    size_t n;
    uint64_t seed;
    cancellation *stop;
    double ece[DRAWS], mce[DRAWS], adaptive_ece[DRAWS], classwise_ece[DRAWS];
} drawing;

static int draw_chunk(void *context, size_t number, int worker)
{
    (void)worker;
    drawing *d = context;
    if (cancellation_asked(d->stop))
        return 1;
    rng r;
    rng_init(&r, d->seed ^ DRAWS_SALT, number);
    const errors width = draw_errors(&r, d->width, d->n);
    d->ece[number] = width.expected;
    d->mce[number] = width.largest;
    d->adaptive_ece[number] = draw_errors(&r, d->adaptive, d->n).expected;
    d->classwise_ece[number] = d->classes ? classwise_error(d->classes, &r) : 0.0;
    return 0;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static calibration_error summarise(double value, double *draws)
{
    double sum = 0.0;
    for (size_t i = 0; i < DRAWS; i++)
        sum += draws[i];
    qsort(draws, DRAWS, sizeof *draws, compare_doubles);
    return (calibration_error){value, sum / DRAWS, quantile_of_sorted(draws, DRAWS, 0.95)};
}

/* The samples that have a confidence. */
typedef struct kept_samples {
    const samples *s;
    const uint32_t *at; /* positions in s; NULL without groups and probabilities */
    size_t count;
} kept_samples;

/* Fixed ranges of samples, each with bins of its own, merged in order. */
typedef struct class_folding {
    const kept_samples *kept;
    size_t class_count, range_count, batch;
    cell *cell;    /* range_count × class_count × BINS */
    double *room;  /* a batch of probabilities for each worker */
    uint32_t *row; /* a batch of rows for each worker */
    cancellation *stop;
} class_folding;

static void fold_row(const double *p, size_t class_count, size_t label, cell *into)
{
    for (size_t k = 0; k < class_count; k++) {
        cell *c = &into[k * BINS + calibration_bin(p[k])];
        c->sum += p[k];
        c->squares += p[k] * p[k];
        c->count++;
    }
    into[label * BINS + calibration_bin(p[label])].correct++;
}

static int fold_range(void *context, size_t number, int worker)
{
    const class_folding *f = context;
    const kept_samples *kept = f->kept;
    const size_t begin = kept->count * number / f->range_count;
    const size_t end = kept->count * (number + 1) / f->range_count;
    double *room = f->room + (size_t)worker * f->batch * f->class_count;
    uint32_t *row = f->row + (size_t)worker * f->batch;
    cell *into = f->cell + number * f->class_count * BINS;
    for (size_t i = begin; i < end; i += f->batch) {
        const size_t count = end - i < f->batch ? end - i : f->batch;
        if (cancellation_asked(f->stop))
            return 1;
        for (size_t j = 0; j < count; j++)
            row[j] = (uint32_t)samples_row(kept->s, kept->at[i + j]);
        probabilities_gather(kept->s->frame->probability, row, 0, count, room);
        for (size_t j = 0; j < count; j++)
            if (!isnan(room[j * f->class_count]))
                fold_row(room + j * f->class_count, f->class_count, kept->s->label[kept->at[i + j]],
                         into);
    }
    return 0;
}

static void merge_ranges(const class_folding *f)
{
    const size_t cells = f->class_count * BINS;
    for (size_t r = 1; r < f->range_count; r++) {
        for (size_t i = 0; i < cells; i++) {
            const cell *from = &f->cell[r * cells + i];
            f->cell[i].sum += from->sum;
            f->cell[i].squares += from->squares;
            f->cell[i].count += from->count;
            f->cell[i].correct += from->correct;
        }
    }
}

/* Few ranges where the classes are many: a range's bins take memory. */
static size_t ranges_for(size_t class_count)
{
    const size_t fitting = RANGE_CELLS / (class_count * BINS);
    return fitting < 2 ? 2 : fitting < RANGES_MOST ? fitting : RANGES_MOST;
}

/* `out` is the caller's to clear, whatever is returned. */
static assay_code bin_classes(class_bins *out, const kept_samples *kept,
                              const evaluation_options *options, assay_err *err)
{
    const size_t classes = kept->s->frame->probability->values.column_count;
    const size_t workers = (size_t)options->thread_count;
    class_folding f = {.kept = kept,
                       .class_count = classes,
                       .range_count = ranges_for(classes),
                       .batch = BATCH_VALUES / classes ? BATCH_VALUES / classes : 1};
    out->class_count = classes;
    out->cell = f.cell = mem_zalloc(f.range_count * classes, BINS * sizeof *f.cell);
    ASSAY_AUTO_MEM double *room = mem_alloc(workers * f.batch * classes, sizeof *room);
    ASSAY_AUTO_MEM uint32_t *row = mem_alloc(workers * f.batch, sizeof *row);
    if (!f.cell || !room || !row)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the bins of %zu classes", classes);
    f.room = room;
    f.row = row;
    f.stop = options->stop;
    (void)threads_run(f.range_count, options->thread_count, fold_range, &f);
    ASSAY_TRY(cancellation_check(options->stop, err));
    merge_ranges(&f);
    for (size_t b = 0; b < BINS; b++)
        out->samples += out->cell[b].count;
    return ASSAY_OK;
}

/* What the intervals of the bins need when samples come in groups. */
typedef struct bin_groups {
    double *psi, *scratch;
    uint32_t *group;            /* of a bin's samples, numbered within the bin */
    uint32_t *seen_in, *number; /* by group: the last bin + 1 that saw it, its number there */
    uint8_t *bin;               /* by kept sample */
} bin_groups;

/* The effective number of samples behind the accuracy of bin b. */
static double effective_n(const kept_samples *kept, const bin_groups *g, size_t b, const cell *bin)
{
    const samples *s = kept->s;
    const double n = bin->count, p = bin->correct / n;
    size_t in_bin = 0;
    uint32_t seen = 0;
    for (size_t i = 0; i < kept->count; i++) {
        if (g->bin[i] != b)
            continue;
        const size_t at = kept->at[i];
        const uint32_t group = s->groups.group[at];
        if (g->seen_in[group] != b + 1)
            g->number[group] = seen++;
        g->seen_in[group] = (uint32_t)b + 1;
        g->group[in_bin] = g->number[group];
        g->psi[in_bin++] = ((s->label[at] == s->prediction[at]) - p) / n;
    }
    if (seen < 2)
        return seen; /* a group alone says nothing of how groups differ: it counts as one */
    const clustering groups = {.group = g->group, .group_count = seen};
    return cluster_effective_n(p, cluster_se(g->psi, in_bin, groups, g->scratch), n, seen);
}

static assay_code grouped_sizes(double *effective, const kept_samples *kept, const binning *width,
                                assay_err *err)
{
    const samples *s = kept->s;
    ASSAY_AUTO_MEM double *psi = mem_alloc(kept->count, sizeof *psi);
    ASSAY_AUTO_MEM double *scratch = mem_alloc(s->groups.group_count, sizeof *scratch);
    ASSAY_AUTO_MEM uint32_t *group = mem_alloc(kept->count, sizeof *group);
    ASSAY_AUTO_MEM uint32_t *seen_in = mem_zalloc(s->groups.group_count, sizeof *seen_in);
    ASSAY_AUTO_MEM uint32_t *number = mem_alloc(s->groups.group_count, sizeof *number);
    ASSAY_AUTO_MEM uint8_t *bin = mem_alloc(kept->count, sizeof *bin);
    if (!psi || !scratch || !group || !seen_in || !number || !bin)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the groups of %zu samples",
                          kept->count);
    for (size_t i = 0; i < kept->count; i++)
        bin[i] = (uint8_t)calibration_bin(s->frame->confidence[samples_row(s, kept->at[i])]);
    const bin_groups g = {psi, scratch, group, seen_in, number, bin};
    for (size_t b = 0; b < BINS; b++)
        effective[b] = width->bin[b].count ? effective_n(kept, &g, b, &width->bin[b]) : 0.0;
    return ASSAY_OK;
}

static assay_code fill_reliability(calibration *out, const kept_samples *kept, const binning *width,
                                   const evaluation_options *options, assay_err *err)
{
    double effective[BINS] = {0};
    if (kept->s->groups.group)
        ASSAY_TRY(grouped_sizes(effective, kept, width, err));
    for (size_t b = 0; b < BINS; b++) {
        const cell *bin = &width->bin[b];
        if (!bin->count)
            continue;
        out->bin[b].count = bin->count;
        out->bin[b].confidence = bin->sum / bin->count;
        out->bin[b].accuracy = score_proportion(bin->correct, bin->count, effective[b], options);
    }
    return ASSAY_OK;
}

static assay_code fill_errors(calibration *out, const kept_samples *kept, const binning *width,
                              const binning *adaptive, const evaluation_options *options,
                              assay_err *err)
{
    ASSAY_AUTO_MEM drawing *d = mem_zalloc(1, sizeof *d);
    if (!d)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %d draws", DRAWS);
    ASSAY_AUTO_CLEAR(class_bins) classes = {0};
    if (kept->s->frame->probability)
        ASSAY_TRY(bin_classes(&classes, kept, options, err));
    d->width = width;
    d->adaptive = adaptive;
    d->classes = classes.samples ? &classes : NULL;
    d->n = kept->count;
    d->seed = options->seed;
    d->stop = options->stop;
    (void)threads_run(DRAWS, options->thread_count, draw_chunk, d);
    ASSAY_TRY(cancellation_check(options->stop, err));
    const errors found = errors_of(width, kept->count);
    out->ece = summarise(found.expected, d->ece);
    out->mce = summarise(found.largest, d->mce);
    out->adaptive_ece = summarise(errors_of(adaptive, kept->count).expected, d->adaptive_ece);
    if (d->classes)
        out->classwise_ece = summarise(classwise_error(&classes, NULL), d->classwise_ece);
    return ASSAY_OK;
}

/* Equal-width and equal-count bins are both ranges of ordered confidences. */
static assay_code bin_confidences(calibration *out, const kept_samples *kept,
                                  const ordered_metric *confidence,
                                  const evaluation_options *options, assay_err *err)
{
    binning width = {.confidence = confidence}, adaptive = {.confidence = confidence};
    cut_equal_width(&width);
    cut_equal_count(&adaptive);
    summing both = {.width = &width, .adaptive = &adaptive, .stop = options->stop};
    (void)threads_run(2 * (size_t)BINS, options->thread_count, sum_bin_chunk, &both);
    ASSAY_TRY(cancellation_check(options->stop, err));
    ASSAY_TRY(fill_reliability(out, kept, &width, options, err));
    return fill_errors(out, kept, &width, &adaptive, options, err);
}

static calibration no_calibration(void)
{
    const double none = (double)NAN;
    const calibration_error no_error = {none, none, none};
    calibration out = {.ece = no_error,
                       .mce = no_error,
                       .adaptive_ece = no_error,
                       .classwise_ece = no_error,
                       .temperature = none,
                       .ece_before = none,
                       .ece_after = none,
                       .log_loss_before = none,
                       .log_loss_after = none};
    for (size_t b = 0; b < BINS; b++)
        out.bin[b] = (reliability_bin){.low = calibration_edge(b),
                                       .high = calibration_edge(b + 1),
                                       .confidence = none,
                                       .accuracy = score_none()};
    return out;
}

static assay_code fill_temperature(calibration *out, const kept_samples *kept,
                                   const evaluation_options *options, assay_err *err)
{
    temperature_scaling t;
    ASSAY_TRY(temperature_init(&t, kept->s, kept->at, kept->count, options, err));
    out->temperature = t.temperature;
    out->ece_before = t.ece_before;
    out->ece_after = t.ece_after;
    out->log_loss_before = t.log_loss_before;
    out->log_loss_after = t.log_loss_after;
    return ASSAY_OK;
}

assay_code confidence_order_init(ordered_metric *out, const samples *s,
                                 const evaluation_options *options, assay_err *err)
{
    ASSAY_TRY(ordered_metric_init(out, s, err));
    out->stop = options->stop;
    ordered_metric_fill(out, s, s->frame->confidence, NULL, options->thread_count);
    const assay_code code = cancellation_check(options->stop, err);
    if (code != ASSAY_OK)
        ordered_metric_clear(out);
    return code;
}

/* Where the samples with a confidence stand: asked by groups and by probabilities. */
static assay_code keep_samples(kept_samples *out, const samples *s, uint32_t **at, assay_err *err)
{
    *out = (kept_samples){.s = s};
    if (!s->groups.group && !s->frame->probability)
        return ASSAY_OK;
    out->at = *at = mem_alloc(s->count, sizeof **at);
    if (!*at)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu samples", s->count);
    (void)samples_with_value(s, s->frame->confidence, *at);
    return ASSAY_OK;
}

assay_code calibration_init(calibration *out, const samples *s, const ordered_metric *confidence,
                            const evaluation_options *options, assay_err *err)
{
    *out = no_calibration();
    if (!confidence->count)
        return ASSAY_OK;
    ASSAY_AUTO_MEM uint32_t *at = NULL;
    kept_samples kept;
    ASSAY_TRY(keep_samples(&kept, s, &at, err));
    kept.count = confidence->count;
    calibration made = *out;
    made.samples = kept.count;
    ASSAY_TRY(bin_confidences(&made, &kept, confidence, options, err));
    ASSAY_TRY(fill_temperature(&made, &kept, options, err));
    *out = made;
    return ASSAY_OK;
}
