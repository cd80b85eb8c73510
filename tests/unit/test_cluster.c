#include "support/check.h"

#include "stats/cluster.h"

#include <math.h>

static void check_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-14 * fabs(want)))
        fail_msg("%.17g, not %.17g", got, want);
}

static void without_groups_every_influence_stands_alone(void **state)
{
    (void)state;
    const double psi[3] = {1.0, -2.0, 2.0};
    check_near(cluster_se(psi, 3, (clustering){0}, NULL), 3.0);
    assert_true(cluster_se(psi, 0, (clustering){0}, NULL) == 0.0);
}

static void a_large_influence_does_not_swallow_small_ones(void **state)
{
    (void)state;
    double psi[1001] = {1.0};
    for (size_t i = 1; i <= 1000; i++)
        psi[i] = 1e-9;
    const double se = cluster_se(psi, 1001, (clustering){0}, NULL);
    assert_true(se * se - 1.0 > 0.8e-15);
}

static void influences_are_summed_within_their_group(void **state)
{
    (void)state;
    const double psi[5] = {1.0, 2.0, -1.0, 4.0, -2.0};
    const uint32_t group[5] = {0, 2, 1, 0, 1};
    double scratch[3] = {9.0, 9.0, 9.0};
    /* sums 5, -3, 2 */
    check_near(cluster_se(psi, 5, (clustering){group, 3}, scratch), sqrt(1.5 * 38.0));
}

static void one_group_says_nothing(void **state)
{
    (void)state;
    const double psi[2] = {1.0, 2.0};
    const uint32_t group[2] = {0, 0};
    double scratch[1];
    assert_true(isnan(cluster_se(psi, 2, (clustering){group, 1}, scratch)));
}

static void the_effective_n_is_what_would_give_this_se(void **state)
{
    (void)state;
    check_near(cluster_effective_n(0.2, 0.08, 1000.0, 50.0), 25.0);
    check_near(cluster_effective_n(0.2, 0.001, 1000.0, 50.0), 1000.0);
    check_near(cluster_effective_n(0.2, 0.0, 1000.0, 50.0), 1000.0);
    check_near(cluster_effective_n(0.0, 0.0, 1000.0, 50.0), 50.0);
    check_near(cluster_effective_n(1.0, 0.0, 1000.0, 50.0), 50.0);
    assert_true(isnan(cluster_effective_n(0.5, (double)NAN, 1000.0, 1.0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_groups_every_influence_stands_alone),
        cmocka_unit_test(a_large_influence_does_not_swallow_small_ones),
        cmocka_unit_test(influences_are_summed_within_their_group),
        cmocka_unit_test(one_group_says_nothing),
        cmocka_unit_test(the_effective_n_is_what_would_give_this_se),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
