#include "support/check.h"

#include "stats/paired.h"

#include <math.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

static const double Z95 = 1.959963984540054;

/* By tests/reference/paired_golden.py. */
static const struct {
    uint64_t first, second;
    double mid, exact;
} MCNEMAR[] = {
    {0, 0, 1.0, 1.0},
    {1, 0, 0.5, 1.0},
    {0, 5, 0.03125, 0.0625},
    {3, 3, 1.0, 1.0},
    {10, 4, 0.11846923828125, 0.1795654296875},
    {4, 10, 0.11846923828125, 0.1795654296875},
    {25, 12, 0.03355243967962451, 0.04703102743951604},
    {60, 61, 0.92791079960554, 1.0},
    {400, 300, 0.00015498176361506452, 0.00017847631448562662},
    {0, 60, 8.673617379884035e-19, 1.734723475976807e-18},
    {1000, 1200, 1.9916416564602037e-05, 2.181702640791419e-05},
};

static const struct {
    uint64_t first, second, n;
    interval want;
} TANGO[] = {
    {0, 0, 20, {-0.16112515805281935, 0.16112515805281935}},
    {0, 0, 1, {-0.7934506856227626, 0.7934506856227626}},
    {1, 0, 1, {-1.0, 0.5869013712455251}},
    {0, 10, 10, {0.4449344002742216, 1.0}},
    {10, 0, 10, {-1.0, -0.4449344002742216}},
    {3, 9, 44, {-0.02009579786971053, 0.2947856044575154}},
    {9, 3, 44, {-0.2947856044575154, 0.02009579786971053}},
    {1, 12, 30, {0.1546546499764955, 0.555798667934305}},
    {0, 4, 15, {0.008414485354591788, 0.5195043405598057}},
    {5, 5, 50, {-0.1354322847342808, 0.1354322847342808}},
    {43, 48, 1000, {-0.013938613805254312, 0.024083797881645903}},
    {300, 200, 10000, {-0.014425354494952823, -0.005639532745394385}},
    {0, 3, 100000, {-8.414264976417116e-06, 8.82080492517673e-05}},
};

static void mcnemar_equals_scipy_and_whole_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(MCNEMAR); i++) {
        const double mid = paired_mcnemar_p(MCNEMAR[i].first, MCNEMAR[i].second, false);
        const double exact = paired_mcnemar_p(MCNEMAR[i].first, MCNEMAR[i].second, true);
        if (!(fabs(mid - MCNEMAR[i].mid) <= 1e-11 * MCNEMAR[i].mid &&
              fabs(exact - MCNEMAR[i].exact) <= 1e-11 * MCNEMAR[i].exact))
            fail_msg("row %zu: %.17g, %.17g", i, mid, exact);
    }
}

static void tango_solves_the_score_equation(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(TANGO); i++) {
        const interval got = interval_tango(TANGO[i].first, TANGO[i].second, TANGO[i].n, Z95);
        if (!(fabs(got.low - TANGO[i].want.low) <= 1e-14 &&
              fabs(got.high - TANGO[i].want.high) <= 1e-14))
            fail_msg("row %zu: [%.17g, %.17g]", i, got.low, got.high);
    }
}

static void no_pairs_have_no_interval(void **state)
{
    (void)state;
    const interval got = interval_tango(0, 0, 0, Z95);
    assert_true(isnan(got.low) && isnan(got.high));
}

static void exchanging_the_two_mirrors_the_interval(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 25; n++) {
        for (uint64_t first = 0; first <= n; first++) {
            for (uint64_t second = 0; first + second <= n; second++) {
                const interval here = interval_tango(first, second, n, Z95);
                const interval there = interval_tango(second, first, n, Z95);
                assert_true(here.low == -there.high && here.high == -there.low);
                const double middle = ((double)second - (double)first) / (double)n;
                assert_true(-1.0 <= here.low && here.low <= middle);
                assert_true(middle <= here.high && here.high <= 1.0);
                assert_true(paired_mcnemar_p(first, second, false) <=
                            paired_mcnemar_p(first, second, true));
            }
        }
    }
}

static void two_thousand_million_pairs_are_no_limit(void **state)
{
    (void)state;
    const interval got = interval_tango(100000000, 100000000, 2147483647, Z95);
    /* Wald's, which so many pairs make right. */
    const double se = sqrt(200000000.0) / 2147483647.0;
    assert_true(fabs(got.high - Z95 * se) < 1e-6 * se);
    assert_true(paired_mcnemar_p(100000000, 100020000, false) > 0.1);
    assert_true(paired_mcnemar_p(100000000, 100200000, false) < 1e-40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mcnemar_equals_scipy_and_whole_numbers),
        cmocka_unit_test(tango_solves_the_score_equation),
        cmocka_unit_test(no_pairs_have_no_interval),
        cmocka_unit_test(exchanging_the_two_mirrors_the_interval),
        cmocka_unit_test(two_thousand_million_pairs_are_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
