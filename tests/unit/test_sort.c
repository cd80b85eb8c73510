/* Radix sorts against libc's qsort with the input position as tie-breaker. */
#include "support/check.h"

#include "base/rng.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 70000 };

static const size_t sizes[] = {0,   1,   2,   3,   15,  16,   17,   100,
                               127, 128, 255, 256, 257, 1000, 4099, MOST};
enum { KINDS = 8 };
enum { SIZES = sizeof sizes / sizeof sizes[0] };

typedef struct keyed {
    uint64_t key;
    uint32_t index;
} keyed;

static int by_key_then_index(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static keyed expected[MOST];
static uint64_t words[MOST], word_scratch[MOST];
static uint32_t index_of[MOST], index_scratch[MOST];

/* Kinds of floats that meet different passes: spread out, tied, all in one exponent, constant, of
 * both signs; few and many heaps of numbers that differ in their last bits alone, also with ties.
 */
static double a_number(rng *r, unsigned kind)
{
    switch (kind % KINDS) {
    case 0:
        return rng_normal(r);
    case 1:
        return (double)rng_below(r, 4) / 4;
    case 2:
        return 1 + rng_unit(r);
    case 3:
        return 0.25;
    case 4:
        return rng_below(r, 2) ? -0.0 : 0.0;
    case 5:
        return ldexp(1 + ldexp(rng_unit(r), -22), (int)rng_below(r, 3) * 300);
    case 6:
        return (double)rng_below(r, 5000) - 2500 + ldexp((double)rng_below(r, 9), -38);
    default:
        return ldexp(rng_normal(r), (int)rng_below(r, 200) - 100);
    }
}

static void pairs_are_sorted_and_ties_keep_their_order(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 11, 0);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (size_t s = 0; s < SIZES; s++) {
            const size_t n = sizes[s];
            for (size_t i = 0; i < n; i++) {
                const uint32_t key = sort_key_f32((float)a_number(&r, kind));
                /* Indices descend, so that sorting them too would be seen. */
                expected[i] = (keyed){key, (uint32_t)i};
                words[i] = (uint64_t)key << 32 | (uint32_t)(n - i);
            }
            qsort(expected, n, sizeof *expected, by_key_then_index);
            sort_pairs_f32(words, word_scratch, n);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(words[i] >> 32, expected[i].key);
                assert_int_equal((uint32_t)words[i], n - expected[i].index);
            }
        }
    }
}

static void keys_are_sorted_and_ties_keep_their_order(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 12, 0);
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (size_t s = 0; s < SIZES; s++) {
            const size_t n = sizes[s];
            for (size_t i = 0; i < n; i++) {
                words[i] = sort_key_f64(a_number(&r, kind));
                index_of[i] = (uint32_t)(n - i);
                expected[i] = (keyed){words[i], (uint32_t)i};
            }
            qsort(expected, n, sizeof *expected, by_key_then_index);
            sort_keys_f64(words, index_of, word_scratch, index_scratch, n);
            for (size_t i = 0; i < n; i++) {
                assert_true(words[i] == expected[i].key);
                assert_int_equal(index_of[i], n - expected[i].index);
            }
        }
    }
}

/* Enough to be dealt to threads, in ways that spread well, badly, and not at all. */
static uint64_t a_key(rng *r, unsigned shape)
{
    switch (shape) {
    case 0:
        return sort_key_f64(rng_unit(r)); /* confidences */
    case 1:
        return sort_key_f64(1 - ldexp(rng_unit(r), -(int)rng_below(r, 40))); /* of a sure model */
    case 2:
        return rng_next(r); /* hashes: doubles of no use */
    case 3:
        return sort_key_f64(rng_below(r, 100) ? 0.5 : rng_normal(r)); /* most are the same */
    case 4:
        return sort_key_f64(rng_below(r, 2) ? 1e308 * rng_unit(r) : -1e308); /* too far apart */
    case 5:
        return sort_key_f64(rng_below(r, 9) ? rng_unit(r) : (double)INFINITY);
    case 6:
        return sort_key_f64(5e-324 * (double)rng_below(r, 100000)); /* too near each other */
    case 7:
        return sort_key_f64(round(1e6 * rng_unit(r)) / 1e6); /* with ties */
    default:
        return sort_key_f64(rng_below(r, 20) ? ldexp(rng_unit(r), -60) : rng_unit(r));
    }
}

static void many_keys_are_sorted_on_any_number_of_threads(void **state)
{
    (void)state;
    enum { MANY = 300000, SHAPES = 9 };
    keyed *wanted = calloc(MANY, sizeof *wanted);
    uint64_t *key = calloc(2 * MANY, sizeof *key);
    uint32_t *index = calloc(2 * MANY, sizeof *index);
    rng r;
    rng_init(&r, 15, 0);
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        for (size_t i = 0; i < MANY; i++)
            wanted[i] = (keyed){a_key(&r, shape), (uint32_t)i};
        keyed *given = malloc(MANY * sizeof *given);
        memcpy(given, wanted, MANY * sizeof *given);
        qsort(wanted, MANY, sizeof *wanted, by_key_then_index);
        for (int threads = 0; threads <= 11; threads = threads * 2 + 1) {
            for (size_t i = 0; i < MANY; i++) {
                key[i] = given[i].key;
                index[i] = (uint32_t)(MANY - i);
            }
            const sort_keyed k = {key, index, key + MANY, index + MANY, MANY};
            assert_true(sort_keyed_until(&k, threads, NULL));
            for (size_t i = 0; i < MANY; i++) {
                assert_true(key[i] == wanted[i].key);
                assert_int_equal(index[i], MANY - wanted[i].index);
            }
        }
        free(given);
    }
    free(wanted);
    free(key);
    free(index);
}

static void words_are_sorted(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 13, 0);
    for (unsigned bits = 0; bits <= 64; bits += 8) {
        for (size_t s = 0; s < SIZES; s++) {
            const size_t n = sizes[s];
            for (size_t i = 0; i < n; i++) {
                words[i] = bits ? rng_next(&r) >> (64 - bits) : 7;
                expected[i] = (keyed){words[i], 0};
            }
            qsort(expected, n, sizeof *expected, by_key_then_index);
            sort_u64(words, word_scratch, n);
            for (size_t i = 0; i < n; i++)
                assert_true(words[i] == expected[i].key);
        }
    }
}

static void words_that_differ_in_their_last_bits_alone_are_sorted(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 14, 0);
    for (unsigned heaps = 1; heaps <= 1 << 14; heaps *= 8) {
        for (size_t s = 0; s < SIZES; s++) {
            const size_t n = sizes[s];
            for (size_t i = 0; i < n; i++) {
                words[i] = rng_below(&r, heaps) << 50 | rng_below(&r, heaps > 1 ? 40 : 1 << 30);
                expected[i] = (keyed){words[i], 0};
            }
            qsort(expected, n, sizeof *expected, by_key_then_index);
            sort_u64(words, word_scratch, n);
            for (size_t i = 0; i < n; i++)
                assert_true(words[i] == expected[i].key);
        }
    }
}

static void keys_order_like_numbers_and_come_back(void **state)
{
    (void)state;
    static const double ascending[] = {-(double)INFINITY, -1e30, -1, -1e-40, 0, 1e-40, 0.5, 1, 1e30,
                                       (double)INFINITY};
    for (size_t i = 0; i < sizeof ascending / sizeof *ascending; i++) {
        const double x = ascending[i];
        const float narrow = (float)x;
        assert_true(sort_unkey_f64(sort_key_f64(x)) == x);
        assert_true(sort_unkey_f32(sort_key_f32(narrow)) == narrow);
        if (i > 0) {
            assert_true(sort_key_f64(ascending[i - 1]) < sort_key_f64(x));
            assert_true(sort_key_f32((float)ascending[i - 1]) < sort_key_f32(narrow));
        }
    }
    assert_true(sort_key_f64(-0.0) == sort_key_f64(0.0));
    assert_int_equal(sort_key_f32(-0.0F), sort_key_f32(0.0F));
    assert_false(signbit(sort_unkey_f64(sort_key_f64(-0.0))));
}

/* A sort that is given up says so, and one that is not says that too. */
static void a_sort_can_be_given_up(void **state)
{
    (void)state;
    enum { MANY = 600000 };
    static uint64_t word[MANY], other[MANY], room[MANY];
    static uint32_t index[MANY], index_room[MANY];
    rng random;
    rng_init(&random, 3, 0);
    for (int threads = 0; threads < 3; threads++) { /* 0: words without an index */
        long looks = 0;
        for (bool whole = false; !whole;) {
            cancellation stop = {0};
            looks += looks > 12 ? 101 : 1;
            cancellation_ask_at(&stop, looks);
            for (size_t i = 0; i < MANY; i++) {
                other[i] = word[i] = rng_next(&random);
                index[i] = (uint32_t)i;
            }
            const sort_keyed columns = {word, index, room, index_room, MANY};
            whole = threads ? sort_keyed_until(&columns, threads, &stop)
                            : sort_pairs_f32_until(word, room, MANY, &stop);
            assert_int_equal(whole, !atomic_load(&stop.asked));
        }
        assert_true(looks > 6);
        for (size_t i = 1; i < MANY; i++) {
            assert_true(word[i - 1] >> 32 <= word[i] >> 32);
            assert_true(!threads || word[i - 1] <= word[i]);
            assert_true(!threads || other[index[i]] == word[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_sorted_and_ties_keep_their_order),
        cmocka_unit_test(keys_are_sorted_and_ties_keep_their_order),
        cmocka_unit_test(many_keys_are_sorted_on_any_number_of_threads),
        cmocka_unit_test(words_are_sorted),
        cmocka_unit_test(words_that_differ_in_their_last_bits_alone_are_sorted),
        cmocka_unit_test(keys_order_like_numbers_and_come_back),
        cmocka_unit_test(a_sort_can_be_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
