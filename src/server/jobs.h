#ifndef SERVER_JOBS_H
#define SERVER_JOBS_H

#include "base/json.h"

#include <stdbool.h>

/**
 * Long work on the project, one at a time, each in a process of its own: `assay measure`, `assay
 * embed`. The last JOBS_KEPT_MOST are remembered. Safe for many threads.
 */
typedef struct jobs jobs;

typedef struct jobs_options {
    const char *project; /* borrowed */
    const char *program; /* NULL: the one that runs; borrowed */
    /* A job began, moved or ended; called by any thread. NULL: nobody wants to know. */
    void (*moved)(void *context, bool ended);
    void *context;
} jobs_options;

/** NOMEM. Free with jobs_free(). */
ASSAY_MUST_USE assay_code jobs_new(const jobs_options *options, jobs **out, assay_err *err);

/** Asks what runs to end, and waits for it. NULL is allowed. */
void jobs_free(jobs *j);

/** "measure" or "embed". USAGE: another; CONFLICT: one is running; IO: it cannot be started. */
ASSAY_MUST_USE assay_code jobs_start(jobs *j, const char *command, assay_err *err);

/** Ask what runs to end, and wait for it: it keeps what is done. At once where nothing runs. */
void jobs_stop(jobs *j);

/** The key `jobs` of a Jobs reply, the newest first. */
void jobs_put(jobs *j, json_writer *w, json_t *object);

/** Whether one is running. */
bool jobs_running(jobs *j);

#endif
