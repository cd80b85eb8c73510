/* Tasks are done once each, by several threads, and none is lost at the end. */
#include "server/handler_queue.h"
#include "support/check.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { TASKS = 2000, PUSHERS = 4 };

typedef struct counted_task {
    handler_task task; /* first */
    atomic_int done, late;
    bool taken;
} counted_task;

typedef struct gate {
    pthread_mutex_t lock; /* held: work waits */
    atomic_int begun;
    handler_queue *queue;
    counted_task *tasks;
} gate;

static void work(void *context, handler_task *task, bool late)
{
    gate *g = context;
    counted_task *t = (counted_task *)(void *)task;
    atomic_fetch_add(&g->begun, 1);
    pthread_mutex_lock(&g->lock);
    pthread_mutex_unlock(&g->lock);
    atomic_fetch_add(&t->done, 1);
    atomic_fetch_add(&t->late, late);
}

static handler_queue *made(gate *g, int threads, size_t most, double wait_seconds)
{
    const handler_queue_options options = {threads, most, wait_seconds, work, g};
    handler_queue *q;
    assert_int_equal(handler_queue_new(&options, &q, NULL), ASSAY_OK);
    return q;
}

static void *push_many(void *context)
{
    gate *g = context;
    for (int i = 0; i < TASKS; i++) {
        if (!g->tasks[i].taken) {
            g->tasks[i].taken = true;
            while (!handler_queue_push(g->queue, &g->tasks[i].task))
                sched_yield();
        }
    }
    return NULL;
}

static void every_task_is_done_once(void **state)
{
    (void)state;
    static counted_task tasks[PUSHERS][TASKS];
    gate gates[PUSHERS];
    gate shared = {.lock = PTHREAD_MUTEX_INITIALIZER};
    handler_queue *q = made(&shared, 3, 16, 60.0);
    pthread_t threads[PUSHERS];
    for (int i = 0; i < PUSHERS; i++) {
        gates[i] = (gate){.queue = q, .tasks = tasks[i]};
        assert_int_equal(pthread_create(&threads[i], NULL, push_many, &gates[i]), 0);
    }
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(threads[i], NULL);
    handler_queue_end(q);
    for (int i = 0; i < PUSHERS; i++) {
        for (int k = 0; k < TASKS; k++)
            assert_int_equal(tasks[i][k].done, 1);
    }
    handler_queue_free(q);
}

/* Its only thread is at work on the task, and stays so while the lock is held. */
static handler_queue *made_busy(gate *g, size_t most, double wait_seconds, counted_task *first)
{
    handler_queue *q = made(g, 1, most, wait_seconds);
    assert_true(handler_queue_push(q, &first->task));
    while (atomic_load(&g->begun) == 0)
        sched_yield();
    return q;
}

static void what_waits_is_bounded(void **state)
{
    (void)state;
    gate g = {.lock = PTHREAD_MUTEX_INITIALIZER};
    counted_task tasks[5] = {0};
    pthread_mutex_lock(&g.lock);
    handler_queue *q = made_busy(&g, 3, 600.0, &tasks[0]);
    for (int i = 1; i < 4; i++)
        assert_true(handler_queue_push(q, &tasks[i].task));
    assert_false(handler_queue_push(q, &tasks[4].task));
    pthread_mutex_unlock(&g.lock);
    handler_queue_end(q);
    for (int i = 0; i < 5; i++)
        assert_int_equal(tasks[i].done, i < 4);
    handler_queue_free(q);
}

static void what_waits_is_told_at_the_end(void **state)
{
    (void)state;
    static counted_task tasks[TASKS];
    gate g = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_mutex_lock(&g.lock);
    handler_queue *q = made_busy(&g, TASKS, 600.0, &tasks[0]);
    assert_true(handler_queue_push(q, &tasks[1].task));
    pthread_t ender;
    assert_int_equal(
        pthread_create(&ender, NULL, (void *(*)(void *))(void (*)(void))handler_queue_end, q), 0);
    /* There is room: what is not taken any more tells that the end has begun. */
    int pushed = 2;
    while (pushed < TASKS && handler_queue_push(q, &tasks[pushed].task)) {
        pushed++;
        usleep(5000);
    }
    assert_true(pushed < TASKS);
    pthread_mutex_unlock(&g.lock);
    pthread_join(ender, NULL);
    assert_false(handler_queue_push(q, &tasks[pushed].task));
    for (int i = 0; i < pushed; i++) {
        assert_int_equal(tasks[i].done, 1);
        assert_int_equal(tasks[i].late, i > 0);
    }
    assert_int_equal(tasks[pushed].done, 0);
    handler_queue_free(q);
}

static void what_waited_too_long_is_told(void **state)
{
    (void)state;
    gate g = {.lock = PTHREAD_MUTEX_INITIALIZER};
    counted_task tasks[2] = {0};
    pthread_mutex_lock(&g.lock);
    handler_queue *q = made_busy(&g, 3, 0.02, &tasks[0]);
    assert_true(handler_queue_push(q, &tasks[1].task));
    usleep(40000);
    pthread_mutex_unlock(&g.lock);
    while (atomic_load(&tasks[1].done) == 0)
        sched_yield();
    assert_int_equal(tasks[1].late, 1); /* the first one may have been, too */
    handler_queue_free(q);
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    gate g = {.lock = PTHREAD_MUTEX_INITIALIZER};
    const handler_queue_options options = {2, 3, 1.0, work, &g};
    handler_queue *q;
    assay_err err;
    mem_fail_after(0);
    const assay_code code = handler_queue_new(&options, &q, &err);
    mem_fail_after(UINT64_MAX);
    assert_int_equal(code, ASSAY_E_NOMEM);
    assert_null(q);
    handler_queue_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_once),
        cmocka_unit_test(what_waits_is_bounded),
        cmocka_unit_test(what_waits_is_told_at_the_end),
        cmocka_unit_test(what_waited_too_long_is_told),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
