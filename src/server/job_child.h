#ifndef SERVER_JOB_CHILD_H
#define SERVER_JOB_CHILD_H

#include "assay/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A command of this program as a process of its own: the lock of a project's database belongs to a
 * process, so that a job in ours would not be kept from what we read. */

typedef struct job_child {
    pid_t pid;
    int progress; /* lines of JSON, told by --progress-fd */
    int words;    /* what it prints, on either stream */
} job_child;

enum { JOB_WORDS_MOST = 4, JOB_OPTIONS_MOST = 16 };

/** What is to be started. All texts are borrowed for the call. */
typedef struct job_command {
    const char *program;       /* NULL: the one that runs */
    const char *words;         /* "measure", "add predictions": at most JOB_WORDS_MOST */
    const char *const *option; /* "--model=resnet", at most JOB_OPTIONS_MOST */
    size_t option_count;
    const char *project;
    const char *file;   /* the last word; NULL: none */
    const char *folder; /* where it runs; the other paths are then absolute. NULL: here */
} job_command;

/**
 * Start WORDS --progress-fd 3 OPTIONS -- PROJECT FILE, in a group of its own, so that ^C in a
 * terminal reaches us alone. The caller reads both descriptors to their ends, closes them and waits
 * for the process. IO.
 */
ASSAY_MUST_USE assay_code job_child_start(const job_command *command, job_child *out,
                                          assay_err *err);

enum { JOB_WHAT_BYTES = 64 };

/** One line of progress: {"what":"measuring","done":5,"total":10}. */
typedef struct job_step {
    char what[JOB_WHAT_BYTES];
    uint64_t done, total;
} job_step;

/** Whether `line`, without its newline, is one; else `out` is as it was. */
bool job_step_read(const char *line, job_step *out);

#endif
