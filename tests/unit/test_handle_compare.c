/* What the workbench is told of two models. With --json, print a reply for the test of the schema.
 */
#include "base/mem.h"
#include "support/served.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How support/served.c made the models. */
static bool tiny_is_right(size_t i)
{
    return i % 2 == 0;
}

static bool resnet_is_right(size_t i)
{
    return i % 5 != 2 && i >= 40;
}

typedef bool passes(size_t i);

static bool any(size_t i)
{
    return i != SERVED_SAMPLES - 1;
}

static bool is_test(size_t i)
{
    return any(i) && i % 4 == 0;
}

static bool is_cat_or_dog(size_t i)
{
    return any(i) && i % 3 < 2;
}

static double number_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static void expect_count(const json_t *told, const char *key, size_t want)
{
    if (json_integer_value(json_object_get(told, key)) != (json_int_t)want)
        fail_msg("%s: %g, not %zu", key, number_at(told, key), want);
}

static const json_t *score_named(const json_t *told, const char *name)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(told, "scores"), i, one)
    {
        if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
            return one;
    }
    return NULL;
}

static void expect_counts(const json_t *told, passes *chosen)
{
    size_t n = 0, right_a = 0, fixed = 0, broken = 0;
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        if (!chosen(i))
            continue;
        n++;
        right_a += tiny_is_right(i);
        fixed += !tiny_is_right(i) && resnet_is_right(i);
        broken += tiny_is_right(i) && !resnet_is_right(i);
    }
    expect_count(told, "samples", n);
    expect_count(told, "fixed", fixed);
    expect_count(told, "broken", broken);
    expect_count(told, "both_right", right_a - broken);
    expect_count(told, "both_wrong", n - right_a - fixed);
    const json_t *accuracy = score_named(told, "accuracy");
    const double d = number_at(json_object_get(accuracy, "difference"), "value");
    assert_true(fabs(number_at(json_object_get(accuracy, "a"), "value") -
                     (double)right_a / (double)n) < 1e-15);
    assert_true(fabs(d - ((double)fixed - (double)broken) / (double)n) < 1e-15);
}

static void the_models_are_compared_on_the_samples_of_the_filter(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        passes *chosen;
        size_t classes;
    } cases[] = {
        {"filter={}", any, 3},
        {"filter={\"model\": \"tiny\"}", any, 3},
        {"filter={\"splits\": [\"test\"]}", is_test, 3},
        {"filter={\"where\": \"split = 'test'\"}", is_test, 3},
        {"filter={\"classes\": [\"cat\", \"dog\"]}", is_cat_or_dog, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *told = served_answer(served, handle_compare, cases[i].filter, "a=tiny", "b=resnet",
                                     (char *)NULL);
        assert_string_equal(json_string_value(json_object_get(told, "a")), "tiny");
        assert_string_equal(json_string_value(json_object_get(told, "b")), "resnet");
        expect_counts(told, cases[i].chosen);
        assert_int_equal(json_array_size(json_object_get(told, "per_class")), cases[i].classes);
        json_decref(told);
    }
}

/* Tiny has confidences and no probabilities. */
static void only_scores_of_both_are_told(void **state)
{
    (void)state;
    json_t *told = served_answer(served, handle_compare, "a=tiny", "b=resnet", (char *)NULL);
    assert_non_null(score_named(told, "aurc"));
    assert_non_null(score_named(told, "mcc"));
    assert_null(score_named(told, "log_loss"));
    assert_null(score_named(told, "auroc"));
    json_decref(told);
    told = served_answer(served, handle_compare, "filter={\"classes\": [\"cat\"]}", "a=tiny",
                         "b=resnet", (char *)NULL);
    assert_null(score_named(told, "mcc"));
    json_decref(told);
}

static void exchanged_models_are_another_question(void **state)
{
    (void)state;
    json_t *here = served_answer(served, handle_compare, "a=tiny", "b=resnet", (char *)NULL);
    json_t *there = served_answer(served, handle_compare, "a=resnet", "b=tiny", (char *)NULL);
    assert_true(json_equal(json_object_get(here, "fixed"), json_object_get(there, "broken")));
    assert_true(json_equal(json_object_get(here, "p_value"), json_object_get(there, "p_value")));
    assert_false(json_equal(json_object_get(here, "fixed"), json_object_get(there, "fixed")));
    json_decref(here);
    json_decref(there);
}

static void a_kept_reply_is_the_same_to_the_byte(void **state)
{
    (void)state;
    reply first, second;
    assay_err err;
    assert_int_equal(
        served_ask(served, handle_compare, &first, &err, "a=tiny", "b=resnet", (char *)NULL),
        ASSAY_OK);
    assert_int_equal(
        served_ask(served, handle_compare, &second, &err, "a=tiny", "b=resnet", (char *)NULL),
        ASSAY_OK);
    kept_forget(workspace_answers(served));
    assert_string_equal(text_view(&first.body), text_view(&second.body));
    assert_true(first.revision_plus_one > 0);
    assert_true(first.revision_plus_one == second.revision_plus_one);
    reply_clear(&first);
    reply_clear(&second);
}

static void what_cannot_be_compared_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *filter, *message;
    } cases[] = {
        {"x=", "b=tiny", "filter={}", "a and b must name the two models"},
        {"a=tiny", "b=", "filter={}", "a and b must name the two models"},
        {"a=tiny", "b=huge", "filter={}", "there is no model 'huge'"},
        {"a=tiny", "b=resnet", "filter={\"tags\": [\"day\"]}", "there is no tag 'day'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply out;
        assay_err err = {0};
        assert_int_equal(served_ask(served, handle_compare, &out, &err, cases[i].a, cases[i].b,
                                    cases[i].filter, (char *)NULL),
                         ASSAY_E_USAGE);
        assert_string_equal(err.msg, cases[i].message);
        assert_int_equal(out.body.length, 0);
        reply_clear(&out);
    }
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    json_decref(served_answer(served, handle_compare, "a=tiny", "b=resnet", (char *)NULL));
    kept_forget(workspace_answers(served));
    kept_forget(workspace_filters(served));
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        reply out;
        mem_fail_after(n);
        code = served_ask(served, handle_compare, &out, NULL, "a=tiny", "b=resnet", (char *)NULL);
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
    const assay_code code =
        served_ask(served, handle_compare, &out, NULL, "a=tiny", "b=resnet", (char *)NULL);
    fputs(text_view(&out.body), stdout);
    reply_clear(&out);
    return served_tear_down(&state) || code != ASSAY_OK;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_models_are_compared_on_the_samples_of_the_filter),
        cmocka_unit_test(only_scores_of_both_are_told),
        cmocka_unit_test(exchanged_models_are_another_question),
        cmocka_unit_test(a_kept_reply_is_the_same_to_the_byte),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("handle_compare", tests, served_set_up, served_tear_down);
}
