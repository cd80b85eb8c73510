#include "base/threads.h"

#include "base/rng.h"
#include "support/check.h"

#include <locale.h>
#include <stdatomic.h>

enum { CHUNKS = 1000 };

typedef struct tally {
    atomic_int runs[CHUNKS];
    atomic_int strangers; /* worker numbers out of range */
    int thread_count;
    size_t stop_at; /* the chunk that answers 5 */
} tally;

static int count_run(void *context, size_t chunk, int worker)
{
    tally *t = context;
    atomic_fetch_add(&t->runs[chunk], 1);
    if (worker < 0 || worker >= t->thread_count)
        atomic_fetch_add(&t->strangers, 1);
    return chunk == t->stop_at ? 5 : 0;
}

static const int thread_counts[] = {1, 2, 7, THREADS_MOST};

static void every_chunk_is_dealt_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof thread_counts / sizeof *thread_counts; i++) {
        tally t = {.thread_count = thread_counts[i], .stop_at = SIZE_MAX};
        assert_int_equal(threads_run(CHUNKS, thread_counts[i], count_run, &t), 0);
        for (size_t chunk = 0; chunk < CHUNKS; chunk++)
            assert_int_equal(t.runs[chunk], 1);
        assert_int_equal(t.strangers, 0);
    }
}

static void no_chunks_is_no_work(void **state)
{
    (void)state;
    tally t = {.thread_count = 3, .stop_at = SIZE_MAX};
    assert_int_equal(threads_run(0, 3, count_run, &t), 0);
    for (size_t chunk = 0; chunk < CHUNKS; chunk++)
        assert_int_equal(t.runs[chunk], 0);
}

static void more_threads_than_chunks_or_than_allowed_is_fine(void **state)
{
    (void)state;
    tally t = {.thread_count = 3, .stop_at = SIZE_MAX};
    assert_int_equal(threads_run(3, THREADS_MOST * 10, count_run, &t), 0);
    assert_int_equal(t.runs[0] + t.runs[1] + t.runs[2], 3);
    assert_int_equal(t.strangers, 0);
    tally wide = {.thread_count = THREADS_MOST, .stop_at = SIZE_MAX};
    assert_int_equal(threads_run(CHUNKS, THREADS_MOST * 10, count_run, &wide), 0);
    assert_int_equal(wide.strangers, 0);
}

static void no_threads_means_the_callers(void **state)
{
    (void)state;
    tally t = {.thread_count = 1, .stop_at = SIZE_MAX};
    assert_int_equal(threads_run(4, 0, count_run, &t), 0);
    assert_int_equal(t.runs[3], 1);
    assert_int_equal(t.strangers, 0);
}

static void an_answer_ends_the_dealing_and_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof thread_counts / sizeof *thread_counts; i++) {
        tally t = {.thread_count = thread_counts[i], .stop_at = 0};
        assert_int_equal(threads_run(CHUNKS, thread_counts[i], count_run, &t), 5);
        for (size_t chunk = 0; chunk < CHUNKS; chunk++)
            assert_true(t.runs[chunk] <= 1);
    }
    tally t = {.thread_count = 1, .stop_at = 10};
    assert_int_equal(threads_run(CHUNKS, 1, count_run, &t), 5);
    assert_int_equal(t.runs[10], 1);
    assert_int_equal(t.runs[11], 0);
}

/* A sum whose last bits depend on the order of its terms. */
static int sum_chunk(void *context, size_t chunk, int worker)
{
    (void)worker;
    double *sums = context;
    rng r;
    rng_init(&r, 1, chunk);
    for (int i = 0; i < 100; i++)
        sums[chunk] += rng_normal(&r);
    return 0;
}

static double merged_sum(int thread_count)
{
    double sums[CHUNKS] = {0};
    assert_int_equal(threads_run(CHUNKS, thread_count, sum_chunk, sums), 0);
    double total = 0.0;
    for (size_t i = 0; i < CHUNKS; i++)
        total += sums[i];
    return total;
}

static void a_slot_for_each_chunk_gives_the_same_bits_at_any_thread_count(void **state)
{
    (void)state;
    const double one = merged_sum(1);
    for (size_t i = 0; i < sizeof thread_counts / sizeof *thread_counts; i++) {
        const double other = merged_sum(thread_counts[i]);
        assert_memory_equal(&one, &other, sizeof one);
    }
}

static int is_other_locale(void *context, size_t chunk, int worker)
{
    (void)chunk;
    (void)worker;
    return uselocale((locale_t)0) != *(locale_t *)context;
}

static void every_thread_has_the_callers_locale(void **state)
{
    (void)state;
    locale_t own = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    assert_true(own != (locale_t)0);
    const locale_t before = uselocale(own);
    assert_int_equal(threads_run(10000, 7, is_other_locale, &own), 0);
    uselocale(before);
    freelocale(own);
}

static void parts_are_as_many_as_are_worth_it_and_leave_nothing_out(void **state)
{
    (void)state;
    assert_int_equal(threads_parts(0, 10, 8, 4), 1);
    assert_int_equal(threads_parts(19, 10, 8, 4), 1);
    assert_int_equal(threads_parts(39, 10, 8, 4), 3);
    assert_int_equal(threads_parts(1000, 10, 8, 4), 4);
    assert_int_equal(threads_parts(1000, 10, 8, 256), 8);
    assert_int_equal(threads_parts(1000, 10, 8, 0), 1);
    for (size_t count = 0; count < 50; count++) {
        for (size_t parts = 1; parts <= 8; parts++) {
            assert_int_equal(threads_part_begin(count, 0, parts), 0);
            assert_int_equal(threads_part_begin(count, parts, parts), count);
            for (size_t part = 0; part < parts; part++) {
                const size_t size = threads_part_begin(count, part + 1, parts) -
                                    threads_part_begin(count, part, parts);
                assert_true(size == count / parts || size == count / parts + 1);
            }
        }
    }
}

static void there_is_at_least_one_processor(void **state)
{
    (void)state;
    assert_in_range(threads_available(), 1, THREADS_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_chunk_is_dealt_once),
        cmocka_unit_test(no_chunks_is_no_work),
        cmocka_unit_test(more_threads_than_chunks_or_than_allowed_is_fine),
        cmocka_unit_test(no_threads_means_the_callers),
        cmocka_unit_test(an_answer_ends_the_dealing_and_comes_back),
        cmocka_unit_test(a_slot_for_each_chunk_gives_the_same_bits_at_any_thread_count),
        cmocka_unit_test(every_thread_has_the_callers_locale),
        cmocka_unit_test(parts_are_as_many_as_are_worth_it_and_leave_nothing_out),
        cmocka_unit_test(there_is_at_least_one_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
