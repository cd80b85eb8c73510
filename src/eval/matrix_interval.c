/* Intervals of the functions of the matrix: delta method, groups, bootstrap on request. */
#include "eval/matrix_interval.h"

#include "base/mem.h"
#include "base/threads.h"
#include "eval/row_gradient.h"
#include "stats/interval.h"
#include "stats/quantile.h"
#include "stats/resample.h"
#include "stats/special.h"

#include <math.h>
#include <stdlib.h>

static margins margins_of(const confusion *c, const bool *shown)
{
    return (margins){.class_count = c->class_count,
                     .shown = shown,
                     .support = c->support,
                     .predicted = c->predicted,
                     .true_positive = c->true_positive,
                     .total = c->total};
}

/* What does not change from function to function. */
typedef struct setting {
    const confusion *matrix;
    const samples *samples; /* NULL without groups */
    margins margins;
    double z;
    double smallest; /* samples (or groups) of the smallest shown class that has any; 0: none has */
    double smallest_predicted; /* the same of the samples predicted as a class */
    gradient gradient;
    double *group_sum; /* group_count; NULL without groups */
} setting;

static void setting_clear(setting *s)
{
    mem_free(s->gradient.row);
    mem_free(s->gradient.column);
    mem_free(s->gradient.diagonal);
    mem_free(s->group_sum);
}

ASSAY_AUTO_CLEAR_DECLARE(setting)

/* The least of `of_class` (class_count numbers: support, or predicted) that is not 0. */
static double smallest_class(const margins *m, const uint64_t *of_class,
                             const effective_counts *effective)
{
    double smallest = 0.0;
    for (size_t k = 0; k < m->class_count; k++) {
        if (!of_class[k] || !margins_shows(m, k))
            continue;
        double size = (double)of_class[k];
        if (effective->per_class)
            size = fmin(size, effective->per_class[k].groups);
        if (smallest == 0.0 || size < smallest)
            smallest = size;
    }
    return smallest;
}

static assay_code setting_init(setting *set, const samples *s, assay_err *err)
{
    const size_t class_count = set->matrix->class_count;
    set->gradient.row = mem_zalloc(class_count, sizeof(double));
    set->gradient.column = mem_zalloc(class_count, sizeof(double));
    set->gradient.diagonal = mem_zalloc(class_count, sizeof(double));
    if (!set->gradient.row || !set->gradient.column || !set->gradient.diagonal)
        return assay_fail(err, ASSAY_E_NOMEM, "gradient over %zu classes", class_count);
    if (!s || !s->groups.group)
        return ASSAY_OK;
    set->samples = s;
    set->group_sum = mem_zalloc(s->groups.group_count, sizeof(double));
    if (!set->group_sum)
        return assay_fail(err, ASSAY_E_NOMEM, "%u groups", s->groups.group_count);
    return ASSAY_OK;
}

/* A difference of two squares; what rounding leaves of it where nothing differs is nothing. */
static double squares_apart(double more, double less)
{
    return more - less > 1e-14 * more ? more - less : 0.0;
}

static double variance_within_row(const setting *set, size_t row, const row_gradient *g)
{
    const double n = (double)set->matrix->support[row];
    const double tp = (double)set->matrix->true_positive[row];
    const double recall = (tp + 1.0) / (n + 2.0);
    const double gap = g->right - g->wrong;
    const double spread = squares_apart(g->wrong_square, g->wrong * g->wrong);
    return (1.0 - recall) * (recall * gap * gap + spread);
}

static double delta_se(const setting *set)
{
    const confusion *c = set->matrix;
    const double elsewhere = gradient_mean_column(c, &set->gradient);
    double within = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    for (size_t k = 0; k < c->class_count; k++) {
        if (!c->support[k])
            continue;
        const double n = (double)c->support[k];
        const row_gradient g = gradient_of_row(c, &set->gradient, k, elsewhere);
        within += n * variance_within_row(set, k, &g);
        sum += n * g.mean;
        squares += n * g.mean * g.mean;
    }
    return sqrt(within + squares_apart(squares, sum * sum / (double)c->total));
}

static double mean_gradient(const setting *set)
{
    const confusion *c = set->matrix;
    double sum = 0.0;
    for (size_t i = 0; i < c->cell_count; i++)
        sum += c->cell[i].count *
               gradient_of_cell(&set->gradient, c->cell[i].label, c->cell[i].prediction);
    return sum / (double)c->total;
}

static double grouped_se(const setting *set)
{
    const samples *s = set->samples;
    const double groups = s->groups.group_count;
    if (s->groups.group_count < 2)
        return (double)NAN;
    const double mean = mean_gradient(set);
    for (size_t g = 0; g < s->groups.group_count; g++)
        set->group_sum[g] = 0.0;
    for (size_t i = 0; i < s->count; i++)
        set->group_sum[s->groups.group[i]] +=
            gradient_of_cell(&set->gradient, s->label[i], s->prediction[i]) - mean;
    const double se = cluster_se(set->group_sum, s->groups.group_count, (clustering){0}, NULL);
    return se * sqrt(groups / (groups - 1.0));
}

static bool on_fisher_scale(matrix_function f)
{
    return f == MCC || f == KAPPA;
}

static void take_interval(score *out, interval i, const char *method)
{
    out->low = i.low;
    out->high = i.high;
    out->method = isnan(i.low) ? "none" : method;
}

/* Nothing varies at a perfect score, so the smallest class alone decides how far it could be off.
 */
static void take_edge(score *out, const setting *set, matrix_function f)
{
    const bool of_predictions = f == MACRO_PRECISION || f == WEIGHTED_PRECISION;
    const double smallest = of_predictions ? set->smallest_predicted : set->smallest;
    interval i = interval_wilson(out->value > 0.0 ? smallest : 0.0, smallest, set->z);
    if (out->value < 0.0) {
        const interval right = interval_wilson(smallest, smallest, set->z);
        i = (interval){-right.high, -right.low};
    }
    take_interval(out, i, "wilson-smallest-class");
}

static bool at_the_edge(matrix_function f, double value)
{
    return fabs(value) >= 1.0 || (value == 0.0 && !on_fisher_scale(f));
}

static void take_delta(score *out, setting *set, matrix_function f)
{
    matrix_function_gradient(f, &set->margins, out->value, &set->gradient);
    const double se = set->samples ? grouped_se(set) : delta_se(set);
    if (on_fisher_scale(f))
        take_interval(out, interval_fisher(out->value, se, set->z),
                      set->samples ? "cluster-fisher" : "delta-fisher");
    else
        take_interval(out, interval_logit(out->value, se, set->z),
                      set->samples ? "cluster-logit" : "delta-logit");
}

/* Replicates and what a worker needs to make one: `draw` holds cells, then three margins of
 * classes. */
typedef struct bootstrap {
    const confusion *matrix;
    const bool *shown;
    uint64_t seed;
    size_t replicates;
    uint64_t *weight; /* cell_count */
    uint64_t *draw;
    size_t draw_count; /* of one worker */
    double *value;     /* MATRIX_FUNCTIONS × replicates */
} bootstrap;

static void bootstrap_clear(bootstrap *b)
{
    mem_free(b->weight);
    mem_free(b->draw);
    mem_free(b->value);
}

ASSAY_AUTO_CLEAR_DECLARE(bootstrap)

static int draw_replicate(void *context, size_t replicate, int worker)
{
    const bootstrap *b = context;
    const confusion *c = b->matrix;
    uint64_t *drawn = b->draw + (size_t)worker * b->draw_count;
    uint64_t *support = drawn + c->cell_count;
    uint64_t *predicted = support + c->class_count;
    uint64_t *true_positive = predicted + c->class_count;
    rng random;
    rng_init(&random, b->seed, replicate);
    draw_multinomial(&random, b->weight, c->cell_count, c->total, drawn);
    for (size_t k = 0; k < 3 * (size_t)c->class_count; k++)
        support[k] = 0;
    for (size_t i = 0; i < c->cell_count; i++) {
        const confusion_cell *cell = &c->cell[i];
        support[cell->label] += drawn[i];
        predicted[cell->prediction] += drawn[i];
        if (cell->label == cell->prediction)
            true_positive[cell->label] = drawn[i];
    }
    const margins m = {c->class_count, b->shown, support, predicted, true_positive, c->total};
    for (matrix_function f = 0; f < MATRIX_FUNCTIONS; f++)
        b->value[f * b->replicates + replicate] = matrix_function_value(f, &m);
    return 0;
}

static assay_code bootstrap_run(bootstrap *b, int thread_count, assay_err *err)
{
    const confusion *c = b->matrix;
    const size_t workers = thread_count > 1 ? (size_t)thread_count : 1;
    b->draw_count = c->cell_count + 3 * (size_t)c->class_count;
    b->weight = mem_alloc(c->cell_count, sizeof *b->weight);
    b->draw = mem_alloc(b->draw_count * workers, sizeof *b->draw);
    b->value = mem_alloc(b->replicates * MATRIX_FUNCTIONS, sizeof *b->value);
    if (!b->weight || !b->draw || !b->value)
        return assay_fail(err, ASSAY_E_NOMEM, "bootstrap of %zu replicates", b->replicates);
    for (size_t i = 0; i < c->cell_count; i++)
        b->weight[i] = c->cell[i].count;
    threads_run(b->replicates, (int)workers, draw_replicate, b);
    return ASSAY_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Replicates without an answer are left out. */
static void take_percentiles(score *out, double *value, size_t count, double level)
{
    size_t answers = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(value[i]))
            value[answers++] = value[i];
    }
    qsort(value, answers, sizeof *value, compare_numbers);
    const double tail = (1.0 - level) / 2.0;
    take_interval(out,
                  (interval){quantile_of_sorted(value, answers, tail),
                             quantile_of_sorted(value, answers, 1.0 - tail)},
                  "bootstrap");
}

static score value_of(matrix_function f, const margins *m)
{
    score out = score_none();
    if (m->total == 0 || (m->shown && on_fisher_scale(f)))
        return out;
    out.value = matrix_function_value(f, m);
    if (f == MCC && !isfinite(out.value)) {
        out.value = 0.0;
        out.undefined = true;
    }
    return out;
}

assay_code matrix_function_scores(const confusion *c, const samples *s,
                                  const effective_counts *effective,
                                  const evaluation_options *options, score *scores, assay_err *err)
{
    ASSAY_AUTO_CLEAR(setting)
    set = {.matrix = c,
           .margins = margins_of(c, options->shown),
           .z = normal_z(options->confidence_level)};
    ASSAY_TRY(setting_init(&set, s, err));
    set.smallest = smallest_class(&set.margins, set.margins.support, effective);
    set.smallest_predicted = smallest_class(&set.margins, set.margins.predicted, effective);
    ASSAY_AUTO_CLEAR(bootstrap)
    b = {.matrix = c,
         .shown = options->shown,
         .seed = options->seed,
         .replicates = set.samples || c->total == 0 ? 0 : options->bootstrap};
    if (b.replicates)
        ASSAY_TRY(bootstrap_run(&b, options->thread_count, err));
    for (matrix_function f = 0; f < MATRIX_FUNCTIONS; f++) {
        score *out = &scores[f];
        *out = value_of(f, &set.margins);
        if (isnan(out->value) || out->undefined)
            continue;
        if (at_the_edge(f, out->value))
            take_edge(out, &set, f);
        else if (b.replicates)
            take_percentiles(out, b.value + f * b.replicates, b.replicates,
                             options->confidence_level);
        else
            take_delta(out, &set, f);
    }
    return ASSAY_OK;
}
