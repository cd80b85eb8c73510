#ifndef SERVER_WORKSPACE_H
#define SERVER_WORKSPACE_H

#include "server/reply.h"
#include "server/request.h"

#include "frame/frame.h"

/**
 * The project that is served, in memory, and what was computed of it. Safe for many threads. It
 * closes the database after loading; notices when another process changed the project and loads it
 * anew; readers of the old state go on with it until they release it.
 */
typedef struct workspace workspace;

typedef struct workspace_options {
    const char *path; /* the project folder; borrowed */
    int thread_count;
} workspace_options;

/** Failures of project_load(). O(N · columns). */
ASSAY_MUST_USE assay_code workspace_open(const workspace_options *options, workspace **out,
                                         assay_err *err);
/** No view may be left. NULL is allowed. */
void workspace_close(workspace *w);

/** The project's state that one request looks at: immutable, and there until it is released. */
typedef struct workspace_view workspace_view;

/** `model`: NULL: the project's first, or none where there is none; "": none. USAGE: no such model.
 * The first view of another model loads its predictions. */
ASSAY_MUST_USE assay_code workspace_look(workspace *w, const char *model, workspace_view **out,
                                         assay_err *err);
void workspace_release(workspace_view *v);

const frame *workspace_frame(const workspace_view *v); /* with texts; metrics of predictions too */
uint64_t workspace_revision(const workspace_view *v);
const char *workspace_path(const workspace *w);
int workspace_threads(const workspace *w);

/** Something was written by this process: look again at the next request. */
void workspace_changed(workspace *w);

/**
 * Whoever opens the project's database in this process holds this meanwhile: its lock belongs to
 * the process, so that two openings at once would not see each other.
 */
void workspace_lock_database(workspace *w);
void workspace_unlock_database(workspace *w);

#endif
