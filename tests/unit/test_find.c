/* Which samples a search finds, and in which order. */
#include "project/find.h"

#include "support/check.h"

#include <math.h>
#include <string.h>

enum { ROWS = 12, METRICS = 3 };

static char names[METRICS + 2][16] = {"size", "width", "random", "split", "unreadable"};
/* Quartiles 1 and 2.x; a constant with two exceptions; what is not looked at. */
static double values[METRICS][ROWS] = {
    {1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 20, -1.25},
    {7, 7, 7, 7, 7, 7, 7, 7, 7, 100, 7, 6},
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99},
};
static uint16_t labels[ROWS];
static char *reasons[] = {(char[]){"is empty"}, (char[]){"ends early"}};
static uint32_t codes[2][ROWS];
static metric_column metrics[METRICS];
static attribute_column attributes[2];
static frame twelve;

static int make(void **state)
{
    (void)state;
    for (size_t i = 0; i < METRICS; i++)
        metrics[i] = (metric_column){.name = names[i], .value = values[i]};
    for (size_t row = 0; row < ROWS; row++)
        codes[1][row] = row == 3 ? 1 : row == 8 || row == 9 ? 0 : ATTRIBUTE_MISSING;
    for (size_t i = 0; i < 2; i++)
        attributes[i] = (attribute_column){
            .name = names[METRICS + i], .code = codes[i], .value = reasons, .value_count = 2};
    twelve = (frame){.row_count = ROWS,
                     .label = labels,
                     .prediction = labels,
                     .metric = metrics,
                     .metric_count = METRICS,
                     .attribute = attributes,
                     .attribute_count = 2};
    return 0;
}

static void outliers_of_several_metrics_stand_in_one_order(void **state)
{
    (void)state;
    found_outliers found;
    assert_int_equal(
        find_outliers(&twelve, &(outlier_request){.metrics.thread_count = 2}, &found, NULL),
        ASSAY_OK);
    static const struct {
        uint32_t row;
        const char *metric, *side, *severity;
    } expected[] = {{10, "size", "high", "severe"},
                    {11, "size", "low", "moderate"},
                    {9, "width", "high", "severe"},
                    {11, "width", "low", "severe"}};
    assert_int_equal(found.found, 4);
    assert_int_equal(found.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(found.row[i], expected[i].row);
        assert_string_equal(found.metric[i], expected[i].metric);
        assert_string_equal(found.side[i], expected[i].side);
        assert_string_equal(found.severity[i], expected[i].severity);
    }
    assert_true(found.iqrs[0] == 18 && found.value[0] == 20);
    assert_true(found.iqrs[1] == 2.25);
    assert_true(isinf(found.iqrs[2]) && isinf(found.iqrs[3]));
    found_outliers_clear(&found);
}

static void only_some_may_be_asked_for(void **state)
{
    (void)state;
    static const struct {
        outlier_request request;
        uint64_t found;
        size_t count;
    } cases[] = {
        {{.severe_only = true}, 3, 3},
        {{.top = 1}, 4, 1},
        {{.top = 9}, 4, 4},
        {{.metrics = {.metric = "width"}}, 2, 2},
        {{.metrics = {.metric = "random"}}, 1, 1},
        {{.metrics = {.where = "size < 3"}, .severe_only = true}, 2, 2},
        {{.metrics = {.where = "row <= 8"}}, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        found_outliers found;
        assert_int_equal(find_outliers(&twelve, &cases[i].request, &found, NULL), ASSAY_OK);
        assert_int_equal(found.found, cases[i].found);
        assert_int_equal(found.count, cases[i].count);
        found_outliers_clear(&found);
    }
    found_outliers found;
    assay_err err = {0};
    assert_int_equal(
        find_outliers(&twelve, &(outlier_request){.metrics = {.metric = "x"}}, &found, &err),
        ASSAY_E_USAGE);
    assert_null(found.row);
}

static void samples_with_a_text_are_found_in_order(void **state)
{
    (void)state;
    found_texts found;
    assert_int_equal(
        find_by_attribute(&twelve, "unreadable", &(metrics_request){0}, 0, &found, NULL), ASSAY_OK);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.row[0], 3);
    assert_string_equal(found.word[0], "ends early");
    assert_int_equal(found.row[2], 9);
    found_texts_clear(&found);
    assert_int_equal(
        find_by_attribute(&twelve, "unreadable", &(metrics_request){0}, 2, &found, NULL), ASSAY_OK);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.found, 3);
    found_texts_clear(&found);
    assert_int_equal(find_by_attribute(&twelve, "unreadable",
                                       &(metrics_request){.where = "row > 9"}, 0, &found, NULL),
                     ASSAY_OK);
    assert_int_equal(found.found, 1);
    assert_int_equal(found.row[0], 9);
    found_texts_clear(&found);
    assert_int_equal(find_by_attribute(&twelve, "none", &(metrics_request){0}, 0, &found, NULL),
                     ASSAY_OK);
    assert_int_equal(found.count + found.found, 0);
    assay_err err = {0};
    assert_int_equal(find_by_attribute(&twelve, "unreadable",
                                       &(metrics_request){.where = "row > 90"}, 0, &found, &err),
                     ASSAY_E_INPUT);
    assert_string_equal(err.msg, "no sample of 12 fulfils the condition: row > 90");
    assert_null(found.row);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        found_outliers outliers;
        found_texts texts = {0};
        mem_fail_after(n);
        assay_code code =
            find_outliers(&twelve, &(outlier_request){.metrics.thread_count = 1}, &outliers, NULL);
        if (code == ASSAY_OK)
            code = find_by_attribute(&twelve, "unreadable", &(metrics_request){0}, 0, &texts, NULL);
        mem_fail_after(UINT64_MAX);
        found_outliers_clear(&outliers);
        found_texts_clear(&texts);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK) {
            assert_true(n > 10);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outliers_of_several_metrics_stand_in_one_order),
        cmocka_unit_test(only_some_may_be_asked_for),
        cmocka_unit_test(samples_with_a_text_are_found_in_order),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("find", tests, make, NULL);
}
