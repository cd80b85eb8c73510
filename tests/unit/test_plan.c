#include "support/check.h"

#include "base/mem.h"
#include "eval/evaluation.h"
#include "eval/plan.h"
#include "stats/interval.h"
#include "stats/special.h"

#include <math.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

/* By tests/reference/plan_golden.py: counted up from 0. */
static const struct {
    double p, half_width, level;
    uint64_t n;
} NEEDED[] = {
    {0.0, 0.01, 0.95, 189},
    {0.0, 0.01, 0.99, 326},
    {0.0, 0.05, 0.95, 35},
    {0.0, 0.05, 0.99, 60},
    {0.0, 0.2, 0.95, 6},
    {0.0, 0.2, 0.99, 10},
    {0.0, 0.49, 0.95, 1},
    {0.0, 0.49, 0.99, 1},
    {0.02, 0.01, 0.95, 792},
    {0.02, 0.01, 0.99, 1368},
    {0.02, 0.05, 0.95, 52},
    {0.02, 0.05, 0.99, 89},
    {0.02, 0.2, 0.95, 7},
    {0.02, 0.2, 0.99, 11},
    {0.02, 0.49, 0.95, 1},
    {0.02, 0.49, 0.99, 1},
    {0.3, 0.01, 0.95, 8064},
    {0.3, 0.01, 0.99, 13928},
    {0.3, 0.05, 0.95, 320},
    {0.3, 0.05, 0.99, 552},
    {0.3, 0.2, 0.95, 18},
    {0.3, 0.2, 0.99, 30},
    {0.3, 0.49, 0.95, 1},
    {0.3, 0.49, 0.99, 1},
    {0.5, 0.01, 0.95, 9600},
    {0.5, 0.01, 0.99, 16581},
    {0.5, 0.05, 0.95, 381},
    {0.5, 0.05, 0.99, 657},
    {0.5, 0.2, 0.95, 21},
    {0.5, 0.2, 0.99, 35},
    {0.5, 0.49, 0.95, 1},
    {0.5, 0.49, 0.99, 1},
    {0.9411764705882353, 0.01, 0.95, 2137},
    {0.9411764705882353, 0.01, 0.99, 3690},
    {0.9411764705882353, 0.05, 0.95, 94},
    {0.9411764705882353, 0.05, 0.99, 161},
    {0.9411764705882353, 0.2, 0.95, 8},
    {0.9411764705882353, 0.2, 0.99, 14},
    {0.9411764705882353, 0.49, 0.95, 1},
    {0.9411764705882353, 0.49, 0.99, 1},
    {0.999, 0.01, 0.95, 208},
    {0.999, 0.01, 0.99, 360},
    {0.999, 0.05, 0.95, 36},
    {0.999, 0.05, 0.99, 61},
    {0.999, 0.2, 0.95, 6},
    {0.999, 0.2, 0.99, 11},
    {0.999, 0.49, 0.95, 1},
    {0.999, 0.49, 0.99, 1},
};

static void as_many_are_needed_as_counting_up_finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(NEEDED); i++) {
        const uint64_t n =
            plan_samples_needed(NEEDED[i].p, NEEDED[i].half_width, normal_z(NEEDED[i].level));
        if (n != NEEDED[i].n)
            fail_msg("row %zu: %llu", i, (unsigned long long)n);
    }
    assert_int_equal(plan_samples_needed(0.5, 0.5, 1.96), 0);
}

/* Class 0: 90 of 100 right; 1: 3 of 4; 2: 40 of 40; 3: only predicted; 4: 1,900 of 2,000. */
static confusion *five_classes(void)
{
    static const struct {
        uint16_t label, prediction;
        size_t count;
    } cell[] = {{0, 0, 90}, {0, 1, 10},   {1, 1, 3},  {1, 3, 1},
                {2, 2, 40}, {4, 4, 1900}, {4, 0, 100}};
    static uint16_t label[4096], prediction[4096];
    size_t n = 0;
    for (size_t i = 0; i < ROWS(cell); i++) {
        for (size_t j = 0; j < cell[i].count; j++) {
            label[n] = cell[i].label;
            prediction[n++] = cell[i].prediction;
        }
    }
    confusion *c = NULL;
    assert_int_equal(confusion_of_pairs(label, prediction, n, 5, 1, &c, NULL), ASSAY_OK);
    return c;
}

static evaluation_options defaults(void)
{
    evaluation_options o;
    evaluation_defaults(&o);
    o.thread_count = 1;
    return o;
}

static void the_widest_class_comes_first_and_those_without_samples_last(void **state)
{
    (void)state;
    confusion *c = five_classes();
    const evaluation_options options = defaults();
    label_plan plan;
    assert_int_equal(label_plan_init(&plan, c, 0.05, &options, NULL), ASSAY_OK);
    const uint16_t order[] = {1, 0, 2, 4, 3};
    assert_int_equal(plan.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(plan.of[i].class_code, order[i]);
    assert_int_equal(plan.without_samples, 1);
    assert_int_equal(plan.of[4].labelled, 0);
    assert_true(isnan(plan.of[4].half_width) && isnan(plan.of[4].recall.value));
    label_plan_clear(&plan);
    confusion_free(c);
}

static void more_is_what_the_likely_recall_asks_for(void **state)
{
    (void)state;
    confusion *c = five_classes();
    const evaluation_options options = defaults();
    const double z = normal_z(0.95);
    label_plan plan;
    assert_int_equal(label_plan_init(&plan, c, 0.05, &options, NULL), ASSAY_OK);
    const uint64_t needed[] = {plan_samples_needed(5.0 / 8.0, 0.05, z) - 4,
                               plan_samples_needed(92.0 / 104.0, 0.05, z) - 100,
                               0, /* 40 of 40: narrow enough as it is */
                               0, plan_samples_needed(0.5, 0.05, z)};
    uint64_t sum = 0;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(plan.of[i].more, needed[i]);
        sum += needed[i];
    }
    assert_int_equal(plan.more, sum);
    const interval wilson = interval_wilson(3.0, 4.0, z);
    assert_true(plan.of[0].half_width == (wilson.high - wilson.low) / 2.0);
    label_plan_clear(&plan);
    confusion_free(c);
}

static void only_shown_classes_are_planned(void **state)
{
    (void)state;
    confusion *c = five_classes();
    evaluation_options options = defaults();
    const bool shown[5] = {true, false, false, true, false};
    options.shown = shown;
    label_plan plan;
    assert_int_equal(label_plan_init(&plan, c, 0.1, &options, NULL), ASSAY_OK);
    assert_int_equal(plan.count, 2);
    assert_int_equal(plan.of[0].class_code, 0);
    assert_int_equal(plan.of[1].class_code, 3);
    label_plan_clear(&plan);
    confusion_free(c);
}

static void an_absurd_half_width_is_refused(void **state)
{
    (void)state;
    static const struct {
        double half_width;
        const char *message;
    } cases[] = {
        {0.0, "a half-width of 0 is not between 0.001 and 0.5"},
        {0.6, "a half-width of 0.6 is not between 0.001 and 0.5"},
        {-1.0, "a half-width of -1 is not between 0.001 and 0.5"},
    };
    confusion *c = five_classes();
    const evaluation_options options = defaults();
    for (size_t i = 0; i < ROWS(cases); i++) {
        label_plan plan;
        assay_err err;
        assert_int_equal(label_plan_init(&plan, c, cases[i].half_width, &options, &err),
                         ASSAY_E_USAGE);
        assert_string_equal(err.msg, cases[i].message);
        assert_null(plan.of);
    }
    label_plan plan;
    assert_int_equal(label_plan_init(&plan, c, (double)NAN, &options, NULL), ASSAY_E_USAGE);
    confusion_free(c);
}

static void short_memory_is_said(void **state)
{
    (void)state;
    confusion *c = five_classes();
    const evaluation_options options = defaults();
    const size_t before = mem_live();
    label_plan plan;
    mem_fail_after(0);
    const assay_code code = label_plan_init(&plan, c, 0.05, &options, NULL);
    mem_fail_after(UINT64_MAX);
    assert_int_equal(code, ASSAY_E_NOMEM);
    assert_int_equal(mem_live(), before);
    confusion_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_are_needed_as_counting_up_finds),
        cmocka_unit_test(the_widest_class_comes_first_and_those_without_samples_last),
        cmocka_unit_test(more_is_what_the_likely_recall_asks_for),
        cmocka_unit_test(only_shown_classes_are_planned),
        cmocka_unit_test(an_absurd_half_width_is_refused),
        cmocka_unit_test(short_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
