/* A second thread that interrupts a query whose time is up, and keeps at it. Knows no query. */
#include "store/watchdog.h"

#include "base/limits.h"

#include <errno.h>
#include <stdio.h>

enum { POKES_A_SECOND = 20 };

static void give_up(const watchdog_limits *limits)
{
    char why[128];
    snprintf(why, sizeof why, "%s: did not end in time and cannot be interrupted", limits->what);
    limits->give_up(why);
}

static void *watch(void *argument)
{
    watchdog *w = argument;
    pthread_mutex_lock(&w->lock);
    while (!w->over) {
        if (pthread_cond_timedwait(&w->ended, &w->lock, &w->deadline) == ETIMEDOUT && !w->over) {
            w->barked = true;
            duckdb_interrupt(w->connection);
            if (++w->calls > POKES_A_SECOND * CONDITION_GRACE_SECONDS && w->limits->give_up)
                give_up(w->limits);
            /* Again, should the query have been between two interruptible places. */
            clock_gettime(CLOCK_MONOTONIC, &w->deadline);
            w->deadline.tv_nsec += 1000000000 / POKES_A_SECOND;
            w->deadline.tv_sec += w->deadline.tv_nsec / 1000000000;
            w->deadline.tv_nsec %= 1000000000;
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

assay_code watchdog_start(watchdog *w, duckdb_connection connection, const watchdog_limits *limits,
                          assay_err *err)
{
    *w = (watchdog){.connection = connection, .limits = limits};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    clock_gettime(CLOCK_MONOTONIC, &w->deadline);
    w->deadline.tv_sec += limits->seconds;
    w->running = pthread_create(&w->thread, NULL, watch, w) == 0;
    if (w->running)
        return ASSAY_OK;
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->ended);
    return assay_fail(err, ASSAY_E_NOMEM, "%s: no thread can be started to limit its time",
                      limits->what);
}

bool watchdog_stop(watchdog *w)
{
    if (!w->running)
        return false;
    pthread_mutex_lock(&w->lock);
    w->over = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->ended);
    w->running = false;
    return w->barked;
}
