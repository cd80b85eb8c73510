/* What is kept is computed once, bounded, and freed with its last user. */
#include "server/kept.h"

#include "support/check.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int freed;

static void free_one(void *value)
{
    freed++;
    mem_free(value);
}

/* Whether it had to be made. */
static bool put(kept *k, const char *key, size_t bytes)
{
    kept_item *item;
    bool made;
    assert_int_equal(kept_take(k, key, &item, &made, NULL), ASSAY_OK);
    assert_string_equal(kept_key(item), key);
    if (!made)
        kept_finish(k, item, mem_copy_text(key, strlen(key)), bytes, free_one);
    assert_string_equal(kept_value(item), key);
    kept_release(k, item);
    return !made;
}

static kept *new_kept(size_t count, size_t bytes)
{
    kept *k;
    freed = 0;
    assert_int_equal(kept_new(count, bytes, &k, NULL), ASSAY_OK);
    return k;
}

static void an_answer_is_made_once(void **state)
{
    (void)state;
    kept *k = new_kept(10, 100);
    assert_true(put(k, "a", 1));
    assert_false(put(k, "a", 1));
    assert_true(put(k, "b", 1));
    kept_close(k);
    assert_int_equal(freed, 2);
}

static void what_was_asked_for_longest_ago_goes_first(void **state)
{
    (void)state;
    static const struct {
        size_t count, bytes;
    } bounds[] = {{2, 100}, {100, 4}}; /* a key weighs too */
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        kept *k = new_kept(bounds[i].count, bounds[i].bytes);
        put(k, "a", 1);
        put(k, "b", 1);
        put(k, "a", 1);
        put(k, "c", 1);
        assert_int_equal(freed, 1);
        assert_false(put(k, "a", 1));
        assert_true(put(k, "b", 1));
        kept_close(k);
    }
}

static void what_is_in_use_stays_until_it_is_released(void **state)
{
    (void)state;
    kept *k = new_kept(1, 100);
    kept_item *item;
    bool made;
    assert_int_equal(kept_take(k, "a", &item, &made, NULL), ASSAY_OK);
    kept_finish(k, item, mem_copy_text("a", 1), 1, free_one);
    put(k, "b", 1);
    kept_forget(k);
    assert_string_equal(kept_value(item), "a");
    assert_int_equal(freed, 1);
    assert_true(put(k, "a", 1));
    kept_release(k, item);
    assert_int_equal(freed, 2);
    kept_close(k);
    assert_int_equal(freed, 3);
}

static void what_failed_is_tried_again(void **state)
{
    (void)state;
    kept *k = new_kept(10, 100);
    kept_item *item;
    bool made;
    assert_int_equal(kept_take(k, "a", &item, &made, NULL), ASSAY_OK);
    assert_false(made);
    kept_abandon(k, item);
    assert_true(put(k, "a", 1));
    kept_close(k);
    assert_int_equal(freed, 1);
}

typedef struct crowd {
    kept *k;
    int made; /* atomically */
} crowd;

static void *ask_often(void *context)
{
    crowd *c = context;
    for (int i = 0; i < 200; i++) {
        char key[16];
        snprintf(key, sizeof key, "%d", i);
        if (put(c->k, key, 1))
            __atomic_add_fetch(&c->made, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void many_threads_wait_for_the_first(void **state)
{
    (void)state;
    crowd c = {.k = new_kept(1000, 1000)};
    pthread_t thread[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, ask_often, &c), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(c.made, 200);
    kept_close(c.k);
    assert_int_equal(freed, 200);
}

/* Somebody else computes it for as long as the test wants. */
static void who_is_not_waited_for_stops_waiting(void **state)
{
    (void)state;
    kept *k = new_kept(10, 100);
    kept_item *computing, *item;
    bool made;
    cancellation stop = {0};
    assert_int_equal(kept_take(k, "a", &computing, &made, NULL), ASSAY_OK);
    cancellation_ask_at(&stop, 3);
    const size_t live = mem_live();
    assert_int_equal(kept_take_until(k, "a", &stop, &item, &made, NULL), ASSAY_E_CANCELLED);
    assert_null(item);
    assert_int_equal(mem_live(), live);
    kept_abandon(k, computing);
    /* What nobody computes needs no waiting. */
    assert_int_equal(kept_take_until(k, "a", &stop, &item, &made, NULL), ASSAY_OK);
    assert_false(made);
    kept_abandon(k, item);
    kept_close(k);
}

typedef struct waiter {
    kept *k;
    cancellation stop;
} waiter;

static void *wait_and_make(void *context)
{
    waiter *w = context;
    kept_item *item;
    bool made;
    assay_code code = kept_take_until(w->k, "a", &w->stop, &item, &made, NULL);
    if (code == ASSAY_OK && !made)
        kept_finish(w->k, item, mem_copy_text("a", 1), 1, free_one);
    kept_release(w->k, item);
    return code == ASSAY_OK && !made ? w : NULL;
}

static void what_was_given_up_goes_to_who_waits(void **state)
{
    (void)state;
    waiter w = {.k = new_kept(10, 100)};
    kept_item *computing;
    bool made;
    assert_int_equal(kept_take(w.k, "a", &computing, &made, NULL), ASSAY_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_and_make, &w), 0);
    usleep(50000);
    kept_abandon(w.k, computing);
    void *made_it;
    pthread_join(thread, &made_it);
    assert_ptr_equal(made_it, &w);
    assert_false(put(w.k, "a", 1));
    kept_close(w.k);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        kept *k;
        kept_item *item = NULL;
        bool made;
        mem_fail_after(n);
        assay_code code = kept_new(1, 1, &k, NULL);
        if (code == ASSAY_OK)
            code = kept_take(k, "a", &item, &made, NULL);
        mem_fail_after(UINT64_MAX);
        if (item)
            kept_abandon(k, item);
        kept_close(k);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_made_once),
        cmocka_unit_test(what_was_asked_for_longest_ago_goes_first),
        cmocka_unit_test(what_is_in_use_stays_until_it_is_released),
        cmocka_unit_test(what_failed_is_tried_again),
        cmocka_unit_test(many_threads_wait_for_the_first),
        cmocka_unit_test(who_is_not_waited_for_stops_waiting),
        cmocka_unit_test(what_was_given_up_goes_to_who_waits),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
