#include "knn/exact.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/rng.h"
#include "knn/search.h"
#include "support/check.h"
#include "support/neighbours_golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void assert_near(double a, double b, double most)
{
    assert_true(fabs(a - b) <= most);
}

static float *random_rows(size_t rows, size_t columns, uint64_t seed)
{
    float *const at = mem_alloc(rows * columns + 1, sizeof *at);
    assert_non_null(at);
    rng r;
    rng_init(&r, seed, 0);
    for (size_t i = 0; i < rows * columns; i++)
        at[i] = (float)rng_normal(&r);
    return at;
}

static knn_lists lists_of(const float *at, size_t rows, size_t columns, size_t k, int threads)
{
    const knn_vectors v = {at, rows, columns};
    const knn_options options = {.k = k, .thread_count = threads};
    knn_lists lists;
    assay_err err;
    assert_int_equal(knn_exact_all(&v, &options, &lists, &err), ASSAY_OK);
    return lists;
}

static bool has_direction(const float *row, size_t n)
{
    bool any = false;
    for (size_t x = 0; x < n; x++) {
        if (!isfinite(row[x]))
            return false;
        any = any || row[x] != 0.0F;
    }
    return any;
}

static double distance_of(const float *a, const float *b, size_t n)
{
    double product = 0.0, aa = 0.0, bb = 0.0;
    for (size_t x = 0; x < n; x++) {
        product += (double)a[x] * (double)b[x];
        aa += (double)a[x] * (double)a[x];
        bb += (double)b[x] * (double)b[x];
    }
    return 1.0 - product / sqrt(aa * bb);
}

/* The lists are ordered, hold nobody twice or itself, have the distances they say, and nobody left
 * out is nearer than the last. */
static void check_row(const knn_lists *lists, const float *at, size_t width, size_t i)
{
    const uint32_t *const index = lists->index + i * lists->k;
    const float *const distance = lists->distance + i * lists->k;
    size_t others = 0, found = 0;
    double worst = -1.0;
    while (found < lists->k && index[found] != NEIGHBOUR_NONE) {
        const size_t j = index[found];
        assert_true(j != i && j < lists->row_count);
        const double d = distance_of(at + i * width, at + j * width, width);
        assert_near((double)distance[found], d, 2e-7);
        if (found > 0)
            assert_true(distance[found - 1] < distance[found] ||
                        (distance[found - 1] == distance[found] && index[found - 1] < j));
        worst = d;
        found++;
    }
    for (size_t n = found; n < lists->k; n++)
        assert_true(index[n] == NEIGHBOUR_NONE && isnan(distance[n]));
    size_t nearer = 0;
    for (size_t j = 0; j < lists->row_count; j++) {
        if (j == i || !has_direction(at + i * width, width) ||
            !has_direction(at + j * width, width))
            continue;
        others++;
        nearer += distance_of(at + i * width, at + j * width, width) < worst - 1e-9;
    }
    assert_int_equal(found, others < lists->k ? others : lists->k);
    assert_true(nearer < lists->k);
}

static void lists_are_those_of_a_slow_search(void **state)
{
    (void)state;
    const struct {
        size_t rows, columns, k;
    } cases[] = {{0, 4, 3},    {1, 4, 3},    {2, 4, 3},   {3, 1, 5},     {40, 3, 50},
                 {60, 5, 52},  {61, 5, 52},  {59, 5, 51}, {300, 17, 10}, {1025, 33, 7},
                 {2048, 8, 5}, {2049, 8, 5}, {4500, 6, 4}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        float *const at = random_rows(cases[c].rows, cases[c].columns, c);
        knn_lists lists = lists_of(at, cases[c].rows, cases[c].columns, cases[c].k, 2);
        for (size_t i = 0; i<cases[c].rows; i += cases[c].rows> 2000 ? 7 : 1)
            check_row(&lists, at, cases[c].columns, i);
        knn_lists_clear(&lists);
        mem_free(at);
    }
}

static void lists_are_scikit_learns(void **state)
{
    (void)state;
    float at[GOLDEN_ROWS * GOLDEN_COLUMNS];
    for (int i = 0; i < GOLDEN_ROWS; i++) {
        for (int j = 0; j < GOLDEN_COLUMNS; j++)
            at[i * GOLDEN_COLUMNS + j] =
                (float)((i * 7919 + j * 104729 + i * i * j * 31) % 1009) / 64.0F - 8.0F;
    }
    knn_lists lists = lists_of(at, GOLDEN_ROWS, GOLDEN_COLUMNS, GOLDEN_K, 1);
    for (size_t n = 0; n < (size_t)GOLDEN_ROWS * GOLDEN_K; n++) {
        assert_int_equal(lists.index[n], golden_index[n]);
        assert_near((double)lists.distance[n], golden_distance[n], 1e-6 * golden_distance[n]);
    }
    knn_lists_clear(&lists);
}

static void rows_without_direction_have_no_neighbours_and_are_nobodys(void **state)
{
    (void)state;
    enum { ROWS = 200, COLUMNS = 6 };
    float *const at = random_rows(ROWS, COLUMNS, 5);
    memset(at + 7 * COLUMNS, 0, COLUMNS * sizeof *at);
    at[20 * COLUMNS + 3] = NAN;
    at[21 * COLUMNS + 5] = -INFINITY;
    at[199 * COLUMNS] = INFINITY;
    for (size_t x = 0; x < COLUMNS; x++) {
        at[30 * COLUMNS + x] *= 1e-38F; /* lengths do not matter, however short */
        at[31 * COLUMNS + x] *= 1e37F;
    }
    knn_lists lists = lists_of(at, ROWS, COLUMNS, 9, 2);
    for (size_t i = 0; i < ROWS; i++)
        check_row(&lists, at, COLUMNS, i);
    for (size_t n = 0; n < (size_t)ROWS * 9; n++)
        assert_true(lists.index[n] != 7 && lists.index[n] != 20 && lists.index[n] != 21 &&
                    lists.index[n] != 199);
    assert_int_equal(lists.index[20 * 9], NEIGHBOUR_NONE);
    knn_lists_clear(&lists);
    memset(at, 0, ROWS * COLUMNS * sizeof *at);
    lists = lists_of(at, ROWS, COLUMNS, 9, 2);
    for (size_t n = 0; n < (size_t)ROWS * 9; n++)
        assert_int_equal(lists.index[n], NEIGHBOUR_NONE);
    knn_lists_clear(&lists);
    mem_free(at);
}

static void equal_rows_are_exactly_0_apart_and_come_by_index(void **state)
{
    (void)state;
    enum { ROWS = 4200, COLUMNS = 37, K = 6 };
    float *const at = random_rows(ROWS, COLUMNS, 6);
    /* Every third row is one and the same, far more than are kept; or twice or half of it. */
    for (size_t i = 3; i < ROWS; i += 3) {
        for (size_t x = 0; x < COLUMNS; x++)
            at[i * COLUMNS + x] = at[x] * (i % 2 ? 2.0F : 1.0F);
    }
    knn_lists lists = lists_of(at, ROWS, COLUMNS, K, 2);
    for (size_t i = 0; i < ROWS; i += 3) {
        for (size_t n = 0; n < K; n++) {
            const size_t expected = 3 * (n + (i <= 3 * n));
            assert_int_equal(lists.index[i * K + n], expected);
            assert_true(lists.distance[i * K + n] == 0.0F && !signbit(lists.distance[i * K + n]));
        }
    }
    knn_lists_clear(&lists);
    for (size_t i = 1; i < ROWS; i++)
        memcpy(at + i * COLUMNS, at, COLUMNS * sizeof *at);
    lists = lists_of(at, ROWS, COLUMNS, K, 2);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t n = 0; n < K; n++)
            assert_int_equal(lists.index[i * K + n], n + (i <= n));
    }
    knn_lists_clear(&lists);
    mem_free(at);
}

static void the_bits_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    enum { ROWS = 9000, COLUMNS = 19, K = 12 };
    float *const at = random_rows(ROWS, COLUMNS, 8);
    knn_lists one = lists_of(at, ROWS, COLUMNS, K, 1);
    const int threads[] = {2, 7};
    for (size_t t = 0; t < 2; t++) {
        knn_lists other = lists_of(at, ROWS, COLUMNS, K, threads[t]);
        assert_memory_equal(one.index, other.index, sizeof(uint32_t) * ROWS * K);
        assert_memory_equal(one.distance, other.distance, sizeof(float) * ROWS * K);
        knn_lists_clear(&other);
    }
    knn_lists_clear(&one);
    mem_free(at);
}

static void permuted_rows_have_permuted_neighbours(void **state)
{
    (void)state;
    enum { ROWS = 2500, COLUMNS = 11, K = 8 };
    float *const at = random_rows(ROWS, COLUMNS, 9);
    float *const moved = mem_alloc(ROWS * COLUMNS, sizeof *moved);
    uint32_t place[ROWS];
    rng r;
    rng_init(&r, 9, 1);
    rng_permutation(&r, place, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        memcpy(moved + place[i] * COLUMNS, at + i * COLUMNS, COLUMNS * sizeof *at);
    knn_lists a = lists_of(at, ROWS, COLUMNS, K, 2), b = lists_of(moved, ROWS, COLUMNS, K, 2);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t n = 0; n < K; n++) {
            assert_int_equal(place[a.index[i * K + n]], b.index[place[i] * K + n]);
            assert_true(a.distance[i * K + n] == b.distance[place[i] * K + n]);
        }
    }
    knn_lists_clear(&a);
    knn_lists_clear(&b);
    mem_free(at);
    mem_free(moved);
}

static void one_query_finds_what_all_find(void **state)
{
    (void)state;
    enum { ROWS = 500, COLUMNS = 13, K = 9 };
    float *const at = random_rows(ROWS, COLUMNS, 10);
    at[5 * COLUMNS] = NAN;
    knn_lists lists = lists_of(at, ROWS, COLUMNS, K, 2);
    const knn_vectors v = {at, ROWS, COLUMNS};
    uint32_t index[K + 1];
    float distance[K + 1];
    for (size_t i = 0; i < ROWS; i++) {
        if (i == 5)
            continue;
        assert_int_equal(knn_exact_one(&v, at + i * COLUMNS, K + 1, index, distance, NULL), 0);
        assert_int_equal(index[0], i);
        assert_true(distance[0] == 0.0F);
        assert_memory_equal(index + 1, lists.index + i * K, K * sizeof *index);
        assert_memory_equal(distance + 1, lists.distance + i * K, K * sizeof *distance);
    }
    assert_int_equal(knn_exact_one(&v, at + 5 * COLUMNS, K, index, distance, NULL), 0);
    assert_true(index[0] == NEIGHBOUR_NONE && isnan(distance[0]));
    const knn_vectors two = {at, 2, COLUMNS};
    assert_int_equal(knn_exact_one(&two, at, 3, index, distance, NULL), 0);
    assert_true(index[0] == 0 && index[1] == 1 && index[2] == NEIGHBOUR_NONE && isnan(distance[2]));
    knn_lists_clear(&lists);
    mem_free(at);
}

enum { STEPPED_ROWS = 7000, STEPPED_COLUMNS = 5, STEPPED_K = 4 };

static knn_search *search_of(const float *at, size_t columns, const progress *shown)
{
    const knn_vectors v = {at, STEPPED_ROWS, columns};
    const knn_options options = {.k = STEPPED_K, .thread_count = 2, .progress = shown};
    knn_search *s = NULL;
    assert_int_equal(knn_search_new(&v, &options, &s, NULL), ASSAY_OK);
    return s;
}

static void check_finished(knn_search *s, const knn_lists *expected)
{
    knn_lists lists;
    assert_int_equal(knn_search_lists(s, &lists, NULL), ASSAY_OK);
    const size_t count = (size_t)STEPPED_ROWS * STEPPED_K;
    assert_memory_equal(lists.index, expected->index, count * sizeof *lists.index);
    assert_memory_equal(lists.distance, expected->distance, count * sizeof *lists.distance);
    knn_lists_clear(&lists);
}

static void a_search_goes_on_from_what_was_stored(void **state)
{
    (void)state;
    float *const at = random_rows(STEPPED_ROWS, STEPPED_COLUMNS, 11);
    knn_lists expected = lists_of(at, STEPPED_ROWS, STEPPED_COLUMNS, STEPPED_K, 1);
    knn_search *s = search_of(at, STEPPED_COLUMNS, NULL);
    assert_int_equal(knn_search_total(s), 10);
    assert_true(isnan(knn_search_seconds_left(s)));
    while (knn_search_done(s) < knn_search_total(s)) {
        const size_t before = knn_search_done(s);
        assert_int_equal(knn_search_run(s, 3, NULL), ASSAY_OK);
        assert_true(knn_search_done(s) > before && knn_search_done(s) <= before + 3);
        assert_true(knn_search_seconds_left(s) >= 0.0);
        size_t bytes;
        const void *const stored = knn_search_save(s, &bytes);
        knn_search *const next = search_of(at, STEPPED_COLUMNS, NULL);
        assert_int_equal(knn_search_restore(next, stored, bytes, NULL), ASSAY_OK);
        knn_search_free(s);
        s = next;
    }
    check_finished(s, &expected);
    knn_search_free(s);
    knn_lists_clear(&expected);
    mem_free(at);
}

static atomic_bool stop_now, stopped_once;

static void stop_after_two(void *context, const char *what, uint64_t done, uint64_t total)
{
    assert_string_equal(what, "comparing");
    assert_true(done <= total);
    assert_int_equal(total, 10);
    *(uint64_t *)context = done;
    if (done >= 2 && !atomic_exchange(&stopped_once, true))
        atomic_store(&stop_now, true);
}

static void a_stopped_search_goes_on(void **state)
{
    (void)state;
    float *const at = random_rows(STEPPED_ROWS, STEPPED_COLUMNS, 12);
    knn_lists expected = lists_of(at, STEPPED_ROWS, STEPPED_COLUMNS, STEPPED_K, 1);
    uint64_t shown = 0;
    const progress p = {stop_after_two, &shown, &stop_now};
    knn_search *const s = search_of(at, STEPPED_COLUMNS, &p);
    assay_err err = {ASSAY_OK, ""};
    assert_int_equal(knn_search_run(s, 0, &err), ASSAY_E_CANCELLED);
    char message[128];
    snprintf(message, sizeof message, "interrupted after comparing %zu of 10 pairs of blocks",
             knn_search_done(s));
    assert_string_equal(err.msg, message);
    assert_true(knn_search_done(s) >= 2 && knn_search_done(s) < 10);
    atomic_store(&stop_now, false);
    assert_int_equal(knn_search_run(s, 0, NULL), ASSAY_OK);
    assert_int_equal(shown, 10);
    atomic_store(&stop_now, true);
    knn_lists lists;
    assert_int_equal(knn_search_lists(s, &lists, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted while ordering neighbours");
    assert_null(lists.index);
    knn_search_free(s);
    knn_lists_clear(&expected);
    mem_free(at);
}

static void check_refused(knn_search *s, const void *at, size_t bytes, const char *message)
{
    assay_err err = {ASSAY_OK, ""};
    assert_int_equal(knn_search_restore(s, at, bytes, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, message);
    assert_int_equal(knn_search_done(s), 0);
}

static void a_stored_search_is_never_trusted(void **state)
{
    (void)state;
    float *const at = random_rows(STEPPED_ROWS, STEPPED_COLUMNS, 13);
    knn_search *s = search_of(at, STEPPED_COLUMNS, NULL),
               *fresh = search_of(at, STEPPED_COLUMNS, NULL);
    assert_int_equal(knn_search_run(s, 2, NULL), ASSAY_OK);
    size_t bytes;
    const void *const stored = knn_search_save(s, &bytes);
    unsigned char *const copy = mem_alloc(bytes, 1);
    const char *const damaged = "the stored search for neighbours is damaged";
    const char *const other = "the stored search for neighbours is of other vectors or another k";
    const struct {
        size_t byte;
        const char *message;
    } cases[] = {{0, other},      {7, other},           {8, other},          {24, other},
                 {40, other},     {48, damaged},        {56, damaged},       {70, damaged},
                 {1000, damaged}, {bytes - 1, damaged}, {bytes / 2, damaged}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        memcpy(copy, stored, bytes);
        copy[cases[c].byte] ^= 4;
        check_refused(fresh, copy, bytes, cases[c].message);
    }
    memcpy(copy, stored, bytes);
    char message[128];
    snprintf(message, sizeof message,
             "the stored search for neighbours has %zu bytes, this one takes %zu", bytes - 1,
             bytes);
    check_refused(fresh, copy, bytes - 1, message);
    knn_search_free(fresh);
    at[17] += 1.0F;
    fresh = search_of(at, STEPPED_COLUMNS, NULL);
    check_refused(fresh, copy, bytes, other);
    knn_search_free(fresh);
    knn_search_free(s);
    mem_free(copy);
    mem_free(at);
}

static void too_many_rows_are_refused(void **state)
{
    (void)state;
    const float one = 1.0F;
    const knn_vectors v = {&one, (size_t)ROWS_MOST + 1, 1};
    const knn_options options = {.k = 1};
    knn_lists lists;
    assay_err err;
    assert_int_equal(knn_exact_all(&v, &options, &lists, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "2147483648 rows of vectors; the limit is 2147483647");
}

static void each_failed_allocation_is_out_of_memory(void **state)
{
    (void)state;
    const size_t before = mem_live();
    const float at[] = {1, 2, 3, 4, 5, 6, 7, 9};
    const knn_vectors v = {at, 4, 2};
    const knn_options options = {.k = 2, .thread_count = 3};
    for (uint64_t n = 0;; n++) {
        assert_true(n < 50);
        knn_lists lists;
        assay_err err = {ASSAY_OK, ""};
        mem_fail_after(n);
        const assay_code code = knn_exact_all(&v, &options, &lists, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 9);
            knn_lists_clear(&lists);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_int_equal(err.code, ASSAY_E_NOMEM);
        assert_null(lists.index);
        assert_int_equal(mem_live(), before);
    }
    uint32_t index;
    float distance;
    assay_err err;
    mem_fail_after(0);
    assert_int_equal(knn_exact_one(&v, at, 1, &index, &distance, &err), ASSAY_E_NOMEM);
    mem_fail_after(UINT64_MAX);
    assert_string_equal(err.msg, "out of memory for 1 neighbours");
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_a_slow_search),
        cmocka_unit_test(lists_are_scikit_learns),
        cmocka_unit_test(rows_without_direction_have_no_neighbours_and_are_nobodys),
        cmocka_unit_test(equal_rows_are_exactly_0_apart_and_come_by_index),
        cmocka_unit_test(the_bits_do_not_depend_on_the_threads),
        cmocka_unit_test(permuted_rows_have_permuted_neighbours),
        cmocka_unit_test(one_query_finds_what_all_find),
        cmocka_unit_test(a_search_goes_on_from_what_was_stored),
        cmocka_unit_test(a_stopped_search_goes_on),
        cmocka_unit_test(a_stored_search_is_never_trusted),
        cmocka_unit_test(too_many_rows_are_refused),
        cmocka_unit_test(each_failed_allocation_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
