#include "support/check.h"

#include "base/rng.h"
#include "stats/adjust.h"

#include <math.h>

static void check_all(const double *got, const double *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(fabs(got[i] - want[i]) <= 1e-15 || (isnan(got[i]) && isnan(want[i]))))
            fail_msg("p %zu: %.17g, not %.17g", i, got[i], want[i]);
    }
}

/* By hand: sorted .005 .01 .02 .04 .6, times 5/1 … 5/5, running minimum from the right; with a NaN
 * between. */
static void benjamini_hochberg_is_given_in_the_order_of_the_input(void **state)
{
    (void)state;
    const double p[6] = {0.04, 0.01, (double)NAN, 0.6, 0.005, 0.02};
    const double want[6] = {0.05, 0.025, (double)NAN, 0.6, 0.025, 0.1 / 3.0};
    double got[6];
    size_t order[6];
    adjust_benjamini_hochberg(p, 6, got, order);
    check_all(got, want, 6);
}

static void holm_is_given_in_the_order_of_the_input(void **state)
{
    (void)state;
    const double p[6] = {0.04, 0.01, (double)NAN, 0.6, 0.005, 0.02};
    const double want[6] = {0.08, 0.04, (double)NAN, 0.6, 0.025, 0.06};
    double got[6];
    size_t order[6];
    adjust_holm(p, 6, got, order);
    check_all(got, want, 6);
}

/* The definitions, in O(n²): min over p_j >= p_i of p_j·n/#{<= p_j}; max over p_j <= p_i of
 * p_j·#{>= p_j}. */
static double slow_benjamini_hochberg(const double *p, size_t n, double own)
{
    double least = 1.0;
    for (size_t j = 0; j < n; j++) {
        size_t at_most = 0;
        for (size_t k = 0; k < n; k++)
            at_most += p[k] <= p[j];
        if (p[j] >= own)
            least = fmin(least, p[j] * (double)n / (double)at_most);
    }
    return least;
}

static double slow_holm(const double *p, size_t n, double own)
{
    double most = 0.0;
    for (size_t j = 0; j < n; j++) {
        size_t at_least = 0;
        for (size_t k = 0; k < n; k++)
            at_least += p[k] >= p[j];
        if (p[j] <= own)
            most = fmax(most, p[j] * (double)at_least);
    }
    return fmin(1.0, most);
}

static void any_p_values_with_ties_equal_the_definitions(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 11, 0);
    double p[60];
    double got[60];
    double want[60] = {0};
    size_t order[60];
    for (size_t n = 1; n <= 60; n++) {
        for (size_t i = 0; i < n; i++)
            p[i] = floor(rng_unit(&r) * 25.0) / 25.0;
        adjust_benjamini_hochberg(p, n, got, order);
        for (size_t i = 0; i < n; i++)
            want[i] = slow_benjamini_hochberg(p, n, p[i]);
        check_all(got, want, n);
        adjust_holm(p, n, got, order);
        for (size_t i = 0; i < n; i++)
            want[i] = slow_holm(p, n, p[i]);
        check_all(got, want, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(benjamini_hochberg_is_given_in_the_order_of_the_input),
        cmocka_unit_test(holm_is_given_in_the_order_of_the_input),
        cmocka_unit_test(any_p_values_with_ties_equal_the_definitions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
