/* Pearson against SciPy's numbers and a plain definition, and the influences against what leaving
 * samples in twice does. The golden numbers were printed by tests/reference/metrics_golden.py. */
#include "support/check.h"

#include "base/rng.h"
#include "stats/correlate.h"
#include "stats/rank.h"
#include "stats/sort.h"

#include <math.h>
#include <string.h>

enum { N = 400 };

static void assert_near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g, not %.17g", got, want);
}

static double next_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 11) * 0x1p-53;
}

/* The data of the golden numbers. */
static void golden_data(double *x, double *right)
{
    uint64_t for_x = 1, for_right = 2;
    for (size_t i = 0; i < N; i++) {
        const double u = next_unit(&for_x);
        x[i] = exp(2.0 * u) - 3.0 * u * u;
        right[i] = next_unit(&for_right) < 0.55 + 0.4 * u ? 1.0 : 0.0;
    }
}

static void ranks_of(const double *x, size_t n, double *rank)
{
    uint64_t key[N], key_scratch[N];
    uint32_t index[N], index_scratch[N];
    for (size_t i = 0; i < n; i++) {
        key[i] = sort_key_f64(x[i]);
        index[i] = (uint32_t)i;
    }
    sort_keys_f64(key, index, key_scratch, index_scratch, n);
    rank_mid(key, index, n, rank);
}

/* r by the book, in long doubles. */
static double plain_r(const double *x, const double *y, size_t n)
{
    long double mx = 0.0L, my = 0.0L, xx = 0.0L, xy = 0.0L, yy = 0.0L;
    for (size_t i = 0; i < n; i++) {
        mx += (long double)x[i] / (long double)n;
        my += (long double)y[i] / (long double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += ((long double)x[i] - mx) * ((long double)x[i] - mx);
        xy += ((long double)x[i] - mx) * ((long double)y[i] - my);
        yy += ((long double)y[i] - my) * ((long double)y[i] - my);
    }
    return (double)(xy / sqrtl(xx * yy));
}

static void scipy_says_the_same(void **state)
{
    (void)state;
    double x[N], right[N], rank[N], tied[N];
    golden_data(x, right);
    assert_near(correlate_pearson(x, right, N, NULL).r, 0.27999477133982936, 1e-12);
    ranks_of(x, N, rank);
    assert_near(correlate_pearson(rank, right, N, NULL).r, 0.30309012785051992, 1e-12);
    for (size_t i = 0; i < N; i++)
        tied[i] = floor(4.0 * x[i]);
    assert_near(correlate_pearson(tied, right, N, NULL).r, 0.27679037603433643, 1e-12);
    ranks_of(tied, N, rank);
    assert_near(correlate_pearson(rank, right, N, NULL).r, 0.29746011045457649, 1e-12);
}

static void the_mid_ranks_of_outcomes_change_nothing(void **state)
{
    (void)state;
    double x[N], right[N], rank_x[N], rank_right[N];
    golden_data(x, right);
    ranks_of(x, N, rank_x);
    ranks_of(right, N, rank_right);
    const correlation plain = correlate_pearson(rank_x, right, N, NULL);
    const correlation ranked = correlate_pearson(rank_x, rank_right, N, NULL);
    assert_near(ranked.r, plain.r, 1e-13);
    assert_near(ranked.se_fisher, plain.se_fisher, 1e-12);
}

static void any_number_of_samples_agrees_with_the_definition(void **state)
{
    (void)state;
    rng random;
    rng_init(&random, 41, 0);
    for (size_t n = 3; n <= 40; n++) {
        double x[40], y[40], influence[40];
        for (size_t i = 0; i < n; i++) {
            x[i] = rng_normal(&random);
            y[i] = 0.5 * x[i] + rng_normal(&random);
        }
        const correlation c = correlate_pearson(x, y, n, influence);
        assert_near(c.r, plain_r(x, y, n), 1e-12);
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < n; i++) {
            sum += influence[i];
            squares += influence[i] * influence[i];
        }
        assert_near(c.se_fisher, sqrt(squares), 1e-12);
        assert_true(fabs(sum) < 1e-12);
        assert_true(correlate_pearson(x, y, n, NULL).se_fisher == c.se_fisher);
    }
}

/* The influence is the derivative of atanh(r) by the weight of a sample: numerically, the effect of
 * one copy more of it among many copies of the data. */
static void an_influence_is_what_one_more_sample_does(void **state)
{
    (void)state;
    enum { DATA = 6, COPIES = 20000, ALL = DATA * COPIES };
    static const double x[DATA] = {1.0, 2.0, 4.0, 3.0, 7.0, -1.0};
    static const double y[DATA] = {0.0, 1.0, 1.0, 0.0, 1.0, 0.0};
    static double many_x[ALL + 1], many_y[ALL + 1];
    double influence[DATA];
    const correlation c = correlate_pearson(x, y, DATA, influence);
    for (size_t i = 0; i < ALL; i++) {
        many_x[i] = x[i % DATA];
        many_y[i] = y[i % DATA];
    }
    for (size_t i = 0; i < DATA; i++) {
        many_x[ALL] = x[i];
        many_y[ALL] = y[i];
        const double after = correlate_pearson(many_x, many_y, ALL + 1, NULL).r;
        const double effect = (atanh(after) - atanh(c.r)) * COPIES;
        assert_true(fabs(effect - influence[i]) < 1e-3 * c.se_fisher);
    }
}

static void shifting_and_scaling_change_nothing(void **state)
{
    (void)state;
    static const double factor[] = {1e-300, 1e-160, -1.0, 1e160, 1e299, 5e-324 * 0x1p40};
    double x[N], right[N], scaled[N];
    golden_data(x, right);
    const correlation plain = correlate_pearson(x, right, N, NULL);
    for (size_t k = 0; k < sizeof factor / sizeof *factor; k++) {
        for (size_t i = 0; i < N; i++)
            scaled[i] = x[i] * factor[k];
        const correlation c = correlate_pearson(scaled, right, N, NULL);
        assert_near(c.r, factor[k] < 0.0 ? -plain.r : plain.r, 1e-9);
        assert_near(c.se_fisher, plain.se_fisher, 1e-9);
    }
    for (size_t i = 0; i < N; i++)
        scaled[i] = x[i] + 1e8;
    assert_near(correlate_pearson(scaled, right, N, NULL).r, plain.r, 1e-7);
}

static void a_constant_side_has_no_correlation(void **state)
{
    (void)state;
    /* 0.1 thirty times: the mean is not exactly 0.1, and still nothing varies. */
    double x[30], y[30];
    for (size_t i = 0; i < 30; i++) {
        x[i] = 0.1;
        y[i] = (double)(i % 2);
    }
    assert_true(isnan(correlate_pearson(x, y, 30, NULL).r));
    assert_true(isnan(correlate_pearson(y, x, 30, NULL).r));
    assert_true(isnan(correlate_pearson(y, x, 30, NULL).se_fisher));
    assert_true(isnan(correlate_pearson(y, y, 1, NULL).r));
    assert_true(isnan(correlate_pearson(y, y, 0, NULL).r));
}

static void a_perfect_correlation_has_no_standard_error(void **state)
{
    (void)state;
    const double x[2] = {3.0, 3.5}, y[2] = {1.0, 0.0};
    const correlation two = correlate_pearson(x, y, 2, NULL);
    assert_near(two.r, -1.0, 1e-15);
    assert_true(isnan(two.se_fisher));
    double right[N], line[N];
    for (size_t i = 0; i < N; i++) {
        right[i] = i % 3 == 0 ? 1.0 : 0.0;
        line[i] = 0.3 * right[i] + 0.1;
    }
    const correlation many = correlate_pearson(line, right, N, NULL);
    assert_near(many.r, 1.0, 1e-14);
    assert_true(many.r <= 1.0);
    assert_true(isnan(many.se_fisher));
}

/* Distinct values in arrays. */
typedef struct counted_values {
    double x[N], one[N], zero[N];
} counted_values;

static void give_counted(const void *context, size_t begin, size_t count, double *x, double *one,
                         double *zero)
{
    const counted_values *v = context;
    assert_true(count <= CORRELATE_BLOCK);
    memcpy(x, v->x + begin, count * sizeof *x);
    memcpy(one, v->one + begin, count * sizeof *one);
    memcpy(zero, v->zero + begin, count * sizeof *zero);
}

/* One sample after the other, each value as often as it is counted. */
static size_t write_out(const counted_values *v, size_t values, double *x, double *y)
{
    size_t n = 0;
    for (size_t i = 0; i < values; i++)
        for (double k = 0; k < v->one[i] + v->zero[i]; k++) {
            x[n] = v->x[i];
            y[n++] = k < v->one[i];
        }
    return n;
}

static void counted_outcomes_agree_with_one_sample_after_the_other(void **state)
{
    (void)state;
    enum { TIMES = 9 };
    static double x[N * 2 * TIMES], y[N * 2 * TIMES];
    static counted_values v;
    rng r;
    rng_init(&r, 23, 0);
    for (size_t values = 2; values <= N; values += 1 + values / 3) {
        const double scale = values % 3 ? 1.0 : 1e300, offset = values % 2 ? 0.0 : 1e3 * scale;
        double ones = 0, zeros = 0, low = (double)INFINITY, high = -(double)INFINITY;
        for (size_t i = 0; i < values; i++) {
            v.x[i] = offset + scale * rng_normal(&r);
            v.one[i] = (double)rng_below(&r, TIMES) + (i == 0);
            v.zero[i] = (double)rng_below(&r, TIMES) + (i == 1);
            ones += v.one[i];
            zeros += v.zero[i];
            low = fmin(low, v.x[i]);
            high = fmax(high, v.x[i]);
        }
        const size_t n = write_out(&v, values, x, y);
        const correlation want = correlate_pearson(x, y, n, NULL);
        correlate_side side = {low, high, (double)NAN};
        correlation got = correlate_outcomes(give_counted, &v, values, ones, zeros, side);
        assert_true(fabs(got.r - want.r) < 1e-12);
        assert_near(got.se_fisher, want.se_fisher, 1e-10);
        long double mean = 0.0L;
        for (size_t i = 0; i < n; i++)
            mean += (long double)x[i] / (long double)n;
        side.mean = (double)mean;
        got = correlate_outcomes(give_counted, &v, values, ones, zeros, side);
        assert_true(fabs(got.r - want.r) < 1e-12);
    }
}

/* The mean of such numbers is none of the doubles between them. */
static void numbers_that_differ_in_their_last_digits_count_as_others_do(void **state)
{
    (void)state;
    double near[N], apart[N], right[N];
    static counted_values v;
    rng r;
    rng_init(&r, 24, 0);
    double of[2][2] = {{0}};
    for (size_t i = 0; i < N; i++) {
        apart[i] = (double)rng_below(&r, 2);
        near[i] = 1e16 + 2 * apart[i];
        right[i] = (double)(rng_below(&r, 10) < 3 + 4 * (uint64_t)apart[i]);
        of[(size_t)apart[i]][(size_t)right[i]]++;
    }
    const correlation want = correlate_pearson(apart, right, N, NULL);
    const correlation got = correlate_pearson(near, right, N, NULL);
    assert_near(got.r, want.r, 1e-12);
    assert_near(got.se_fisher, want.se_fisher, 1e-12);
    for (size_t k = 0; k < 2; k++) {
        v.x[k] = 1e16 + 2 * (double)k;
        v.zero[k] = of[k][0];
        v.one[k] = of[k][1];
    }
    const correlate_side side = {1e16, 1e16 + 2, (double)NAN};
    const correlation counted =
        correlate_outcomes(give_counted, &v, 2, of[0][1] + of[1][1], of[0][0] + of[1][0], side);
    assert_near(counted.r, want.r, 1e-12);
    assert_near(counted.se_fisher, want.se_fisher, 1e-12);
}

static void counted_outcomes_without_spread_have_no_correlation(void **state)
{
    (void)state;
    const counted_values v = {.x = {1, 2}, .one = {3, 0}, .zero = {0, 4}};
    const correlate_side side = {1, 2, (double)NAN}, one_value = {1, 1, 1};
    assert_true(isnan(correlate_outcomes(give_counted, &v, 1, 3, 0, one_value).r));
    assert_true(isnan(correlate_outcomes(give_counted, &v, 2, 0, 4, side).r));
    assert_true(isnan(correlate_outcomes(give_counted, &v, 2, 3, 0, side).r));
    const correlation perfect = correlate_outcomes(give_counted, &v, 2, 3, 4, side);
    assert_near(perfect.r, -1.0, 1e-15);
    assert_true(isnan(perfect.se_fisher));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scipy_says_the_same),
        cmocka_unit_test(the_mid_ranks_of_outcomes_change_nothing),
        cmocka_unit_test(any_number_of_samples_agrees_with_the_definition),
        cmocka_unit_test(an_influence_is_what_one_more_sample_does),
        cmocka_unit_test(shifting_and_scaling_change_nothing),
        cmocka_unit_test(a_constant_side_has_no_correlation),
        cmocka_unit_test(a_perfect_correlation_has_no_standard_error),
        cmocka_unit_test(counted_outcomes_agree_with_one_sample_after_the_other),
        cmocka_unit_test(numbers_that_differ_in_their_last_digits_count_as_others_do),
        cmocka_unit_test(counted_outcomes_without_spread_have_no_correlation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
