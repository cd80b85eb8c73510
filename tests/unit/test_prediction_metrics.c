/* Which metrics predictions bring, and when. */
#include "project/prediction_metrics.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

enum { ROWS = 3, CLASSES = 2 };

static double values[ROWS * CLASSES] = {.9, .1, .2, .8, .6, .4};
static uint16_t labels[ROWS] = {0, 0, CLASS_MISSING}, predictions[ROWS];
static double confidences[ROWS];
static char *names[CLASSES] = {(char[]){"cat"}, (char[]){"dog"}};
static probabilities three;

static int make(void **state)
{
    (void)state;
    three = (probabilities){
        .values = {.at = values, .row_count = ROWS, .column_count = CLASSES, .type = MATRIX_F64}};
    probability_scan scan;
    return probabilities_scan(&three, 1, predictions, confidences, &scan, NULL) != ASSAY_OK;
}

static int drop(void **state)
{
    (void)state;
    probabilities_clear(&three);
    return 0;
}

static frame make_frame(bool with_probabilities)
{
    return (frame){.row_count = ROWS,
                   .classes = {.name = names, .count = CLASSES},
                   .label = labels,
                   .prediction = predictions,
                   .confidence = confidences,
                   .probability = with_probabilities ? &three : NULL};
}

/* Leaves what is not the metrics' own. */
static void clear_metrics(frame *f)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (!f->metric[i].value_borrowed)
            mem_free(f->metric[i].value);
        mem_free(f->metric[i].name);
    }
    mem_free(f->metric);
    f->metric = NULL;
    f->metric_count = 0;
}

static void what_is_named_is_added(void **state)
{
    (void)state;
    static const struct {
        prediction_metrics_request request;
        bool without_probabilities;
        const char *added;
    } cases[] = {
        {{0}, false, "confidence margin prediction_entropy "},
        {{.named_only = true}, false, "confidence "},
        {{.metric = "margin"}, true, "confidence "},
        {{.named_only = true, .where = "MARGIN < 0.1"}, false, "confidence margin "},
        {{.named_only = true, .metric = "brightness,prediction_entropy"},
         false,
         "confidence prediction_entropy "},
        {{.named_only = true, .where = "\"self_confidence\"<1"},
         false,
         "confidence self_confidence "},
        {{.named_only = true, .where = "normalised_margin < 0.1"},
         false,
         "confidence normalised_margin "},
        {{.named_only = true, .where = "my_margin > 1 OR margins = 2 OR amargin = margin_"},
         false,
         "confidence "},
        {{.named_only = true, .where = "margins > 0 AND margin > 0"}, false, "confidence margin "},
        {{.where = "least_confidence > .5", .metric = "self_confidence"},
         false,
         "confidence margin prediction_entropy least_confidence self_confidence "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        prediction_metrics_request request = cases[i].request;
        request.thread_count = 2;
        frame f = make_frame(!cases[i].without_probabilities);
        assert_int_equal(prediction_metrics_add(&f, &request, NULL), ASSAY_OK);
        char got[200] = "";
        for (size_t m = 0; m < f.metric_count; m++) {
            strcat(strcat(got, f.metric[m].name), " ");
            assert_true(f.metric[m].from_prediction);
            const bool rare = strstr(f.metric[m].name, "least_") ||
                              strstr(f.metric[m].name, "self_") ||
                              strstr(f.metric[m].name, "normalised_");
            assert_int_equal(f.metric[m].on_request, rare);
        }
        assert_string_equal(got, cases[i].added);
        clear_metrics(&f);
    }
}

static void the_numbers_are_those_of_the_definitions(void **state)
{
    (void)state;
    static const double expected[6][ROWS] = {
        {.9, .8, .6},
        {.8, .6, .2},
        {0.3250829733914482, 0.5004024235381879, 0.6730116670092565},
        {.1, .2, .4},
        {.9, .2, (double)NAN},
        {.9, .2, (double)NAN},
    };
    frame f = make_frame(true);
    const prediction_metrics_request request = {
        .metric = "least_confidence,self_confidence,normalised_margin", .thread_count = 1};
    assert_int_equal(prediction_metrics_add(&f, &request, NULL), ASSAY_OK);
    assert_int_equal(f.metric_count, 6);
    for (size_t m = 0; m < 6; m++) {
        for (size_t i = 0; i < ROWS; i++) {
            const double value = f.metric[m].value[i];
            assert_true(isnan(expected[m][i]) ? isnan(value)
                                              : fabs(value - expected[m][i]) < 1e-12);
        }
    }
    clear_metrics(&f);
}

static void a_users_column_of_the_name_stays(void **state)
{
    (void)state;
    static double mine[ROWS] = {1, 2, 3};
    frame f = make_frame(true);
    f.metric = mem_zalloc(1, sizeof *f.metric);
    assert_non_null(f.metric);
    f.metric_count = 1;
    f.metric[0] =
        (metric_column){.name = mem_copy_text("margin", 6), .value = mine, .value_borrowed = true};
    const prediction_metrics_request request = {.named_only = true, .where = "margin > 1"};
    assert_int_equal(prediction_metrics_add(&f, &request, NULL), ASSAY_OK);
    assert_int_equal(f.metric_count, 2);
    assert_ptr_equal(f.metric[0].value, mine);
    assert_false(f.metric[0].on_request);
    clear_metrics(&f);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        frame f = make_frame(true);
        const prediction_metrics_request request = {
            .metric = "least_confidence,self_confidence,normalised_margin", .thread_count = 1};
        mem_fail_after(n);
        code = prediction_metrics_add(&f, &request, NULL);
        mem_fail_after(UINT64_MAX);
        clear_metrics(&f);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_named_is_added),
        cmocka_unit_test(the_numbers_are_those_of_the_definitions),
        cmocka_unit_test(a_users_column_of_the_name_stays),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
