/* Which metrics of which samples are described. */
#include "project/described.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

enum { ROWS = 4, METRICS = 3 };

static char names[METRICS][16] = {"brightness", "random", "confidence"};
static double values[METRICS][ROWS] = {{1, 2, 3, 10}, {0, 0, 1, 1}, {.5, .6, (double)NAN, .7}};
static uint16_t labels[ROWS] = {0, 0, 1, 1};
static char *classes[] = {(char[]){"cat"}, (char[]){"dog"}};
static metric_column metrics[METRICS] = {
    {.name = names[0], .value = values[0]},
    {.name = names[1], .value = values[1]},
    {.name = names[2], .value = values[2], .from_prediction = true}};
static const frame four = {.row_count = ROWS,
                           .classes = {.name = classes, .count = 2},
                           .label = labels,
                           .prediction = labels,
                           .metric = metrics,
                           .metric_count = METRICS};

static void metrics_come_in_the_order_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        bool images_only;
        const char *names; /* first letters */
    } cases[] = {{NULL, false, "brc"},
                 {NULL, true, "b"},
                 {"random, brightness", true, "rb"},
                 {"confidence,confidence", true, "c"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        described_metrics d;
        const metrics_request request = {
            .metric = cases[i].list, .images_only = cases[i].images_only, .thread_count = 2};
        assert_int_equal(describe_metrics(&four, &request, &d, NULL), ASSAY_OK);
        assert_int_equal(d.distributions->count, strlen(cases[i].names));
        for (size_t m = 0; m < d.distributions->count; m++) {
            assert_int_equal(d.distributions->metric[m].name[0], cases[i].names[m]);
            assert_string_equal(metrics[d.which[m]].name, d.distributions->metric[m].name);
        }
        described_metrics_clear(&d);
    }
}

static void some_metrics_come_only_when_they_are_named(void **state)
{
    (void)state;
    metric_column rare[METRICS];
    memcpy(rare, metrics, sizeof rare);
    rare[2].on_request = true;
    frame f = four;
    f.metric = rare;
    described_metrics d;
    metrics_request request = {.thread_count = 1};
    assert_int_equal(describe_metrics(&f, &request, &d, NULL), ASSAY_OK);
    assert_int_equal(d.distributions->count, 2);
    described_metrics_clear(&d);
    request.metric = "confidence";
    assert_int_equal(describe_metrics(&f, &request, &d, NULL), ASSAY_OK);
    assert_int_equal(d.distributions->count, 1);
    described_metrics_clear(&d);
}

static void a_metric_of_a_model_asks_for_one_of_several(void **state)
{
    (void)state;
    frame f = four;
    f.metric_count = 2;
    f.unchosen_models = (char[]){"cnn, vit"};
    described_metrics d;
    assay_err err;
    const metrics_request request = {.metric = "confidence", .thread_count = 1};
    assert_int_equal(describe_metrics(&f, &request, &d, &err), ASSAY_E_USAGE);
    assert_string_equal(
        err.msg, "metric 'confidence' is known only of a model; choose one with --model: cnn, vit");
}

static void a_condition_chooses_the_samples(void **state)
{
    (void)state;
    described_metrics d;
    const metrics_request request = {.where = "label = 'dog'", .thread_count = 1};
    assert_int_equal(describe_metrics(&four, &request, &d, NULL), ASSAY_OK);
    assert_int_equal(d.distributions->samples, 2);
    assert_true(d.distributions->metric[0].median == 6.5);
    assert_int_equal(d.distributions->metric[2].missing, 1);
    described_metrics_clear(&d);
}

static void what_is_not_there_is_refused_with_what_is(void **state)
{
    (void)state;
    static const struct {
        const char *metric, *where;
        assay_code code;
        const char *msg;
    } cases[] = {
        {"brihgtness", NULL, ASSAY_E_USAGE,
         "there is no metric 'brihgtness'; there are: brightness, random, confidence"},
        {"brightness,", NULL, ASSAY_E_USAGE,
         "there is no metric ''; there are: brightness, random, confidence"},
        {NULL, "label = 'cow'", ASSAY_E_INPUT,
         "no sample of 4 fulfils the condition: label = 'cow'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        described_metrics d;
        assay_err err = {0};
        const metrics_request request = {
            .metric = cases[i].metric, .where = cases[i].where, .thread_count = 1};
        assert_int_equal(describe_metrics(&four, &request, &d, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].msg);
        assert_null(d.distributions);
        assert_null(d.which);
    }
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        described_metrics d;
        const metrics_request request = {.where = "label = 'dog'", .thread_count = 1};
        mem_fail_after(n);
        const assay_code code = describe_metrics(&four, &request, &d, NULL);
        mem_fail_after(UINT64_MAX);
        described_metrics_clear(&d);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_true(code == ASSAY_E_NOMEM || code == ASSAY_E_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_come_in_the_order_asked_for),
        cmocka_unit_test(some_metrics_come_only_when_they_are_named),
        cmocka_unit_test(a_metric_of_a_model_asks_for_one_of_several),
        cmocka_unit_test(a_condition_chooses_the_samples),
        cmocka_unit_test(what_is_not_there_is_refused_with_what_is),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("described", tests, NULL, NULL);
}
