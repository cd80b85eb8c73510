/* A list under a lock, and threads that take from its head. Knows no request. */
#include "server/handler_queue.h"

#include "base/clock.h"
#include "base/mem.h"

#include <pthread.h>

struct handler_queue {
    handler_queue_options options;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    handler_task *head, **tail;
    size_t waiting;
    bool ending, joined;
    int thread_count;
    pthread_t threads[];
};

static handler_task *take(handler_queue *q, bool *late)
{
    pthread_mutex_lock(&q->lock);
    while (!q->head && !q->ending)
        pthread_cond_wait(&q->filled, &q->lock);
    handler_task *task = q->head;
    if (task) {
        q->head = task->next;
        if (!q->head)
            q->tail = &q->head;
        q->waiting--;
    }
    *late = q->ending;
    pthread_mutex_unlock(&q->lock);
    return task;
}

static void *serve(void *argument)
{
    handler_queue *q = argument;
    bool late;
    for (handler_task *task; (task = take(q, &late));) {
        late |= clock_seconds() - task->queued_at > q->options.wait_seconds;
        q->options.work(q->options.context, task, late);
    }
    return NULL;
}

assay_code handler_queue_new(const handler_queue_options *options, handler_queue **out,
                             assay_err *err)
{
    *out = NULL;
    const size_t threads = (size_t)options->thread_count;
    handler_queue *q = mem_zalloc(1, sizeof *q + threads * sizeof *q->threads);
    if (!q)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    q->options = *options;
    q->tail = &q->head;
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->filled, NULL);
    while (q->thread_count < options->thread_count &&
           pthread_create(&q->threads[q->thread_count], NULL, serve, q) == 0)
        q->thread_count++;
    if (q->thread_count == 0) {
        handler_queue_free(q);
        return assay_fail(err, ASSAY_E_NOMEM, "no thread can be started to answer requests");
    }
    *out = q;
    return ASSAY_OK;
}

bool handler_queue_push(handler_queue *q, handler_task *task)
{
    task->next = NULL;
    task->queued_at = clock_seconds();
    pthread_mutex_lock(&q->lock);
    const bool taken = !q->ending && q->waiting < q->options.waiting_most;
    if (taken) {
        *q->tail = task;
        q->tail = &task->next;
        q->waiting++;
        pthread_cond_signal(&q->filled);
    }
    pthread_mutex_unlock(&q->lock);
    return taken;
}

void handler_queue_end(handler_queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->ending = true;
    pthread_cond_broadcast(&q->filled);
    pthread_mutex_unlock(&q->lock);
    for (int i = 0; !q->joined && i < q->thread_count; i++)
        pthread_join(q->threads[i], NULL);
    q->joined = true;
}

void handler_queue_free(handler_queue *q)
{
    if (!q)
        return;
    handler_queue_end(q);
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->filled);
    mem_free(q);
}
