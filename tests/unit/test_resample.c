#include "support/check.h"

#include "stats/resample.h"
#include "stats/special.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { DRAWS = 20000, OUTCOMES_MOST = 4096 };

/* Pearson's chi-square of counts against a law, cells of under 5 expected pooled; its p-value. */
static double law_p(const uint32_t *seen, const double *density, size_t outcomes)
{
    double statistic = 0.0;
    double pooled_seen = 0.0;
    double pooled_expected = 0.0;
    size_t cells = 0;
    for (size_t k = 0; k < outcomes; k++) {
        pooled_seen += seen[k];
        pooled_expected += density[k] * DRAWS;
        if (pooled_expected >= 5.0) {
            const double gap = pooled_seen - pooled_expected;
            statistic += gap * gap / pooled_expected;
            cells++;
            pooled_seen = pooled_expected = 0.0;
        }
    }
    return cells < 2 ? 1.0 : chi_square_tail(statistic, (double)(cells - 1));
}

static void binomial_draws_follow_their_law(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        double p;
    } LAWS[] = {{1, 0.3},   {20, 0.1},    {20, 0.95},  {25, 0.5},
                {60, 0.25}, {1000, 0.03}, {4000, 0.5}, {4000, 0.9}};
    rng r;
    rng_init(&r, 1, 0);
    for (size_t law = 0; law < sizeof LAWS / sizeof *LAWS; law++) {
        static uint32_t seen[OUTCOMES_MOST];
        static double density[OUTCOMES_MOST];
        memset(seen, 0, sizeof seen);
        const uint64_t n = LAWS[law].n;
        for (uint64_t k = 0; k <= n; k++)
            density[k] = binomial_density((double)k, (double)n, LAWS[law].p);
        for (int i = 0; i < DRAWS; i++) {
            const uint64_t k = draw_binomial(&r, n, LAWS[law].p);
            assert_true(k <= n);
            seen[k]++;
        }
        const double p = law_p(seen, density, (size_t)n + 1);
        if (p < 1e-4)
            fail_msg("law %zu: p = %g", law, p);
    }
}

static void large_binomials_have_the_right_mean_and_spread(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 2, 0);
    const double n = 2e9;
    const double mean = n * 0.9;
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        const double gap = ((double)draw_binomial(&r, 2000000000, 0.9) - mean) / sqrt(mean * 0.1);
        sum += gap;
        squares += gap * gap;
    }
    assert_true(fabs(sum / sqrt(DRAWS)) < 4.0);
    assert_true(fabs(squares / DRAWS - 1.0) < 4.0 * sqrt(2.0 / DRAWS));
}

static void impossible_and_certain_outcomes_need_no_luck(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 3, 0);
    assert_int_equal(draw_binomial(&r, 100, 0.0), 0);
    assert_int_equal(draw_binomial(&r, 100, 1.0), 100);
    assert_int_equal(draw_binomial(&r, 0, 0.5), 0);
    assert_int_equal(draw_hypergeometric(&r, 10, 0, 5), 0);
    assert_int_equal(draw_hypergeometric(&r, 10, 10, 5), 5);
    assert_int_equal(draw_hypergeometric(&r, 10, 4, 10), 4);
    assert_int_equal(draw_hypergeometric(&r, 10, 4, 0), 0);
    assert_int_equal(draw_hypergeometric(&r, 0, 0, 0), 0);
}

/* C(good, k)·C(total - good, draws - k)/C(total, draws) through log Gamma: another road than the
 * code's. */
static double log_choose(double n, double k)
{
    return log_gamma(n + 1.0) - log_gamma(k + 1.0) - log_gamma(n - k + 1.0);
}

static void hypergeometric_draws_follow_their_law(void **state)
{
    (void)state;
    static const struct {
        uint64_t total, good, draws;
    } LAWS[] = {{10, 4, 3},     {10, 7, 8},        {200, 90, 60},     {200, 150, 60},
                {200, 60, 150}, {5000, 2000, 900}, {5000, 4990, 2500}};
    rng r;
    rng_init(&r, 4, 0);
    for (size_t law = 0; law < sizeof LAWS / sizeof *LAWS; law++) {
        static uint32_t seen[OUTCOMES_MOST];
        static double density[OUTCOMES_MOST];
        memset(seen, 0, sizeof seen);
        const double total = (double)LAWS[law].total;
        const double good = (double)LAWS[law].good;
        const double draws = (double)LAWS[law].draws;
        for (uint64_t at = 0; at <= LAWS[law].draws; at++) {
            const double k = (double)at;
            const bool possible = k <= good && draws - k <= total - good;
            density[at] = possible ? exp(log_choose(good, k) + log_choose(total - good, draws - k) -
                                         log_choose(total, draws))
                                   : 0.0;
        }
        for (int i = 0; i < DRAWS; i++) {
            const uint64_t k =
                draw_hypergeometric(&r, LAWS[law].total, LAWS[law].good, LAWS[law].draws);
            assert_true(density[k] > 0.0);
            seen[k]++;
        }
        const double p = law_p(seen, density, (size_t)LAWS[law].draws + 1);
        if (p < 1e-4)
            fail_msg("law %zu: p = %g", law, p);
    }
}

static void a_multinomial_keeps_the_total_and_leaves_empty_cells_empty(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 5, 0);
    const uint64_t weight[6] = {0, 50, 0, 300, 150, 0};
    double mean[6] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint64_t out[6];
        draw_multinomial(&r, weight, 6, 1000, out);
        uint64_t total = 0;
        for (int k = 0; k < 6; k++) {
            total += out[k];
            mean[k] += (double)out[k] / DRAWS;
        }
        assert_int_equal(total, 1000);
    }
    for (int k = 0; k < 6; k++) {
        const double p = (double)weight[k] / 500.0;
        const double se = sqrt(1000.0 * p * (1.0 - p) / DRAWS);
        assert_true(fabs(mean[k] - 1000.0 * p) <= 4.0 * se);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomial_draws_follow_their_law),
        cmocka_unit_test(large_binomials_have_the_right_mean_and_spread),
        cmocka_unit_test(impossible_and_certain_outcomes_need_no_luck),
        cmocka_unit_test(hypergeometric_draws_follow_their_law),
        cmocka_unit_test(a_multinomial_keeps_the_total_and_leaves_empty_cells_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
