/* What the workbench is told to label next. With --json, print a reply for the test of the schema.
 */
#include "base/mem.h"
#include "eval/plan.h"
#include "stats/special.h"
#include "support/served.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const json_t *class_at(const json_t *told, size_t i)
{
    return json_array_get(json_object_get(told, "classes"), i);
}

static json_int_t count_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static double width_at(const json_t *told, size_t i)
{
    return json_number_value(json_object_get(class_at(told, i), "half_width"));
}

/* How support/served.c made resnet. */
static bool resnet_is_right(size_t i)
{
    return i % 5 != 2 && i >= 40;
}

static void expect_class(const json_t *one, double half_width)
{
    static const char *const names[SERVED_CLASSES] = {"cat", "dog", "hen, red"};
    size_t k = 0;
    while (strcmp(names[k], json_string_value(json_object_get(one, "class"))) != 0)
        k++;
    uint64_t n = 0, right = 0;
    for (size_t i = k; i < SERVED_SAMPLES - 1; i += SERVED_CLASSES) {
        n++;
        right += resnet_is_right(i);
    }
    assert_int_equal(count_at(one, "labelled"), n);
    const double recall =
        json_number_value(json_object_get(json_object_get(one, "recall"), "value"));
    assert_true(fabs(recall - (double)right / (double)n) < 1e-15);
    const double likely = ((double)right + 2.0) / ((double)n + 4.0);
    const uint64_t needed = plan_samples_needed(likely, half_width, normal_z(0.95));
    assert_int_equal(count_at(one, "more"), needed > n ? needed - n : 0);
}

static void every_class_is_told_the_widest_first(void **state)
{
    (void)state;
    json_t *told = served_answer(served, handle_plan, (char *)NULL);
    assert_true(json_number_value(json_object_get(told, "half_width")) == 0.05);
    assert_int_equal(json_array_size(json_object_get(told, "classes")), SERVED_CLASSES);
    for (size_t i = 0; i < SERVED_CLASSES; i++)
        expect_class(class_at(told, i), 0.05);
    assert_true(width_at(told, 0) >= width_at(told, 1));
    assert_true(width_at(told, 1) >= width_at(told, 2));
    json_decref(told);
    told = served_answer(served, handle_plan, "half_width=0.02", (char *)NULL);
    for (size_t i = 0; i < SERVED_CLASSES; i++)
        expect_class(class_at(told, i), 0.02);
    json_decref(told);
}

static void the_filter_chooses_samples_and_classes(void **state)
{
    (void)state;
    json_t *told =
        served_answer(served, handle_plan,
                      "filter={\"splits\": [\"test\"], \"classes\": [\"dog\"]}", (char *)NULL);
    assert_int_equal(json_array_size(json_object_get(told, "classes")), 1);
    size_t dogs = 0;
    for (size_t i = 0; i < SERVED_SAMPLES - 1; i++)
        dogs += i % 4 == 0 && i % 3 == 1;
    assert_int_equal(count_at(class_at(told, 0), "labelled"), dogs);
    json_decref(told);
}

static void a_class_without_samples_has_no_width(void **state)
{
    (void)state;
    json_t *told =
        served_answer(served, handle_plan, "filter={\"where\": \"label = 'cat'\"}", (char *)NULL);
    assert_true(json_is_number(json_object_get(class_at(told, 0), "half_width")));
    assert_true(json_is_null(json_object_get(class_at(told, 1), "half_width")));
    assert_int_equal(count_at(class_at(told, 2), "more"),
                     plan_samples_needed(0.5, 0.05, normal_z(0.95)));
    json_decref(told);
}

static void what_is_no_half_width_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"half_width=", "half_width must be between 0.001 and 0.5: ''"},
        {"half_width=wide", "half_width must be between 0.001 and 0.5: 'wide'"},
        {"half_width=0.05x", "half_width must be between 0.001 and 0.5: '0.05x'"},
        {"half_width=0.6", "half_width must be between 0.001 and 0.5: '0.6'"},
        {"half_width=nan", "half_width must be between 0.001 and 0.5: 'nan'"},
        {"filter={\"tags\": [\"day\"]}", "there is no tag 'day'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply out;
        assay_err err = {0};
        assert_int_equal(served_ask(served, handle_plan, &out, &err, cases[i].words, (char *)NULL),
                         ASSAY_E_USAGE);
        assert_string_equal(err.msg, cases[i].message);
        reply_clear(&out);
    }
}

static void without_predictions_there_is_no_plan(void **state)
{
    (void)state;
    reply out;
    assay_err err = {0};
    assert_int_equal(
        served_ask(served, handle_plan, &out, &err, "filter={\"model\": null}", (char *)NULL),
        ASSAY_E_INPUT);
    assert_string_equal(err.msg,
                        "a plan needs predictions, and no model is chosen or there is none yet");
    reply_clear(&out);
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    json_decref(served_answer(served, handle_plan, (char *)NULL));
    kept_forget(workspace_answers(served));
    kept_forget(workspace_filters(served));
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        reply out;
        mem_fail_after(n);
        code = served_ask(served, handle_plan, &out, NULL, "half_width=0.1", (char *)NULL);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        reply_clear(&out);
        kept_forget(workspace_answers(served));
        kept_forget(workspace_filters(served));
        assert_int_equal(mem_live(), live);
    }
}

static int print_json(void)
{
    void *state = NULL;
    if (served_set_up(&state))
        return 1;
    reply out;
    const assay_code code = served_ask(served, handle_plan, &out, NULL,
                                       "filter={\"where\": \"label != 'dog'\"}", (char *)NULL);
    fputs(text_view(&out.body), stdout);
    reply_clear(&out);
    return served_tear_down(&state) || code != ASSAY_OK;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_is_told_the_widest_first),
        cmocka_unit_test(the_filter_chooses_samples_and_classes),
        cmocka_unit_test(a_class_without_samples_has_no_width),
        cmocka_unit_test(what_is_no_half_width_is_refused),
        cmocka_unit_test(without_predictions_there_is_no_plan),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("handle_plan", tests, served_set_up, served_tear_down);
}
