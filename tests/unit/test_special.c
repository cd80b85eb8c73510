#include "support/check.h"

#include "stats/special.h"

#include <math.h>

/* The tables were printed by tests/reference/special_golden.py. */
/* clang-format off */
static const double NORMAL_QUANTILE[][2] = {
    {1e-300, -37.0470962993612},
    {1e-20, -9.262340089798407},
    {1e-10, -6.361340902404057},
    {0.001, -3.0902323061678136},
    {0.025, -1.9599639845400543},
    {0.074, -1.4466320671589785},
    {0.076, -1.4325027208258116},
    {0.3, -0.5244005127080408},
    {0.7, 0.5244005127080407},
    {0.925, 1.4395314709384561},
    {0.975, 1.9599639845400538},
    {0.999, 3.090232306167813},
};

static const double NORMAL_CDF[][2] = {
    {-37.0, 5.725571222524577e-300},
    {-8.0, 6.220960574271784e-16},
    {-2.5, 0.006209665325776135},
    {-1.0, 0.15865525393145705},
    {0.0, 0.5},
    {0.3, 0.6179114221889527},
    {1.96, 0.9750021048517795},
    {6.0, 0.9999999990134123},
};

static const double CHI_SQUARE[][3] = {
    {0.001, 1.0, 0.9747728793699604},
    {0.5, 1.0, 0.4795001221869535},
    {3.84, 1.0, 0.050043521248705106},
    {50.0, 1.0, 1.537459794428035e-12},
    {2.0, 9.0, 0.9914676066288135},
    {9.0, 9.0, 0.43727418891386705},
    {30.0, 9.0, 0.00043872177097947947},
    {200.0, 9.0, 3.3129923939095533e-38},
    {0.1, 31.0, 1.0},
    {31.0, 31.0, 0.46621250621750837},
    {80.0, 31.0, 3.3125285528482445e-06},
    {100.0, 100.0, 0.48119168452795674},
    {150.0, 100.0, 0.0009039320423540091},
    {5000.0, 5000.0, 0.4973403788923451},
    {5300.0, 5000.0, 0.0015958249441347307},
    {400.0, 0.5, 7.150435485289213e-90},
};

static const double BETA_CDF[][4] = {
    {0.5, 1.0, 1.0, 0.5},
    {0.1, 2.0, 3.0, 0.052300000000000006},
    {0.9, 2.0, 3.0, 0.9963},
    {0.0001, 0.5, 0.5, 0.006366303831746141},
    {0.3, 0.01, 5.0, 0.9991442234826966},
    {0.05, 3.0, 80.0, 0.7836485955563214},
    {0.02, 3.0, 80.0, 0.22606408008036852},
    {0.95, 900.0, 51.0, 0.6788133897477394},
    {0.9, 900.0, 101.0, 0.5265990812951661},
    {0.499, 5000.0, 5100.0, 0.7864301126247719},
    {0.99, 10.0, 0.01, 0.01853845694781109},
    {1e-08, 1.0, 10000000.0, 0.09516258241645914},
};

static const double BETA_QUANTILE[][4] = {
    {0.5, 1.0, 1.0, 0.5},
    {0.025, 1.0, 10.0, 0.0025285785444617848},
    {0.975, 2.0, 9.0, 0.4450161170281954},
    {0.025, 9.0, 2.0, 0.5549838829718046},
    {0.025, 90.0, 11.0, 0.8237774022599773},
    {0.975, 91.0, 10.0, 0.9509953107785141},
    {0.3, 0.2, 0.3, 0.021446585037983225},
    {1e-06, 5.0, 5.0, 0.024380981416890594},
    {0.025, 950.0, 51.0, 0.9346095120845064},
};

static const double BINOMIAL[][4] = {
    {0.0, 10.0, 0.1, 0.3486784401},
    {10.0, 10.0, 0.1, 1.0000000000000006e-10},
    {3.0, 10.0, 0.3, 0.266827932},
    {15.0, 17.0, 0.9, 0.2800119396487226},
    {2.5, 7.25, 0.4, 0.28603209278059333},
    {500.0, 1000.0, 0.5, 0.0252250181783608},
    {450.0, 1000.0, 0.5, 0.00016939724527711568},
    {90000.0, 100000.0, 0.9, 0.004205185437303336},
    {20.0, 1000000.0, 1e-05, 0.0018660066711785178},
};

static const double DIGAMMA[][2] = {
    {0.001, -1000.5755719318103},
    {0.1, -10.423754940411076},
    {0.5, -1.9635100260214235},
    {1.0, -0.5772156649015329},
    {2.0, 0.42278433509846713},
    {3.0, 0.9227843350984671},
    {9.99, 2.250700372831201},
    {10.0, 2.251752589066721},
    {50.0, 3.901989673427892},
    {10000.0, 9.210290371142849},
    {1000000000.0, 20.723265836446412},
};

static const double LOG_GAMMA[][2] = {
    {1e-05, 11.512919692895826},
    {0.5, 0.5723649429247001},
    {3.5, 1.2009736023470743},
    {100.0, 359.1342053695754},
    {10000000.0, 151180949.3694739},
};

/* clang-format on */

#define ROWS(table) (sizeof(table) / sizeof *(table))

static void check_relative(double got, double want, double tolerance, size_t row)
{
    if (!(fabs(got - want) <= tolerance * fabs(want)))
        fail_msg("row %zu: %.17g, not %.17g", row, got, want);
}

static void the_normal_quantile_has_every_digit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(NORMAL_QUANTILE); i++)
        check_relative(normal_quantile(NORMAL_QUANTILE[i][0]), NORMAL_QUANTILE[i][1], 1e-15, i);
    assert_true(normal_quantile(0.5) == 0.0);
    check_relative(normal_z(0.95), 1.959963984540054, 1e-14, 0);
    check_relative(normal_z(0.99), 2.5758293035489004, 1e-14, 0);
}

static void the_normal_cdf_has_every_digit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(NORMAL_CDF); i++)
        check_relative(normal_cdf(NORMAL_CDF[i][0]), NORMAL_CDF[i][1], 1e-13, i);
}

static void the_chi_square_tail_is_right_far_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(CHI_SQUARE); i++)
        check_relative(chi_square_tail(CHI_SQUARE[i][0], CHI_SQUARE[i][1]), CHI_SQUARE[i][2], 1e-12,
                       i);
    assert_true(chi_square_tail(0.0, 3.0) == 1.0);
    assert_true(chi_square_tail((double)INFINITY, 3.0) == 0.0);
}

static void the_beta_distribution_is_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(BETA_CDF); i++)
        check_relative(beta_cdf(BETA_CDF[i][0], BETA_CDF[i][1], BETA_CDF[i][2]), BETA_CDF[i][3],
                       1e-12, i);
    assert_true(beta_cdf(0.0, 2.0, 3.0) == 0.0);
    assert_true(beta_cdf(1.0, 2.0, 3.0) == 1.0);
}

static void the_beta_quantile_is_right_and_inverts_the_cdf(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(BETA_QUANTILE); i++) {
        const double *row = BETA_QUANTILE[i];
        const double got = beta_quantile(row[0], row[1], row[2]);
        if (!(fabs(got - row[3]) <= 1e-14))
            fail_msg("row %zu: %.17g, not %.17g", i, got, row[3]);
    }
    /* Counts of ten million samples. */
    const double x = beta_quantile(0.025, 9.5e6, 5e5 + 1.0);
    check_relative(beta_cdf(x, 9.5e6, 5e5 + 1.0), 0.025, 1e-9, 0);
    assert_true(beta_quantile(0.0, 2.0, 3.0) == 0.0);
    assert_true(beta_quantile(1.0, 2.0, 3.0) == 1.0);
}

static void the_binomial_density_is_right_for_large_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(BINOMIAL); i++)
        check_relative(binomial_density(BINOMIAL[i][0], BINOMIAL[i][1], BINOMIAL[i][2]),
                       BINOMIAL[i][3], 1e-13, i);
    assert_true(binomial_density(3.0, 10.0, 0.0) == 0.0);
    assert_true(binomial_density(0.0, 10.0, 0.0) == 1.0);
    assert_true(binomial_density(10.0, 10.0, 1.0) == 1.0);
}

static void digamma_and_log_gamma_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(DIGAMMA); i++)
        check_relative(digamma(DIGAMMA[i][0]), DIGAMMA[i][1], 1e-13, i);
    assert_true(fabs(digamma(1.4616321449683622)) < 1e-15);
    for (size_t i = 0; i < ROWS(LOG_GAMMA); i++)
        check_relative(log_gamma(LOG_GAMMA[i][0]), LOG_GAMMA[i][1], 1e-13, i);
}

static void outside_the_domain_there_is_no_answer(void **state)
{
    (void)state;
    const double outside[] = {normal_quantile(0.0),
                              normal_quantile(1.0),
                              normal_quantile(-1.0),
                              normal_quantile((double)NAN),
                              chi_square_tail(1.0, 0.0),
                              chi_square_tail((double)NAN, 1.0),
                              beta_cdf(-0.1, 1.0, 1.0),
                              beta_cdf(0.5, 0.0, 1.0),
                              beta_quantile(1.5, 1.0, 1.0),
                              beta_quantile(0.5, 1.0, -1.0),
                              binomial_density(11.0, 10.0, 0.5),
                              binomial_density(1.0, 2.0, 1.5),
                              digamma(0.0),
                              digamma(-2.5),
                              log_gamma(0.0),
                              log_gamma(-1.0)};
    for (size_t i = 0; i < ROWS(outside); i++) {
        if (!isnan(outside[i]))
            fail_msg("call %zu gave %g", i, outside[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_normal_quantile_has_every_digit),
        cmocka_unit_test(the_normal_cdf_has_every_digit),
        cmocka_unit_test(the_chi_square_tail_is_right_far_out),
        cmocka_unit_test(the_beta_distribution_is_right),
        cmocka_unit_test(the_beta_quantile_is_right_and_inverts_the_cdf),
        cmocka_unit_test(the_binomial_density_is_right_for_large_counts),
        cmocka_unit_test(digamma_and_log_gamma_are_right),
        cmocka_unit_test(outside_the_domain_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
