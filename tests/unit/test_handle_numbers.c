/* The handlers of numbers: what they refuse with which words, and that they answer or fail whole
 * when memory is short. What they answer is held against the schema and the program's own numbers
 * in tests/reference/check_workbench.py. */
#include "support/served.h"

#include "base/mem.h"
#include "server/filter.h"

#include <string.h>

static void what_cannot_be_answered_is_refused(void **state)
{
    (void)state;
    static const struct {
        route_handler handle;
        const char *first, *second, *third;
        assay_code code;
        const char *message;
    } cases[] = {
        {handle_evaluation, "part=last", NULL, NULL, ASSAY_E_USAGE,
         "part is 'last'; use first or rest"},
        {handle_evaluation, "filter={\"model\": null}", NULL, NULL, ASSAY_E_INPUT,
         "served.assay: has no predictions yet; assay add predictions served.assay TABLE brings "
         "some"},
        {handle_performance, NULL, NULL, NULL, ASSAY_E_USAGE, "metric is missing"},
        {handle_performance, "metric=size", NULL, NULL, ASSAY_E_USAGE, "there is no metric 'size'"},
        {handle_performance, "metric=grain", "of=f1", NULL, ASSAY_E_USAGE,
         "of is 'f1'; use accuracy, recall or precision"},
        {handle_performance, "metric=grain", "of=recall", NULL, ASSAY_E_USAGE,
         "recall needs a class"},
        {handle_performance, "metric=grain", "of=recall", "class=cow", ASSAY_E_USAGE,
         "there is no class 'cow'"},
        {handle_performance, "metric=grain", "class=cat", NULL, ASSAY_E_USAGE,
         "class goes with recall and precision"},
        {handle_performance, "metric=grain", "bins=4", NULL, ASSAY_E_USAGE,
         "bins is '4'; use a whole number from 5 to 200"},
        {handle_curves, "class=cow", NULL, NULL, ASSAY_E_USAGE, "there is no class 'cow'"},
        {handle_curves, "filter={\"model\": \"tiny\"}", "class=cat", NULL, ASSAY_E_INPUT,
         "curves need probabilities, and model tiny has none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply out;
        assay_err err = {0};
        assert_int_equal(served_ask(served, cases[i].handle, &out, &err, cases[i].first,
                                    cases[i].second, cases[i].third, (char *)NULL),
                         cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        reply_clear(&out);
    }
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void performance_counts_the_samples_of_its_question(void **state)
{
    (void)state;
    json_t *all = served_answer(served, handle_performance, "metric=glow", "bins=9", (char *)NULL);
    assert_int_equal(number(all, "samples") + number(all, "missing"), SERVED_SAMPLES - 1);
    assert_int_equal(json_array_size(json_object_get(all, "bins")), 9);
    json_int_t counted = 0;
    for (size_t i = 0; i < 9; i++)
        counted += number(json_array_get(json_object_get(all, "bins"), i), "count");
    assert_int_equal(counted, number(all, "samples"));
    json_decref(all);
    json_t *dogs = served_answer(served, handle_performance, "metric=glow", "of=recall",
                                 "class=dog", (char *)NULL);
    assert_int_equal(number(dogs, "samples") + number(dogs, "missing"), 133);
    json_decref(dogs);
}

static void equal_questions_are_answered_from_what_is_kept(void **state)
{
    (void)state;
    json_t *first = served_answer(served, handle_evaluation, "part=first", (char *)NULL);
    json_t *again = served_answer(served, handle_evaluation, "part=first", (char *)NULL);
    json_t *rest = served_answer(served, handle_evaluation, "part=rest", (char *)NULL);
    assert_true(json_equal(first, again));
    assert_null(json_object_get(json_object_get(first, "evaluation"), "curves"));
    assert_non_null(json_object_get(json_object_get(rest, "evaluation"), "curves"));
    json_decref(first);
    json_decref(again);
    json_decref(rest);
}

/* The second part is told what the first has found, whichever is asked for first. */
static void both_parts_say_the_same_in_any_order(void **state)
{
    (void)state;
    static const char *const same[] = {"accuracy", "macro",     "mcc",     "log_loss",
                                       "top_k",    "confusion", "missing", "warnings"};
    json_t *rests[2];
    for (size_t i = 0; i < 2; i++) {
        kept_forget(workspace_answers(served));
        json_t *first =
            i ? served_answer(served, handle_evaluation, "part=first", (char *)NULL) : NULL;
        rests[i] = served_answer(served, handle_evaluation, "part=rest", (char *)NULL);
        if (!first)
            first = served_answer(served, handle_evaluation, "part=first", (char *)NULL);
        const json_t *a = json_object_get(first, "evaluation");
        const json_t *b = json_object_get(rests[i], "evaluation");
        for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
            assert_non_null(json_object_get(a, same[k]));
            assert_true(json_equal(json_object_get(a, same[k]), json_object_get(b, same[k])));
        }
        json_decref(first);
    }
    assert_true(json_equal(rests[0], rests[1]));
    json_decref(rests[0]);
    json_decref(rests[1]);
}

/* Stops at every look in turn; nothing is kept of what was given up. */
static void what_nobody_waits_for_leaves_nothing_behind(void **state)
{
    (void)state;
    json_decref(served_answer(served, handle_evaluation, (char *)NULL));
    static const struct {
        route_handler handle;
        request_parameter parameter;
    } cases[] = {
        {handle_evaluation, {"part", "first"}},
        {handle_evaluation, {"part", "rest"}},
        {handle_curves, {"class", "dog"}},
        {handle_performance, {"metric", "glow"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kept_forget(workspace_answers(served));
        kept_forget(workspace_filters(served));
        const size_t live = mem_live();
        assay_code code = ASSAY_E_CANCELLED;
        for (long look = 1; code != ASSAY_OK; look += look > 100 ? 7 : 1) {
            cancellation stop = {0};
            cancellation_ask_at(&stop, look);
            const request q = {
                .parameter = &cases[i].parameter, .parameter_count = 1, .stop = &stop};
            reply out = {0};
            assay_err err = {0};
            code = cases[i].handle(served, &q, &out, &err);
            assert_int_equal(code, atomic_load(&stop.asked) ? ASSAY_E_CANCELLED : ASSAY_OK);
            reply_clear(&out);
            kept_forget(workspace_answers(served));
            kept_forget(workspace_filters(served));
            assert_int_equal(mem_live(), live);
        }
    }
}

static void fail_each_allocation(route_handler handle, const char *first, const char *second)
{
    kept_forget(workspace_answers(served));
    kept_forget(workspace_filters(served));
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        reply out;
        mem_fail_after(n);
        assay_err err = {0};
        const assay_code code = served_ask(served, handle, &out, &err, first, second, (char *)NULL);
        mem_fail_after(UINT64_MAX);
        reply_clear(&out);
        kept_forget(workspace_answers(served));
        kept_forget(workspace_filters(served));
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        /* The parser of JSON takes a text that it had no memory for as one that is none. */
        if (code != ASSAY_E_NOMEM && !strstr(err.msg, "filter: is not JSON"))
            fail_msg("allocation %llu: %s", (unsigned long long)n, err.msg);
        /* Most are of JSON, one like the other. */
        n += n > 150 ? 40 : 0;
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    /* The orders of the metrics stay. */
    json_decref(served_answer(served, handle_evaluation, (char *)NULL));
    fail_each_allocation(handle_project, NULL, NULL);
    fail_each_allocation(handle_selection, "filter={\"splits\": [\"test\"]}", NULL);
    fail_each_allocation(handle_evaluation, "part=first", NULL);
    fail_each_allocation(handle_evaluation, "part=rest", NULL);
    fail_each_allocation(handle_performance, "metric=glow", NULL);
    fail_each_allocation(handle_curves, "class=dog", NULL);
    fail_each_allocation(handle_metrics, "filter={}", NULL);
}

int main(void)
{
    json_use_our_memory();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_answered_is_refused),
        cmocka_unit_test(performance_counts_the_samples_of_its_question),
        cmocka_unit_test(equal_questions_are_answered_from_what_is_kept),
        cmocka_unit_test(both_parts_say_the_same_in_any_order),
        cmocka_unit_test(what_nobody_waits_for_leaves_nothing_behind),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("handle_numbers", tests, served_set_up, served_tear_down);
}
