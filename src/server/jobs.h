#ifndef SERVER_JOBS_H
#define SERVER_JOBS_H

#include "base/cancellation.h"
#include "base/json.h"

#include <stdbool.h>

struct uploads;

/**
 * Long work on the project, one at a time, each in a process of its own: `assay measure`, `assay
 * embed`, `assay add`. The last JOBS_KEPT_MOST are remembered. Safe for many threads.
 */
typedef struct jobs jobs;

typedef struct jobs_options {
    const char *project;     /* borrowed */
    const char *program;     /* NULL: the one that runs; borrowed */
    struct uploads *uploads; /* where the files that a job takes are from; NULL: none. Borrowed */
    /* A job began, moved or ended; called by any thread. NULL: nobody wants to know. */
    void (*moved)(void *context, bool ended);
    void *context;
} jobs_options;

/** NOMEM. Free with jobs_free(). */
ASSAY_MUST_USE assay_code jobs_new(const jobs_options *options, jobs **out, assay_err *err);

/** Asks what runs to end, and waits for it. NULL is allowed. */
void jobs_free(jobs *j);

/** What is to be done. All texts are borrowed for the call, but for the first. */
typedef struct job_order {
    const char *command;       /* "measure", "add labels"; static text */
    const char *const *option; /* "--model=resnet", at most JOB_OPTIONS_MOST; NULL: none */
    size_t option_count;
    const char *folder; /* where it runs; NULL: where the server does */
    const char *file;   /* the last word of the command, a name in `folder`; NULL: none */
    const char *shown;  /* the name of what it reads, for people; NULL: nothing */
    uint64_t taken[2];  /* uploads that are its own until it has ended; 0: none */
} job_order;

/**
 * Begin one. Once it is done the uploads that it took are removed; failed or stopped, it gives them
 * back. CONFLICT: one is running; IO: it cannot be started. Then they are still the caller's.
 */
ASSAY_MUST_USE assay_code jobs_start(jobs *j, const job_order *order, assay_err *err);

/** Ask what runs to end, and wait for it, however long it takes: it keeps what is done. At once
 * where nothing runs. */
void jobs_stop(jobs *j);

/** The same, but for the waiting: no longer than `seconds`, and not once `stop` is asked (NULL:
 * never). What does not end within them is still running, and ends when it can. */
void jobs_ask_to_stop(jobs *j, double seconds, cancellation *stop);

/** The key `jobs` of a Jobs reply, the newest first. */
void jobs_put(jobs *j, json_writer *w, json_t *object);

/** Whether one is running. */
bool jobs_running(jobs *j);

#endif
