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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_answered),
        cmocka_unit_test(a_class_filter_changes_no_class_score),
        cmocka_unit_test(groups_widen_the_intervals_of_dependent_samples),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("evaluation", tests, NULL, NULL);
}
