/* The use-cases behind `assay compare` and `assay plan`, on a project of support/served.h. */
#include "project/compare_models.h"

#include "project/plan_labels.h"
#include "store/project_load.h"
#include "support/listed.h"
#include "support/served.h"

#include <math.h>
#include <string.h>

static compare_models_request ask(const char *a, const char *b, const char *where)
{
    return (compare_models_request){
        .path = "served.assay", .a = a, .b = b, .where = where, .thread_count = 2};
}

static void two_models_of_a_project_are_compared(void **state)
{
    (void)state;
    const compare_models_request wanted = ask("tiny", "resnet", NULL);
    compared_models c;
    assert_int_equal(compare_models(&wanted, &c, NULL), ASSAY_OK);
    assert_int_equal(c.comparison.samples, SERVED_SAMPLES - 1);
    assert_int_equal(c.comparison.left_out, 1);
    assert_string_equal(c.a->model, "tiny");
    assert_string_equal(c.b->model, "resnet");
    assert_true(c.confidence_level == 0.95);
    compared_models_clear(&c);
}

/* margin is a number of resnet's probabilities, which tiny has none of. */
static void a_condition_may_ask_for_numbers_of_the_first_model(void **state)
{
    (void)state;
    const compare_models_request wanted = ask("resnet", "tiny", "margin > 0.5 AND split = 'test'");
    compared_models c;
    assert_int_equal(compare_models(&wanted, &c, NULL), ASSAY_OK);
    assert_true(c.comparison.samples > 0);
    assert_true(c.comparison.samples < SERVED_SAMPLES / 4);
    compared_models_clear(&c);
}

static void what_cannot_be_compared_is_refused(void **state)
{
    (void)state;
    const struct {
        compare_models_request wanted;
        assay_code code;
        const char *message;
    } cases[] = {
        {ask(NULL, "tiny", NULL), ASSAY_E_USAGE, "two models are needed: --a and --b name them"},
        {ask("tiny", "", NULL), ASSAY_E_USAGE, "two models are needed: --a and --b name them"},
        {ask("tiny", "tiny", NULL), ASSAY_E_USAGE, "--a and --b are both 'tiny'"},
        {ask("tiny", "huge", NULL), ASSAY_E_USAGE,
         "served.assay: there is no model 'huge'; there are: resnet, tiny"},
        {ask("tiny", "resnet", "grain > 70"), ASSAY_E_INPUT,
         "no sample of 400 fulfils the condition: grain > 70"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        compared_models c;
        assay_err err = {0};
        assert_int_equal(compare_models(&cases[i].wanted, &c, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_null(c.a);
        assert_null(c.comparison.per_class);
    }
}

static frame *load(const char *model)
{
    const project_load_request wanted = {.path = "served.assay",
                                         .model = model,
                                         .no_model = !model,
                                         .texts = true,
                                         .thread_count = 1};
    frame *f;
    assert_int_equal(project_load(&wanted, &f, NULL), ASSAY_OK);
    return f;
}

static void a_plan_is_of_the_chosen_samples(void **state)
{
    (void)state;
    frame *f = load("resnet");
    const plan_labels_request wanted = {.samples = {.where = "split = 'test'", .thread_count = 1},
                                        .path = "served.assay",
                                        .half_width = 0.1,
                                        .confidence_level = 0.9};
    label_plan plan;
    assert_int_equal(plan_labels(f, &wanted, &plan, NULL), ASSAY_OK);
    assert_int_equal(plan.count, SERVED_CLASSES);
    assert_int_equal(plan.of[0].labelled + plan.of[1].labelled + plan.of[2].labelled,
                     SERVED_SAMPLES / 4);
    assert_true(plan.confidence_level == 0.9);
    label_plan_clear(&plan);
    frame_free(f);
}

static void a_plan_needs_predictions_and_a_width(void **state)
{
    (void)state;
    frame *with = load("resnet"), *without = load(NULL);
    plan_labels_request wanted = {
        .samples = {.thread_count = 1}, .path = "served.assay", .half_width = 0.1};
    label_plan plan;
    assay_err err = {0};
    assert_int_equal(plan_labels(without, &wanted, &plan, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "served.assay: has no predictions yet; assay add predictions "
                                 "served.assay TABLE brings some");
    assert_null(plan.of);
    wanted.half_width = 0.7;
    assert_int_equal(plan_labels(with, &wanted, &plan, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "a half-width of 0.7 is not between 0.001 and 0.5");
    frame_free(with);
    frame_free(without);
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    const compare_models_request wanted = ask("tiny", "resnet", NULL);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        compared_models c;
        mem_fail_after(n);
        code = compare_models(&wanted, &c, NULL);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        compared_models_clear(&c);
        assert_int_equal(mem_live(), live);
    }
}

static int make_all(void **state)
{
    if (listed_make_folder(state))
        return -1;
    served_make();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_models_of_a_project_are_compared),
        cmocka_unit_test(a_condition_may_ask_for_numbers_of_the_first_model),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(a_plan_is_of_the_chosen_samples),
        cmocka_unit_test(a_plan_needs_predictions_and_a_width),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("compare_models", tests, make_all, listed_drop_folder);
}
