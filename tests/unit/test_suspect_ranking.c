/* The order of suspect labels by two scores. */
#include "eval/suspect_ranking.h"

#include "base/mem.h"
#include "base/rng.h"
#include "support/check.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NONE ((double)NAN)

static void ranks_are_summed_and_ties_keep_their_order(void **state)
{
    (void)state;
    /* ranks of the five that have both: 1 2.5 2.5 4 5 and 3 1 5 3 3; sums 4 3.5 7.5 7 8 */
    const double first[] = {0.1, 0.2, NONE, 0.2, 0.7, 0.9, 0.5};
    const double second[] = {0.5, 0.0, 0.9, 1.0, 0.5, 0.5, NONE};
    const uint32_t expected[] = {5, 3, 4, 0, 1};
    uint32_t order[7];
    double sum[7];
    size_t ranked;
    assert_int_equal(
        suspect_ranking(&(suspect_scores){first, second, 7}, order, sum, &ranked, NULL), ASSAY_OK);
    assert_int_equal(ranked, 5);
    assert_memory_equal(order, expected, sizeof expected);
    const double sums[] = {0.4, 0.35, NONE, 0.75, 0.7, 0.8, NONE};
    for (size_t i = 0; i < 7; i++)
        assert_true(isnan(sums[i]) ? isnan(sum[i]) : sum[i] == sums[i]);
}

static void equal_sums_go_to_the_lower_index(void **state)
{
    (void)state;
    const double first[] = {1, 2, 3, 3, 2, 1}, second[] = {3, 2, 1, 1, 2, 3};
    uint32_t order[6];
    size_t ranked;
    assert_int_equal(
        suspect_ranking(&(suspect_scores){first, second, 6}, order, NULL, &ranked, NULL), ASSAY_OK);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(order[i], i);
}

static void nothing_has_no_order(void **state)
{
    (void)state;
    const double none[] = {NONE, NONE};
    uint32_t order[2];
    double sum[2];
    size_t ranked = 7;
    assert_int_equal(suspect_ranking(&(suspect_scores){none, none, 2}, order, sum, &ranked, NULL),
                     ASSAY_OK);
    assert_int_equal(ranked, 0);
    assert_true(isnan(sum[0]) && isnan(sum[1]));
    assert_int_equal(suspect_ranking(&(suspect_scores){none, none, 0}, order, sum, &ranked, NULL),
                     ASSAY_OK);
    assert_int_equal(ranked, 0);
}

/* Twice the mid-rank, by counting. */
static uint64_t plain_rank(const double *x, const bool *in, size_t n, size_t i)
{
    uint64_t below = 0, equal = 0;
    for (size_t j = 0; j < n; j++) {
        below += in[j] && x[j] < x[i];
        equal += in[j] && x[j] == x[i];
    }
    return 2 * below + equal + 1;
}

static void the_order_is_the_plain_one(void **state)
{
    (void)state;
    enum { N = 300 };
    double first[N], second[N];
    bool in[N];
    uint64_t rank[N];
    for (size_t i = 0; i < N; i++) {
        first[i] = rng_mix(i) % 7 == 0 ? NONE : (double)(rng_mix(i + 1000) % 11) / 10 - 0.5;
        second[i] = rng_mix(i + 2000) % 9 == 0 ? NONE : (double)(rng_mix(i + 3000) % 50) / 7;
        in[i] = !isnan(first[i]) && !isnan(second[i]);
    }
    for (size_t i = 0; i < N; i++)
        rank[i] = plain_rank(first, in, N, i) + plain_rank(second, in, N, i);
    uint32_t order[N];
    size_t ranked, expected = 0;
    assert_int_equal(
        suspect_ranking(&(suspect_scores){first, second, N}, order, NULL, &ranked, NULL), ASSAY_OK);
    for (size_t i = 0; i < N; i++)
        expected += in[i];
    assert_int_equal(ranked, expected);
    for (size_t i = 0; i < ranked; i++) {
        assert_true(in[order[i]]);
        if (i > 0)
            assert_true(rank[order[i - 1]] > rank[order[i]] ||
                        (rank[order[i - 1]] == rank[order[i]] && order[i - 1] < order[i]));
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const double first[] = {1, 2, 3};
    uint32_t order[3];
    size_t ranked;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code == ASSAY_E_NOMEM && n < 50; n++) {
        assay_err err;
        mem_fail_after(n);
        code = suspect_ranking(&(suspect_scores){first, first, 3}, order, NULL, &ranked, &err);
        mem_fail_after(UINT64_MAX);
        if (code)
            assert_string_equal(err.msg, "out of memory for the ranks of 3 samples");
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_are_summed_and_ties_keep_their_order),
        cmocka_unit_test(equal_sums_go_to_the_lower_index),
        cmocka_unit_test(nothing_has_no_order),
        cmocka_unit_test(the_order_is_the_plain_one),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
