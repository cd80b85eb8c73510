#include "base/rng.h"

#include "support/check.h"

#include <math.h>
#include <stdbool.h>

enum { DRAWS = 200000 };

/* Drawing n times with probability p strays from n*p by this much once in 10^6 seeds or so. */
static double five_sd(double n, double p)
{
    return 5.0 * sqrt(n * p * (1.0 - p));
}

static void the_generator_is_xoshiro256_plus_plus(void **state)
{
    (void)state;
    /* From the recurrence in Blackman and Vigna's paper, worked out in Python's integers. */
    static const uint64_t expected[] = {
        41943041u,           58720359u, 3588806011781223u, 3591011842654386u, 9228616714210784205u,
        9973669472204895162u};
    rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_true(rng_next(&r) == expected[i]);
}

static void the_mix_is_splitmix64(void **state)
{
    (void)state;
    /* The first two outputs of splitmix64 seeded with 0. */
    assert_true(rng_mix(0x9E3779B97F4A7C15u) == 0xE220A8397B1DCDAFu);
    assert_true(rng_mix(2u * 0x9E3779B97F4A7C15u) == 0x6E789E6AA1B965F4u);
}

static void seed_and_stream_alone_decide_the_numbers(void **state)
{
    (void)state;
    rng a;
    rng b;
    rng_init(&a, 7, 3);
    rng_init(&b, 7, 3);
    for (int i = 0; i < 100; i++)
        assert_true(rng_next(&a) == rng_next(&b));
}

static void neighbouring_seeds_and_streams_have_nothing_in_common(void **state)
{
    (void)state;
    enum { SIDE = 20, PLACES = SIDE * SIDE };
    uint64_t first[PLACES];
    for (uint64_t seed = 0; seed < SIDE; seed++) {
        for (uint64_t stream = 0; stream < SIDE; stream++) {
            rng r;
            rng_init(&r, seed, stream);
            first[seed * SIDE + stream] = rng_next(&r);
        }
    }
    /* 79,800 pairs of independent words differ in 32 bits, sd 4; 8 bits is six sd. */
    for (size_t i = 0; i < PLACES; i++) {
        for (size_t j = 0; j < i; j++)
            assert_in_range(__builtin_popcountll(first[i] ^ first[j]), 8, 56);
    }
}

static void units_fill_the_interval_evenly_and_never_reach_one(void **state)
{
    (void)state;
    enum { BINS = 20 };
    int bins[BINS] = {0};
    rng r;
    rng_init(&r, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        const double u = rng_unit(&r);
        assert_true(u >= 0.0 && u < 1.0);
        bins[(int)(u * BINS)]++;
    }
    for (int b = 0; b < BINS; b++)
        assert_true(fabs(bins[b] - (double)DRAWS / BINS) < five_sd(DRAWS, 1.0 / BINS));
    /* This state's next word is all ones, the largest there is. */
    rng top = {{0, 0, 0, UINT64_MAX}};
    assert_true(rng_unit(&top) == 1.0 - 0x1p-53);
}

static void a_limit_of_one_leaves_only_zero(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 1, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rng_below(&r, 1), 0);
}

static void numbers_below_a_small_limit_are_equally_frequent(void **state)
{
    (void)state;
    enum { LIMIT = 7 };
    int seen[LIMIT] = {0};
    rng r;
    rng_init(&r, 2, 0);
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t x = rng_below(&r, LIMIT);
        assert_true(x < LIMIT);
        seen[x]++;
    }
    for (int x = 0; x < LIMIT; x++)
        assert_true(fabs(seen[x] - (double)DRAWS / LIMIT) < five_sd(DRAWS, 1.0 / LIMIT));
}

static void numbers_below_a_huge_limit_are_unbiased(void **state)
{
    (void)state;
    /* Without rejection, half of the numbers below 3*2^62 would be multiples of three. */
    const uint64_t limit = (uint64_t)3 << 62;
    int multiples = 0;
    rng r;
    rng_init(&r, 3, 0);
    for (int i = 0; i < DRAWS; i++) {
        const uint64_t x = rng_below(&r, limit);
        assert_true(x < limit);
        multiples += x % 3 == 0;
    }
    assert_true(fabs(multiples - DRAWS / 3.0) < five_sd(DRAWS, 1.0 / 3.0));
}

static void normal_numbers_have_the_moments_and_tails_of_the_normal_law(void **state)
{
    (void)state;
    double sums[4] = {0};
    int tail = 0;
    rng r;
    rng_init(&r, 4, 0);
    for (int i = 0; i < DRAWS; i++) {
        const double x = rng_normal(&r);
        assert_true(isfinite(x));
        sums[0] += x;
        sums[1] += x * x;
        sums[2] += x * x * x;
        sums[3] += x * x * x * x;
        tail += fabs(x) > 1.959963984540054;
    }
    /* Variances of the powers of a normal number: 1, 2, 15, 96. */
    assert_true(fabs(sums[0] / DRAWS) < 5.0 * sqrt(1.0 / DRAWS));
    assert_true(fabs(sums[1] / DRAWS - 1.0) < 5.0 * sqrt(2.0 / DRAWS));
    assert_true(fabs(sums[2] / DRAWS) < 5.0 * sqrt(15.0 / DRAWS));
    assert_true(fabs(sums[3] / DRAWS - 3.0) < 5.0 * sqrt(96.0 / DRAWS));
    assert_true(fabs(tail - 0.05 * DRAWS) < five_sd(DRAWS, 0.05));
}

static void a_permutation_holds_every_index_once(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    uint32_t order[COUNT];
    bool seen[COUNT] = {false};
    rng r;
    rng_init(&r, 5, 0);
    rng_permutation(&r, order, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(order[i] < COUNT);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
    }
    rng_permutation(&r, order, 0);
    rng_permutation(&r, order, 1);
    assert_int_equal(order[0], 0);
}

static void every_order_of_four_is_equally_likely(void **state)
{
    (void)state;
    enum { ORDERS = 24 };
    int seen[256] = {0};
    rng r;
    rng_init(&r, 6, 0);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t order[4];
        rng_permutation(&r, order, 4);
        seen[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    int orders = 0;
    for (size_t i = 0; i < 256; i++) {
        if (!seen[i])
            continue;
        orders++;
        assert_true(fabs(seen[i] - (double)DRAWS / ORDERS) < five_sd(DRAWS, 1.0 / ORDERS));
    }
    assert_int_equal(orders, ORDERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256_plus_plus),
        cmocka_unit_test(the_mix_is_splitmix64),
        cmocka_unit_test(seed_and_stream_alone_decide_the_numbers),
        cmocka_unit_test(neighbouring_seeds_and_streams_have_nothing_in_common),
        cmocka_unit_test(units_fill_the_interval_evenly_and_never_reach_one),
        cmocka_unit_test(a_limit_of_one_leaves_only_zero),
        cmocka_unit_test(numbers_below_a_small_limit_are_equally_frequent),
        cmocka_unit_test(numbers_below_a_huge_limit_are_unbiased),
        cmocka_unit_test(normal_numbers_have_the_moments_and_tails_of_the_normal_law),
        cmocka_unit_test(a_permutation_holds_every_index_once),
        cmocka_unit_test(every_order_of_four_is_equally_likely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
