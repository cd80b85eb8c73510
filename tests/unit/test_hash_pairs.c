#include "eval/hash_pairs.h"

#include "base/mem.h"
#include "base/rng.h"
#include "support/check.h"

#include <string.h>

#define MIRROR 0xAAAAAAAAAAAAAAAAU

static uint64_t flip_bits(rng *r, uint64_t hash, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        hash ^= 1ULL << rng_below(r, 64);
    return hash;
}

/* Families of nearly equal hashes, none of which is a crowd. */
static uint64_t *families(size_t n, uint64_t seed)
{
    uint64_t *const hash = mem_alloc(n, sizeof *hash);
    assert_non_null(hash);
    rng r;
    rng_init(&r, seed, 0);
    for (size_t i = 0; i < n; i++) {
        const uint64_t kin = i > 0 ? hash[rng_below(&r, i)] : 0;
        const uint64_t kind = rng_below(&r, 4);
        hash[i] = kind == 0   ? flip_bits(&r, kin, rng_below(&r, 9))
                  : kind == 1 ? flip_bits(&r, kin ^ MIRROR, rng_below(&r, 9))
                              : rng_next(&r);
    }
    return hash;
}

static bool near(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b) <= HASH_BITS_APART;
}

static void check_against_all(const uint64_t *hash, const uint8_t *has, size_t n, bool mirrored)
{
    const hash_pairs_options options = {.mirrored = mirrored};
    sample_pairs pairs = {0};
    assert_int_equal(hash_pairs_find(hash, has, n, &options, &pairs, NULL), ASSAY_OK);
    const size_t found = pairs.count;
    assert_int_equal(sample_pairs_order(&pairs, NULL), ASSAY_OK);
    size_t at = 0, doubles = 0;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = i + 1; j < n; j++) {
            const bool upright = near(hash[i], hash[j]);
            const bool turned = mirrored && near(hash[i], hash[j] ^ MIRROR);
            if ((has && !(has[i] && has[j])) || !(upright || turned))
                continue;
            assert_true(at < pairs.count);
            assert_true(pairs.at[at].first == i && pairs.at[at].second == j);
            at++;
            doubles += upright && turned;
        }
    }
    assert_int_equal(at, pairs.count);
    assert_int_equal(found, at + doubles);
    assert_false(pairs.cut);
    sample_pairs_clear(&pairs);
}

static void pairs_are_those_of_a_slow_search(void **state)
{
    (void)state;
    for (size_t n = 0; n < 400; n += 57) {
        uint64_t *const hash = families(n, n);
        uint8_t has[400];
        for (size_t i = 0; i < n; i++)
            has[i] = i % 5 != 2;
        check_against_all(hash, NULL, n, false);
        check_against_all(hash, NULL, n, true);
        check_against_all(hash, has, n, true);
        mem_free(hash);
    }
}

/* Enough for two of eight bands. */
static void many_hashes_lose_no_pair(void **state)
{
    (void)state;
    enum { MANY = 22000 };
    uint64_t *const hash = families(MANY, 2);
    check_against_all(hash, NULL, MANY, false);
    mem_free(hash);
}

static void a_crowd_of_one_hash_is_paired_in_a_row(void **state)
{
    (void)state;
    enum { CROWD = 1000 };
    uint64_t hash[CROWD + 2];
    for (size_t i = 0; i < CROWD; i++)
        hash[i] = 1;
    hash[CROWD] = 3;
    hash[CROWD + 1] = ~1ULL;
    const hash_pairs_options options = {.mirrored = true};
    sample_pairs pairs = {0};
    assert_int_equal(hash_pairs_find(hash, NULL, CROWD + 2, &options, &pairs, NULL), ASSAY_OK);
    assert_int_equal(sample_pairs_order(&pairs, NULL), ASSAY_OK);
    assert_int_equal(pairs.count, CROWD);
    assert_true(pairs.at[0].first == 0 && pairs.at[0].second == 1);
    assert_true(pairs.at[1].first == 0 && pairs.at[1].second == CROWD);
    assert_true(pairs.at[CROWD - 1].first == CROWD - 2 && pairs.at[CROWD - 1].second == CROWD - 1);
    sample_pairs_clear(&pairs);
}

static void a_limit_ends_the_search_and_says_so(void **state)
{
    (void)state;
    uint64_t hash[50];
    for (size_t i = 0; i < 50; i++)
        hash[i] = 1ULL << (i % 5) | 1ULL << (20 + i / 5);
    const hash_pairs_options options = {.most = 100};
    sample_pairs pairs = {0};
    assert_int_equal(hash_pairs_find(hash, NULL, 50, &options, &pairs, NULL), ASSAY_OK);
    assert_true(pairs.cut);
    assert_int_equal(pairs.count, 100);
    sample_pairs_clear(&pairs);
    atomic_bool stop = true;
    const progress p = {.stop = &stop};
    const hash_pairs_options stopped = {.progress = &p};
    assay_err err;
    assert_int_equal(hash_pairs_find(hash, NULL, 50, &stopped, &pairs, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted while comparing hashes");
    sample_pairs_clear(&pairs);
}

static void each_failed_allocation_is_out_of_memory(void **state)
{
    (void)state;
    const size_t before = mem_live();
    uint64_t *const hash = families(300, 7);
    const hash_pairs_options options = {.mirrored = true};
    for (uint64_t n = 0;; n++) {
        assert_true(n < 40);
        sample_pairs pairs = {0};
        assay_err err = {ASSAY_OK, ""};
        mem_fail_after(n);
        assay_code code = hash_pairs_find(hash, NULL, 300, &options, &pairs, &err);
        if (code == ASSAY_OK)
            code = sample_pairs_order(&pairs, &err);
        mem_fail_after(UINT64_MAX);
        sample_pairs_clear(&pairs);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_int_equal(err.code, ASSAY_E_NOMEM);
    }
    mem_free(hash);
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_those_of_a_slow_search),
        cmocka_unit_test(many_hashes_lose_no_pair),
        cmocka_unit_test(a_crowd_of_one_hash_is_paired_in_a_row),
        cmocka_unit_test(a_limit_ends_the_search_and_says_so),
        cmocka_unit_test(each_failed_allocation_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
