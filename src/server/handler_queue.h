#ifndef SERVER_HANDLER_QUEUE_H
#define SERVER_HANDLER_QUEUE_H

#include "assay/err.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Threads that answer requests, and the requests that wait for one: first come, first served, and
 * no more than so many. Safe for many threads.
 */
typedef struct handler_queue handler_queue;

/** Something to be done; belongs to whoever pushes it, who embeds it in his own. */
typedef struct handler_task {
    struct handler_task *next;
    double queued_at; /* clock_seconds() */
} handler_task;

/** Does a task. `late`: it waited too long, or the queue ends: say so instead. */
typedef void handler_work(void *context, handler_task *task, bool late);

typedef struct handler_queue_options {
    int thread_count;    /* at least 1 */
    size_t waiting_most; /* tasks that wait */
    double wait_seconds; /* how long one may */
    handler_work *work;
    void *context;
} handler_queue_options;

/** NOMEM, also where the system gives no thread at all. Free with handler_queue_free(). */
ASSAY_MUST_USE assay_code handler_queue_new(const handler_queue_options *options,
                                            handler_queue **out, assay_err *err);

/** False: too many wait, or the queue ends; the task was not taken. O(1). */
bool handler_queue_push(handler_queue *q, handler_task *task);

/** Those that wait are done `late`, those that run are waited for; nothing is taken from now on. */
void handler_queue_end(handler_queue *q);

/** Ends it where that wasn't done. NULL is allowed. */
void handler_queue_free(handler_queue *q);

#endif
