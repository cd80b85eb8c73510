/* Mid-ranks against counting every pair. */
#include "support/check.h"

#include "base/rng.h"
#include "stats/rank.h"
#include "stats/sort.h"

enum { N = 500 };

static void mid_ranks_equal_counting_what_is_below_and_equal(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 21, 0);
    for (uint64_t distinct = 1; distinct <= 2000; distinct *= 3) {
        static double value[N], rank[N];
        static uint64_t keys[N], key_scratch[N];
        static uint32_t index[N], index_scratch[N];
        for (uint32_t i = 0; i < N; i++) {
            value[i] = (double)rng_below(&r, distinct) - 3;
            keys[i] = sort_key_f64(value[i]);
            index[i] = i;
        }
        sort_keys_f64(keys, index, key_scratch, index_scratch, N);
        rank_mid(keys, index, N, rank);
        for (size_t i = 0; i < N; i++) {
            size_t below = 0, equal = 0;
            for (size_t j = 0; j < N; j++) {
                below += value[j] < value[i];
                equal += value[j] == value[i];
            }
            assert_true(rank[i] == (double)below + ((double)equal + 1) / 2);
        }
    }
}

/* scipy.stats.rankdata([2.5, -1, 2.5, 0, 7, -1, 2.5]) */
static void mid_ranks_equal_scipy(void **state)
{
    (void)state;
    static const double value[] = {2.5, -1, 2.5, 0, 7, -1, 2.5};
    static const double golden[] = {5, 1.5, 5, 3, 7, 1.5, 5};
    uint64_t keys[7], key_scratch[7];
    uint32_t index[7], index_scratch[7];
    double rank[7];
    for (uint32_t i = 0; i < 7; i++) {
        keys[i] = sort_key_f64(value[i]);
        index[i] = i;
    }
    sort_keys_f64(keys, index, key_scratch, index_scratch, 7);
    rank_mid(keys, index, 7, rank);
    for (size_t i = 0; i < 7; i++)
        assert_true(rank[i] == golden[i]);
}

static void nothing_is_ranked_when_there_is_nothing(void **state)
{
    (void)state;
    const uint64_t key = 0;
    const uint32_t index = 0;
    double rank = -7;
    rank_mid(&key, &index, 0, &rank);
    assert_true(rank == -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mid_ranks_equal_counting_what_is_below_and_equal),
        cmocka_unit_test(mid_ranks_equal_scipy),
        cmocka_unit_test(nothing_is_ranked_when_there_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
