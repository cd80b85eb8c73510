#ifndef SERVER_WORKSPACE_STATE_H
#define SERVER_WORKSPACE_STATE_H

#include "server/workspace_parts.h"
#include "store/project_files.h"

#include <pthread.h>

/* What a workspace remembers, for its own two files. Locks are taken in this order: loading,
 * database, lock; `coding` goes with none of them. */

struct workspace_view {
    workspace *of;
    struct snapshot *snapshot;
    const model_part *part; /* NULL: without predictions */
    frame frame;            /* everything in it is borrowed but `attribute` where merged */
    attribute_column *merged;
    const metric_codes **codes; /* NULL: not made yet; under `coding` */
    size_t users;
    workspace_view *next;
};

typedef struct snapshot {
    uint64_t revision;
    columns *columns;
    frame *tags; /* NULL: those of the base */
    workspace_view *views;
    size_t users; /* of all its views; the current one has one more */
} snapshot;

/* Revisions that this process made by writing tags, one of the other. */
typedef struct tagged_revisions {
    uint64_t from, to; /* zero: none */
} tagged_revisions;

struct workspace {
    char *path;
    int thread_count;
    kept *answers, *filters, *lasting;
    pthread_mutex_t coding;   /* who makes orders */
    pthread_mutex_t loading;  /* who reads the project and puts what he read in place */
    pthread_mutex_t database; /* who has it open */
    pthread_mutex_t lock;     /* of all below, and of the users of snapshots and views */
    snapshot *current;
    project_stamp seen; /* the files when `current` was read */
    double looked_at;
    unsigned written;        /* changes of this process that `current` is before */
    tagged_revisions tagged; /* those that `current` is before */
    pthread_t reader;        /* reads again beside the requests */
    bool has_reader, reading;
};

/** Give up one use of a snapshot; the last one frees it, its views, and the columns that were its
 * alone. */
void snapshot_release(workspace *w, snapshot *s);

/** A snapshot with one user, which takes over what it gets, also on failure. NOMEM. */
ASSAY_MUST_USE assay_code snapshot_new(workspace *w, columns *of, frame *tags, uint64_t revision,
                                       snapshot **out, assay_err *err);

/** Read all of the project. What columns_load() says. */
ASSAY_MUST_USE assay_code snapshot_load(workspace *w, snapshot **out, assay_err *err);

/** With `loading` held: put in place what is there now, where it is another revision. */
ASSAY_MUST_USE assay_code workspace_follow(workspace *w, assay_err *err);

/** Look at the project's files where it is time to: follows beside the requests, or at once where
 * this process wrote. */
ASSAY_MUST_USE assay_code workspace_look_around(workspace *w, assay_err *err);

#endif
