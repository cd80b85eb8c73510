#include "base/rng.h"
#include "eval/evaluation.h"
#include "support/check.h"

#include <math.h>
#include <string.h>

enum { ROWS = 400, CLASSES = 3 };

/* A frame in the test's own storage: frame_free() is never called on it. */
typedef struct small_frame {
    frame frame;
    char *names[CLASSES];
    uint16_t label[ROWS], prediction[ROWS];
    double confidence[ROWS], value[ROWS], p[ROWS * CLASSES];
    uint32_t group[ROWS];
    probabilities probability;
    metric_column metric;
    char first[2], second[2], third[2], metric_name[8];
} small_frame;

static void draw_row(small_frame *s, size_t i, rng *random)
{
    double *p = &s->p[i * CLASSES];
    double sum = 0.0;
    s->label[i] = (uint16_t)rng_below(random, CLASSES);
    for (size_t k = 0; k < CLASSES; k++) {
        p[k] = exp(rng_normal(random) + (k == s->label[i] ? 1.5 : 0.0));
        sum += p[k];
    }
    size_t best = 0;
    for (size_t k = 0; k < CLASSES; k++) {
        p[k] /= sum;
        best = p[k] > p[best] ? k : best;
    }
    s->prediction[i] = (uint16_t)best;
    s->confidence[i] = p[best];
    s->value[i] = p[best] + 0.3 * rng_normal(random);
    s->group[i] = (uint32_t)(i / 4);
}

static void small_frame_make(small_frame *s)
{
    memset(s, 0, sizeof *s);
    memcpy(s->first, "a", 2);
    memcpy(s->second, "b", 2);
    memcpy(s->third, "c", 2);
    memcpy(s->metric_name, "metric", 7);
    s->names[0] = s->first;
    s->names[1] = s->second;
    s->names[2] = s->third;
    rng random;
    rng_init(&random, 7, 0);
    for (size_t i = 0; i < ROWS; i++)
        draw_row(s, i, &random);
    s->probability.values =
        (matrix){.at = s->p, .row_count = ROWS, .column_count = CLASSES, .type = MATRIX_F64};
    s->metric = (metric_column){.name = s->metric_name, .value = s->value};
    s->frame = (frame){
        .row_count = ROWS,
        .classes = {.name = s->names, .count = CLASSES},
        .label = s->label,
        .prediction = s->prediction,
        .confidence = s->confidence,
        .confidence_in_unit_range = true,
        .probability = &s->probability,
        .metric = &s->metric,
        .metric_count = 1,
    };
}

static evaluation *evaluate(small_frame *s, const bool *shown, int thread_count)
{
    evaluation_options options;
    evaluation_defaults(&options);
    options.shown = shown;
    options.thread_count = thread_count;
    selection rows = {0};
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    const size_t which = 0;
    options.metric = &which;
    options.metric_count = 1;
    evaluation *e = NULL;
    assert_int_equal(evaluation_new(&s->frame, &rows, &options, &e, NULL), ASSAY_OK);
    selection_clear(&rows);
    return e;
}

static void every_question_is_answered(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    evaluation *e = evaluate(&s, NULL, 2);
    size_t right = 0;
    for (size_t i = 0; i < ROWS; i++)
        right += s.label[i] == s.prediction[i];
    assert_true(fabs(e->matrix->accuracy.value - (double)right / ROWS) < 1e-15);
    assert_int_equal(e->samples, ROWS);
    assert_int_equal(e->scored, ROWS);
    assert_true(e->has_probabilities && e->has_confidence && e->has_calibration && e->has_top_k);
    assert_non_null(e->ranking);
    assert_non_null(e->metrics);
    assert_int_equal(e->metrics->metric[0].importance.samples, ROWS);
    assert_true(e->ranking->macro_auroc.value > 0.5);
    assert_true(e->risk.aurc.value < 1.0 - e->matrix->accuracy.value);
    evaluation_free(e);
}

static void a_class_filter_changes_no_class_score(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    const bool shown[CLASSES] = {true, false, true};
    evaluation *all = evaluate(&s, NULL, 1);
    evaluation *some = evaluate(&s, shown, 1);
    for (size_t k = 0; k < CLASSES; k++) {
        assert_true(all->matrix->per_class[k].precision.value ==
                    some->matrix->per_class[k].precision.value);
        assert_true(all->ranking->per_class[k].auroc.value ==
                    some->ranking->per_class[k].auroc.value);
    }
    const class_scores *of = all->matrix->per_class;
    assert_true(fabs(some->matrix->macro_precision.value -
                     (of[0].precision.value + of[2].precision.value) / 2) < 1e-15);
    assert_true(isnan(some->matrix->mcc.value) && isnan(some->matrix->kappa.value));
    assert_int_equal(some->scored, of[0].support + of[2].support);
    evaluation_free(all);
    evaluation_free(some);
}

static void groups_widen_the_intervals_of_dependent_samples(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    for (size_t i = 0; i < ROWS; i++) {
        const size_t first = i / 4 * 4;
        s.label[i] = s.label[first];
        s.prediction[i] = s.prediction[first];
    }
    evaluation *alone = evaluate(&s, NULL, 1);
    s.frame.group = s.group;
    s.frame.group_count = ROWS / 4;
    evaluation *grouped = evaluate(&s, NULL, 1);
    assert_int_equal(grouped->group_count, ROWS / 4);
    const score *a = &alone->matrix->accuracy;
    const score *g = &grouped->matrix->accuracy;
    const double ratio = (g->high - g->low) / (a->high - a->low);
    assert_true(ratio > 1.8 && ratio < 2.2);
    evaluation_free(alone);
    evaluation_free(grouped);
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    evaluation_options good;
    evaluation_defaults(&good);
    evaluation_options bad[] = {good, good, good, good};
    bad[0].confidence_level = (double)NAN;
    bad[1].bins = 4;
    bad[2].bootstrap = 100001;
    bad[3].thread_count = 0;
    static const char *const msg[] = {
        "confidence level is nan; use 0.5 to 0.9999",
        "bins is 4; use 5 to 200",
        "bootstrap is 100001; use 0 to 100000",
        "threads is 0; use 1 to 256",
    };
    selection rows = {0};
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        evaluation *e = NULL;
        assay_err err;
        assert_int_equal(evaluation_new(&s.frame, &rows, &bad[i], &e, &err), ASSAY_E_USAGE);
        assert_string_equal(err.msg, msg[i]);
        assert_null(e);
    }
    selection_clear(&rows);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    s.frame.group = s.group;
    s.frame.group_count = ROWS / 4;
    evaluation_options options;
    evaluation_defaults(&options);
    options.thread_count = 2;
    const bool shown[CLASSES] = {true, true, false};
    options.shown = shown;
    selection rows = {0};
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    const size_t live = mem_live();
    const size_t which = 0;
    options.metric = &which;
    options.metric_count = 1;
    for (uint64_t n = 0;; n++) {
        evaluation *e = NULL;
        mem_fail_after(n);
        const assay_code code = evaluation_new(&s.frame, &rows, &options, &e, NULL);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 20);
            evaluation_free(e);
            assert_int_equal(mem_live(), live);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(e);
        assert_int_equal(mem_live(), live);
    }
    selection_clear(&rows);
}

/* Gives up at every look in turn, until there are none left. Returns how many there were. */
static long give_up_everywhere(const frame *f, evaluation_options *options)
{
    selection rows = {0};
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    const size_t live = mem_live();
    long looks = 0;
    for (assay_code code = ASSAY_E_CANCELLED; code != ASSAY_OK;) {
        cancellation stop = {0};
        cancellation_ask_at(&stop, ++looks);
        options->stop = &stop;
        evaluation *e = NULL;
        assay_err err;
        code = evaluation_new(f, &rows, options, &e, &err);
        assert_int_equal(atomic_load(&stop.asked), code == ASSAY_E_CANCELLED);
        if (code == ASSAY_E_CANCELLED)
            assert_null(e);
        else
            assert_int_equal(code, ASSAY_OK);
        evaluation_free(e);
        assert_int_equal(mem_live(), live);
    }
    options->stop = NULL;
    selection_clear(&rows);
    return looks;
}

static void what_is_given_up_leaves_nothing_behind(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    static const struct {
        const char *what;
        bool groups, shown, nearest, codes, first, probabilities;
        long looks; /* at least: the questions that it is to look in between */
    } cases[] = {
        {"everything", false, false, false, false, false, true, 100},
        {"some classes of groups", true, true, false, false, false, true, 100},
        {"the nearest-neighbour estimator", false, false, true, false, false, true, 100},
        {"a known order", false, false, false, true, false, false, 100},
        {"the first part of a known order", false, true, false, true, true, false, 6},
        {"the first part by a sort", true, false, false, false, true, true, 6},
    };
    metric_codes *codes = NULL;
    assert_int_equal(metric_codes_new(s.value, ROWS, &codes, NULL), ASSAY_OK);
    const metric_codes *const known[] = {codes};
    const bool shown[CLASSES] = {true, true, false};
    const size_t which = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        s.frame.group = cases[i].groups ? s.group : NULL;
        s.frame.group_count = cases[i].groups ? ROWS / 4 : 0;
        s.frame.probability = cases[i].probabilities ? &s.probability : NULL;
        evaluation_options options;
        evaluation_defaults(&options);
        options.shown = cases[i].shown ? shown : NULL;
        options.importance_nearest = cases[i].nearest;
        options.codes = cases[i].codes ? known : NULL;
        options.first = cases[i].first;
        options.metric = &which;
        options.metric_count = 1;
        for (options.thread_count = 1; options.thread_count <= 2; options.thread_count++) {
            const long looks = give_up_everywhere(&s.frame, &options);
            if (looks < cases[i].looks)
                fail_msg("%s: looks %ld times only", cases[i].what, looks);
        }
    }
    metric_codes_free(codes);
}

/* Who may be given up, but is not, computes the same. */
static void a_stop_that_nobody_asks_changes_no_bit(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    cancellation stop = {0};
    evaluation_options options;
    evaluation_defaults(&options);
    options.stop = &stop;
    const size_t which = 0;
    options.metric = &which;
    options.metric_count = 1;
    selection rows = {0};
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    evaluation *with = NULL;
    assert_int_equal(evaluation_new(&s.frame, &rows, &options, &with, NULL), ASSAY_OK);
    evaluation *without = evaluate(&s, NULL, 1);
    const metric_importance *a = &with->metrics->metric->importance;
    const metric_importance *b = &without->metrics->metric->importance;
    assert_memory_equal(&a->spearman.value, &b->spearman.value, sizeof(double));
    assert_memory_equal(&a->information.value, &b->information.value, sizeof(double));
    assert_memory_equal(&with->risk.aurc.value, &without->risk.aurc.value, sizeof(double));
    assert_memory_equal(&with->calibration.ece, &without->calibration.ece,
                        sizeof with->calibration.ece);
    assert_memory_equal(&with->ranking->macro_auroc.value, &without->ranking->macro_auroc.value,
                        sizeof(double));
    evaluation_free(with);
    evaluation_free(without);
    selection_clear(&rows);
}

/* NaN equals NaN. */
static void assert_same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void assert_same_score(score a, score b)
{
    assert_same_bits(a.value, b.value);
    assert_same_bits(a.low, b.low);
    assert_same_bits(a.high, b.high);
    assert_string_equal(a.method, b.method);
    assert_int_equal(a.few, b.few);
    assert_int_equal(a.undefined, b.undefined);
}

static void assert_same_matrix(const evaluation *a, const evaluation *b)
{
    assert_int_equal(a->samples, b->samples);
    assert_int_equal(a->scored, b->scored);
    assert_int_equal(a->missing_label, b->missing_label);
    assert_int_equal(a->missing_prediction, b->missing_prediction);
    assert_int_equal(a->group_count, b->group_count);
    assert_int_equal(a->confusion->cell_count, b->confusion->cell_count);
    for (size_t i = 0; i < a->confusion->cell_count; i++)
        assert_int_equal(a->confusion->cell[i].count, b->confusion->cell[i].count);
    assert_int_equal(a->pair_count, b->pair_count);
    for (size_t i = 0; i < a->pair_count; i++)
        assert_same_bits(a->pair[i].share, b->pair[i].share);
    assert_int_equal(a->pair_both_ways_count, b->pair_both_ways_count);
    for (size_t i = 0; i < a->pair_both_ways_count; i++)
        assert_same_bits(a->pair_both_ways[i].share, b->pair_both_ways[i].share);
    assert_same_score(a->matrix->accuracy, b->matrix->accuracy);
    assert_same_score(a->matrix->macro_f1, b->matrix->macro_f1);
    for (size_t k = 0; k < CLASSES; k++)
        assert_same_score(a->matrix->per_class[k].f1, b->matrix->per_class[k].f1);
}

static void assert_same_metric(const metric_analysis *a, const metric_analysis *b)
{
    const metric_importance *x = &a->importance, *y = &b->importance;
    assert_string_equal(a->name, b->name);
    assert_int_equal(x->samples, y->samples);
    assert_same_score(x->correlation, y->correlation);
    assert_same_score(x->spearman, y->spearman);
    assert_same_score(x->information, y->information);
    assert_same_bits(x->share, y->share);
    assert_same_bits(x->p_value, y->p_value);
    assert_same_bits(x->p_adjusted, y->p_adjusted);
    assert_string_equal(x->p_method, y->p_method);
    assert_ptr_equal(x->p_missing, y->p_missing);
    assert_true(a->performance.count > 0);
    assert_int_equal(a->performance.count, b->performance.count);
    for (size_t i = 0; i < a->performance.count; i++)
        assert_same_score(a->performance.bin[i].rate, b->performance.bin[i].rate);
}

/* Of two evaluations of one frame. */
static void assert_same_numbers(const evaluation *a, const evaluation *b)
{
    assert_same_matrix(a, b);
    assert_same_score(a->risk.aurc, b->risk.aurc);
    assert_same_bits(a->calibration.ece.value, b->calibration.ece.value);
    assert_int_equal(!a->ranking, !b->ranking);
    if (a->ranking) {
        assert_same_score(a->ranking->macro_auroc, b->ranking->macro_auroc);
        assert_same_score(a->proper.log_loss, b->proper.log_loss);
        assert_same_score(a->proper.brier, b->proper.brier);
        assert_same_score(a->proper.top_k[0], b->proper.top_k[0]);
        assert_int_equal(a->proper.top_k_ties, b->proper.top_k_ties);
    }
    assert_same_metric(a->metrics->metric, b->metrics->metric);
}

static void what_is_known_is_not_found_again_and_stays_the_same(void **state)
{
    (void)state;
    static small_frame s;
    small_frame_make(&s);
    /* Some have neither value nor prediction. */
    for (size_t i = 0; i < ROWS; i += 7)
        s.value[i] = (double)NAN;
    for (size_t i = 0; i < ROWS; i += 11)
        s.prediction[i] = CLASS_MISSING;
    metric_codes *codes = NULL;
    assert_int_equal(metric_codes_new(s.value, ROWS, &codes, NULL), ASSAY_OK);
    const metric_codes *const known[] = {codes};
    const bool shown[CLASSES] = {true, true, false};
    const size_t which = 0;
    selection rows = {0};
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    for (size_t i = 0; i < ROWS; i += 5)
        selection_set(&rows, i, false);
    const size_t live = mem_live();
    for (unsigned how = 0; how < 16; how++) {
        s.frame.probability = how & 1U ? &s.probability : NULL;
        s.frame.group = how & 4U ? s.group : NULL;
        s.frame.group_count = how & 4U ? ROWS / 4 : 0;
        evaluation_options options;
        evaluation_defaults(&options);
        options.thread_count = 2;
        options.shown = how & 2U ? shown : NULL;
        options.codes = how & 8U ? known : NULL;
        options.metric = &which;
        options.metric_count = 1;
        evaluation *alone, *first, *rest;
        assert_int_equal(evaluation_new(&s.frame, &rows, &options, &alone, NULL), ASSAY_OK);
        options.first = true;
        assert_int_equal(evaluation_new(&s.frame, &rows, &options, &first, NULL), ASSAY_OK);
        evaluation_detach(first);
        assert_true(evaluation_bytes(first) > sizeof *first);
        options.first = false;
        options.known = first;
        assert_int_equal(evaluation_new(&s.frame, &rows, &options, &rest, NULL), ASSAY_OK);
        assert_ptr_equal(rest->confusion, first->confusion);
        assert_same_numbers(alone, rest);
        evaluation_free(rest);
        evaluation_free(alone);
        evaluation_free(first);
        assert_int_equal(mem_live(), live);
    }
    metric_codes_free(codes);
    selection_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_answered),
        cmocka_unit_test(a_class_filter_changes_no_class_score),
        cmocka_unit_test(groups_widen_the_intervals_of_dependent_samples),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(what_is_given_up_leaves_nothing_behind),
        cmocka_unit_test(a_stop_that_nobody_asks_changes_no_bit),
        cmocka_unit_test(what_is_known_is_not_found_again_and_stays_the_same),
    };
    return cmocka_run_group_tests_name("evaluation", tests, NULL, NULL);
}
