#include "support/check.h"

#include "stats/interval.h"
#include "stats/special.h"

#include <math.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

static const double Z95 = 1.959963984540054;

/* scipy.stats.binomtest(k, n).proportion_ci(0.95, "wilson") and "exact". */
static const struct {
    uint64_t successes, n;
    interval wilson, exact;
} PROPORTIONS[] = {
    {0, 1, {0.0, 0.7934506856227626}, {0.0, 0.975}},
    {1, 1, {0.20654931437723745, 1.0}, {0.025000000000000022, 1.0}},
    {0, 10, {0.0, 0.27753279986288926}, {0.0, 0.30849710781876294}},
    {10, 10, {0.7224672001371109, 1.0}, {0.6915028921812371, 1.0}},
    {3, 10, {0.10779126740630102, 0.6032218525388546}, {0.06673951117773447, 0.652452850060008}},
    {450, 500, {0.8705780903680599, 0.9233224372626984}, {0.8702909143377965, 0.9248641849335848}},
    {9990,
     10000,
     {0.9981600556125619, 0.9994567140135028},
     {0.9981617358657504, 0.9995203602762358}},
    {1,
     1000000,
     {1.765245767453709e-07, 5.664911804311442e-06},
     {2.5317805139113815e-08, 5.571630655512304e-06}},
};

static void check_interval(interval got, interval want, double tolerance)
{
    if (!(fabs(got.low - want.low) <= tolerance && fabs(got.high - want.high) <= tolerance))
        fail_msg("[%.17g, %.17g], not [%.17g, %.17g]", got.low, got.high, want.low, want.high);
}

static void check_none(interval got)
{
    if (!isnan(got.low) || !isnan(got.high))
        fail_msg("[%.17g, %.17g], not none", got.low, got.high);
}

static void proportions_equal_scipy(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(PROPORTIONS); i++) {
        const double k = (double)PROPORTIONS[i].successes;
        const double n = (double)PROPORTIONS[i].n;
        check_interval(interval_wilson(k, n, Z95), PROPORTIONS[i].wilson, 1e-13);
        check_interval(interval_clopper_pearson(PROPORTIONS[i].successes, PROPORTIONS[i].n, 0.95),
                       PROPORTIONS[i].exact, 1e-13);
    }
}

static void nothing_right_and_all_right_touch_the_edges(void **state)
{
    (void)state;
    assert_true(interval_wilson(0.0, 7.5, Z95).low == 0.0);
    assert_true(interval_wilson(7.5, 7.5, Z95).high == 1.0);
    assert_true(interval_clopper_pearson(0, 9, 0.9).low == 0.0);
    assert_true(interval_clopper_pearson(9, 9, 0.9).high == 1.0);
}

static void wilson_bounds_solve_the_score_equation(void **state)
{
    (void)state;
    for (int size = 0; size < 13; size++) {
        const double n = 0.5 * pow(3.7, size);
        for (int part = 1; part < 20; part += 4) {
            const double share = part / 20.0;
            const interval got = interval_wilson(share * n, n, 2.5);
            const double bounds[2] = {got.low, got.high};
            for (int side = 0; side < 2; side++) {
                const double p = bounds[side];
                const double score = (share - p) / sqrt(p * (1.0 - p) / n);
                assert_true(fabs(fabs(score) - 2.5) < 1e-6);
            }
        }
    }
}

static void exact_bounds_leave_half_of_alpha_on_each_side(void **state)
{
    (void)state;
    for (uint64_t successes = 1; successes < 20; successes++) {
        const interval got = interval_clopper_pearson(successes, 20, 0.9);
        double above = 0.0;
        double below = 0.0;
        for (uint64_t k = 0; k <= 20; k++) {
            above += k >= successes ? binomial_density((double)k, 20.0, got.low) : 0.0;
            below += k <= successes ? binomial_density((double)k, 20.0, got.high) : 0.0;
        }
        assert_true(fabs(above - 0.05) < 1e-12);
        assert_true(fabs(below - 0.05) < 1e-12);
    }
}

static void scales_are_mapped_there_and_back(void **state)
{
    (void)state;
    /* logit(0.8) = ln 4; 0.04/(0.8·0.2) = 0.25 */
    const interval want = {1.0 / (1.0 + exp(0.5) / 4.0), 1.0 / (1.0 + exp(-0.5) / 4.0)};
    check_interval(interval_logit(0.8, 0.04, 2.0), want, 1e-15);
    check_interval(interval_logit_scale(0.8, 0.25, 2.0), want, 1e-15);
    check_interval(interval_fisher(0.6, 0.064, 2.0),
                   (interval){tanh(atanh(0.6) - 0.2), tanh(atanh(0.6) + 0.2)}, 1e-15);
    check_interval(interval_plain(3.0, 0.5, 2.0), (interval){2.0, 4.0}, 0.0);
}

static void an_interval_without_width_still_holds_its_value(void **state)
{
    (void)state;
    for (int i = 1; i < 1000; i++) {
        const double value = i / 1000.0;
        const interval logit = interval_logit(value, 0.0, Z95);
        const interval fisher = interval_fisher(value, 1e-17, Z95);
        assert_true(logit.low <= value && value <= logit.high);
        assert_true(fisher.low <= value && value <= fisher.high);
    }
}

static void f1_goes_through_the_share_of_the_union(void **state)
{
    (void)state;
    const interval j = interval_wilson(30.0, 40.0, Z95);
    check_interval(interval_f1(30.0, 40.0, Z95),
                   (interval){2.0 * j.low / (1.0 + j.low), 2.0 * j.high / (1.0 + j.high)}, 1e-15);
    const interval e = interval_clopper_pearson(30, 40, 0.95);
    check_interval(interval_f1_exact(30, 40, 0.95),
                   (interval){2.0 * e.low / (1.0 + e.low), 2.0 * e.high / (1.0 + e.high)}, 1e-15);
}

static void where_nothing_is_known_there_is_no_interval(void **state)
{
    (void)state;
    check_none(interval_wilson(0.0, 0.0, Z95));
    check_none(interval_wilson(0.0, (double)NAN, Z95));
    check_none(interval_clopper_pearson(0, 0, 0.95));
    check_none(interval_logit(1.0, 0.1, Z95));
    check_none(interval_logit(0.0, 0.1, Z95));
    check_none(interval_logit(0.5, (double)NAN, Z95));
    check_none(interval_logit_scale(0.5, (double)INFINITY, Z95));
    check_none(interval_logit((double)NAN, 0.1, Z95));
    check_none(interval_fisher(1.0, 0.0, Z95));
    check_none(interval_fisher(-1.0, 0.1, Z95));
    check_none(interval_fisher(0.5, (double)NAN, Z95));
    check_none(interval_plain(0.5, (double)NAN, Z95));
    check_none(interval_plain((double)NAN, 0.1, Z95));
    check_none(interval_f1(0.0, 0.0, Z95));
    check_none(interval_f1_exact(0, 0, 0.95));
}

static void clipping_keeps_what_is_inside_and_leaves_none_alone(void **state)
{
    (void)state;
    check_interval(interval_clip((interval){-0.1, 1.2}, 0.0, 1.0), (interval){0.0, 1.0}, 0.0);
    check_interval(interval_clip((interval){0.2, 0.3}, 0.0, 1.0), (interval){0.2, 0.3}, 0.0);
    check_none(interval_clip((interval){(double)NAN, (double)NAN}, 0.0, 1.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proportions_equal_scipy),
        cmocka_unit_test(nothing_right_and_all_right_touch_the_edges),
        cmocka_unit_test(wilson_bounds_solve_the_score_equation),
        cmocka_unit_test(exact_bounds_leave_half_of_alpha_on_each_side),
        cmocka_unit_test(scales_are_mapped_there_and_back),
        cmocka_unit_test(an_interval_without_width_still_holds_its_value),
        cmocka_unit_test(f1_goes_through_the_share_of_the_union),
        cmocka_unit_test(where_nothing_is_known_there_is_no_interval),
        cmocka_unit_test(clipping_keeps_what_is_inside_and_leaves_none_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
