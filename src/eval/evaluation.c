/* Asks every question of the other files of this room, over the right samples, and keeps the
 * answers together. Computes nothing itself. */
#include "eval/evaluation.h"

#include "base/limits.h"
#include "base/threads.h"
#include "eval/coded_importance.h"

#include <assert.h>
#include <string.h>

ASSAY_AUTO_DECLARE(evaluation)
ASSAY_AUTO_CLEAR_DECLARE(samples)
ASSAY_AUTO_CLEAR_DECLARE(outcome_rows)
ASSAY_AUTO_CLEAR_DECLARE(ordered_metric)

void evaluation_defaults(evaluation_options *options)
{
    *options = (evaluation_options){
        .confidence_level = 0.95,
        .bins = BINS_DEFAULT,
        .seed = 1,
        .thread_count = threads_available(),
    };
}

static assay_code check_options(const evaluation_options *o, const frame *f, assay_err *err)
{
    if (f->group && (o->bootstrap || o->exact_proportions))
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s takes samples for independent; leave it out, or leave out the group",
                          o->bootstrap ? "--bootstrap" : "--exact");
    if (!(o->confidence_level >= 0.5 && o->confidence_level <= 0.9999))
        return assay_fail(err, ASSAY_E_USAGE, "confidence level is %g; use 0.5 to 0.9999",
                          o->confidence_level);
    if (o->bins < BINS_LEAST || o->bins > BINS_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "bins is %u; use %d to %d", o->bins, BINS_LEAST,
                          BINS_MOST);
    if (o->bootstrap > BOOTSTRAP_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "bootstrap is %u; use 0 to %d", o->bootstrap,
                          BOOTSTRAP_MOST);
    if (o->thread_count < 1 || o->thread_count > THREADS_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "threads is %d; use 1 to %d", o->thread_count,
                          THREADS_MOST);
    return ASSAY_OK;
}

/* The matrix has seen every sample already. */
static void count_missing(evaluation *e, const selection *selected)
{
    const confusion *c = e->confusion;
    e->samples = selection_count(selected);
    e->missing_label = e->missing_prediction = c->without_both;
    for (uint32_t k = 0; k < c->class_count; k++) {
        e->missing_label += c->without_label[k];
        e->missing_prediction += c->without_prediction[k];
    }
}

static assay_code find_pairs(evaluation *e, const bool *shown, assay_err *err)
{
    ASSAY_AUTO_MEM confused_pair *scratch =
        mem_alloc(e->confusion->cell_count, sizeof(confused_pair));
    if (!scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu confused pairs",
                          e->confusion->cell_count);
    e->pair_count = confusion_top_pairs(e->confusion, shown, false, TOP_PAIRS, e->pair, scratch);
    e->pair_both_ways_count =
        confusion_top_pairs(e->confusion, shown, true, TOP_PAIRS, e->pair_both_ways, scratch);
    return ASSAY_OK;
}

/* Many classes share a bound on all points together, so that a report of 1000 classes can be
 * opened. */
static size_t curve_points_for(uint32_t class_count)
{
    enum { POINTS_IN_ALL = 10000, POINTS_LEAST = 50 };
    const size_t share = POINTS_IN_ALL / (class_count ? class_count : 1);
    return share > CURVE_POINTS_MOST ? CURVE_POINTS_MOST
           : share < POINTS_LEAST    ? POINTS_LEAST
                                     : share;
}

/* What needs the probability of every class, or the lists of the best. */
static assay_code answer_from_probabilities(evaluation *e, const samples *all, const samples *shown,
                                            const evaluation_options *options, assay_err *err)
{
    const frame *f = all->frame;
    e->has_probabilities = f->probability != NULL;
    e->has_top_k = e->has_probabilities || f->top.length > 0;
    if (options->known)
        e->proper = options->known->proper;
    else if (e->has_top_k)
        ASSAY_TRY(proper_scores_init(&e->proper, shown, options, err));
    if (!e->has_probabilities || options->first)
        return ASSAY_OK;
    return ranking_new(all, curve_points_for(f->classes.count), options, &e->ranking, err);
}

/* Whether the order of every metric is known, and samples stand alone. */
static bool has_codes(const frame *f, const evaluation_options *o)
{
    bool known = !o->importance_nearest && !f->group && (o->codes || o->metric_count == 0);
    for (size_t i = 0; known && i < o->metric_count; i++)
        known = o->codes[o->metric[i]] != NULL;
    return known;
}

static assay_code answer_coded(evaluation *e, const frame *f, const outcome_rows *rows,
                               const evaluation_options *options, assay_err *err)
{
    if (!options->metric_count)
        return ASSAY_OK;
    const coded_metrics coded = {.frame = f,
                                 .which = options->metric,
                                 .codes = options->codes,
                                 .count = options->metric_count};
    return coded_analyses_new(&coded, rows, options, &e->metrics, err);
}

static assay_code answer_coded_samples(evaluation *e, const samples *shown,
                                       const evaluation_options *options, assay_err *err)
{
    ASSAY_AUTO_CLEAR(outcome_rows) rows = {0};
    ASSAY_TRY(outcome_rows_of(&rows, shown, err));
    return answer_coded(e, shown->frame, &rows, options, err);
}

/* What is asked of samples, and their order by confidence where there is one. */
typedef struct asked {
    const samples *shown;
    const ordered_metric *confidence;
    const evaluation_options *options;
} asked;

static assay_code answer_metrics(evaluation *e, const asked *a, assay_err *err)
{
    if (!a->options->metric_count)
        return ASSAY_OK;
    if (a->options->first && has_codes(a->shown->frame, a->options))
        return answer_coded_samples(e, a->shown, a->options, err);
    const analysed_metrics choice = {a->options->metric, a->options->metric_count, a->confidence};
    return metric_analyses_new(a->shown, &choice, a->options, &e->metrics, err);
}

static assay_code answer_risk(evaluation *e, const asked *a, assay_err *err)
{
    e->has_confidence = a->confidence;
    if (!a->confidence)
        return ASSAY_OK;
    return risk_coverage_init(&e->risk, a->shown, a->confidence, CURVE_POINTS_MOST, a->options,
                              err);
}

static assay_code answer_calibration(evaluation *e, const asked *a, assay_err *err)
{
    e->has_calibration = a->confidence && a->shown->frame->confidence_in_unit_range;
    return e->has_calibration
               ? calibration_init(&e->calibration, a->shown, a->confidence, a->options, err)
               : ASSAY_OK;
}

/* Questions about ordered samples: answered side by side. */
typedef assay_code question(evaluation *e, const asked *a, assay_err *err);
static question *const questions[] = {answer_metrics, answer_risk, answer_calibration};
enum { QUESTIONS = sizeof questions / sizeof *questions };

typedef struct answering {
    evaluation *evaluation;
    asked asked;
    assay_code code[QUESTIONS];
    assay_err err[QUESTIONS];
} answering;

static int answer_one(void *context, size_t number, int worker)
{
    answering *a = context;
    (void)worker;
    a->code[number] = questions[number](a->evaluation, &a->asked, &a->err[number]);
    return a->code[number] != ASSAY_OK;
}

static assay_code answer_side_by_side(evaluation *e, const asked *what, assay_err *err)
{
    answering a = {.evaluation = e, .asked = *what};
    threads_run(QUESTIONS, what->options->thread_count, answer_one, &a);
    for (size_t i = 0; i < QUESTIONS; i++) {
        if (a.code[i] == ASSAY_OK)
            continue;
        if (err)
            *err = a.err[i];
        return a.code[i];
    }
    return ASSAY_OK;
}

static assay_code answer_ordered(evaluation *e, const samples *shown,
                                 const evaluation_options *options, assay_err *err)
{
    ASSAY_AUTO_CLEAR(ordered_metric) confidence = {0};
    asked a = {.shown = shown, .options = options};
    if (options->first)
        return answer_metrics(e, &a, err);
    if (shown->frame->confidence) {
        ASSAY_TRY(confidence_order_init(&confidence, shown, options, err));
        a.confidence = &confidence;
    }
    return answer_side_by_side(e, &a, err);
}

/* Whether nothing asks for the samples one by one: then they are never gathered. */
static bool is_quick(const frame *f, const evaluation_options *o)
{
    return o->first && !o->known && has_codes(f, o) && !f->probability && f->top.length == 0;
}

static assay_code answer_quickly(evaluation *e, const frame *f, const selection *selected,
                                 const evaluation_options *options, assay_err *err)
{
    ASSAY_AUTO_CLEAR(outcome_rows) rows = {0};
    ASSAY_TRY(outcome_rows_init(&rows, f, selected, options->shown, options->thread_count, err));
    ASSAY_TRY(cancellation_check(options->stop, err));
    e->scored = rows.count;
    ASSAY_TRY(matrix_scores_new(e->confusion, NULL, options, &e->matrix, err));
    return answer_coded(e, f, &rows, options, err);
}

static assay_code answer_all(evaluation *e, const frame *f, const selection *selected,
                             const evaluation_options *options, assay_err *err)
{
    ASSAY_AUTO_CLEAR(samples) all = {0};
    ASSAY_AUTO_CLEAR(samples) filtered = {0};
    ASSAY_TRY(samples_init(&all, f, selected, NULL, err));
    ASSAY_TRY(cancellation_check(options->stop, err));
    if (options->shown)
        ASSAY_TRY(samples_init(&filtered, f, selected, options->shown, err));
    ASSAY_TRY(cancellation_check(options->stop, err));
    const samples *shown = options->shown ? &filtered : &all;
    e->scored = shown->count;
    e->group_count = all.groups.group ? all.groups.group_count : 0;

    if (!e->matrix)
        ASSAY_TRY(matrix_scores_new(e->confusion, &all, options, &e->matrix, err));
    ASSAY_TRY(answer_from_probabilities(e, &all, shown, options, err));
    return answer_ordered(e, shown, options, err);
}

static assay_code count_matrix(evaluation *e, const frame *f, const selection *selected,
                               const evaluation_options *options, assay_err *err)
{
    ASSAY_TRY(confusion_new(f, selected, options->thread_count, &e->confusion, err));
    count_missing(e, selected);
    ASSAY_TRY(cancellation_check(options->stop, err));
    return find_pairs(e, options->shown, err);
}

/* All that follows from the matrix. */
static void borrow_matrix(evaluation *e, const evaluation *known)
{
    e->borrows = true;
    e->confusion = known->confusion;
    e->matrix = known->matrix;
    e->samples = known->samples;
    e->missing_label = known->missing_label;
    e->missing_prediction = known->missing_prediction;
    e->pair_count = known->pair_count;
    e->pair_both_ways_count = known->pair_both_ways_count;
    memcpy(e->pair, known->pair, sizeof e->pair);
    memcpy(e->pair_both_ways, known->pair_both_ways, sizeof e->pair_both_ways);
}

assay_code evaluation_new(const frame *f, const selection *selected,
                          const evaluation_options *options, evaluation **out, assay_err *err)
{
    assert(f && selected && options && out);
    *out = NULL;
    ASSAY_TRY(check_options(options, f, err));
    ASSAY_AUTO(evaluation) e = mem_zalloc(1, sizeof *e);
    if (!e)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for an evaluation");
    if (options->known)
        borrow_matrix(e, options->known);
    else
        ASSAY_TRY(count_matrix(e, f, selected, options, err));
    ASSAY_TRY(is_quick(f, options) ? answer_quickly(e, f, selected, options, err)
                                   : answer_all(e, f, selected, options, err));
    *out = ASSAY_GIVE(e);
    return ASSAY_OK;
}

void evaluation_free(evaluation *e)
{
    if (!e)
        return;
    if (!e->borrows) {
        confusion_free(e->confusion);
        matrix_scores_free(e->matrix);
    }
    ranking_free(e->ranking);
    risk_coverage_clear(&e->risk);
    metric_analyses_free(e->metrics);
    mem_free(e);
}

void evaluation_detach(evaluation *e)
{
    for (size_t i = 0; e->metrics && i < e->metrics->count; i++)
        e->metrics->metric[i].name = NULL;
}

size_t evaluation_bytes(const evaluation *e)
{
    const confusion *c = e->confusion;
    const size_t a_class = sizeof *c->row_start + 5 * sizeof *c->support +
                           sizeof *e->matrix->per_class +
                           (e->ranking ? sizeof *e->ranking->per_class : 0);
    return sizeof *e + c->cell_count * sizeof *c->cell + c->class_count * a_class +
           (e->metrics ? e->metrics->count * sizeof *e->metrics->metric : 0);
}
