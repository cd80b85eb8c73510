#ifndef STORE_WATCHDOG_H
#define STORE_WATCHDOG_H

#include "assay/err.h"

#include <duckdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <time.h>

/** How long a query may take. */
typedef struct watchdog_limits {
    const char *what; /* "--where": begins the words of give_up */
    int seconds;      /* after which it is interrupted */
    /* Called, from another thread, when a query is deaf to the interruption for
     * CONDITION_GRACE_SECONDS more; it must end the process. NULL: the query goes on to its end. */
    void (*give_up)(const char *why);
} watchdog_limits;

/** Interrupts a query that has not ended in time. Its place must not move while it runs. */
typedef struct watchdog {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    duckdb_connection connection;
    struct timespec deadline;
    const watchdog_limits *limits;
    unsigned calls; /* how often it interrupted, POKES_A_SECOND times a second */
    bool over, barked, running;
} watchdog;

/** Start the clock; the limits are borrowed until it is stopped. NOMEM. */
ASSAY_MUST_USE assay_code watchdog_start(watchdog *w, duckdb_connection connection,
                                         const watchdog_limits *limits, assay_err *err);

/** Stop it. True when the time was up. */
bool watchdog_stop(watchdog *w);

#endif
