#ifndef SERVER_WORKSPACE_H
#define SERVER_WORKSPACE_H

#include "server/kept.h"
#include "server/reply.h"
#include "server/request.h"

#include "eval/metric_codes.h"
#include "frame/frame.h"
#include "store/project_overview.h"

/**
 * The project that is served, in memory, and what was computed of it. Safe for many threads. It
 * closes the database after loading; notices when another process changed the project and loads it
 * anew beside the requests that go on; readers of the old state keep it until they release it.
 */
typedef struct workspace workspace;

typedef struct workspace_options {
    const char *path; /* the project folder; borrowed */
    int thread_count;
} workspace_options;

/** Failures of project_load(). O(N · columns). */
ASSAY_MUST_USE assay_code workspace_open(const workspace_options *options, workspace **out,
                                         assay_err *err);
/** No view may be left. Waits for a reading that is under way. NULL is allowed. */
void workspace_close(workspace *w);

/** The project's state that one request looks at: immutable, and there until it is released. */
typedef struct workspace_view workspace_view;

/**
 * `model`: NULL: the project's first, or none where there is none; "": none. USAGE: no such model;
 * what project_load() says. The first view of another model loads its predictions. Not to be called
 * by who holds workspace_lock_database(). At most once a second looks whether the project's files
 * changed; after workspace_changed() the view is of the new state.
 */
ASSAY_MUST_USE assay_code workspace_look(workspace *w, const char *model, workspace_view **out,
                                         assay_err *err);
/** NULL is allowed. */
void workspace_release(workspace_view *v);

/** The samples: with texts, tags, and the metrics of the predictions (margin and the like; those
 * measured against the label too, which are on_request). */
const frame *workspace_frame(const workspace_view *v);
uint64_t workspace_revision(const workspace_view *v);

/**
 * The order of each metric (an entry each; NULL where it is on_request), for selections that need
 * not be sorted then: evaluation_options.codes. Made when it is first asked for, and kept as long
 * as the columns: 6 bytes a row and metric. NOMEM. O(N) a metric.
 */
ASSAY_MUST_USE assay_code workspace_codes(const workspace_view *v, const metric_codes *const **out,
                                          assay_err *err);

/** Begin to make those of the first model beside the requests. workspace_close() waits for it. */
void workspace_prepare(workspace *w);

/** What the project holds beside its samples. Its own revision may be an older one: tagging does
 * not change the rest. */
const project_overview *workspace_overview(const workspace_view *v);
workspace *workspace_of(const workspace_view *v);

const char *workspace_path(const workspace *w);
int workspace_threads(const workspace *w);

/** Answers that are kept for the present revision: forgotten when the project changes, so that keys
 * need a revision only against a view that is older. Values may hold views. */
kept *workspace_answers(workspace *w);

/** The same for filters (server/filter.h). */
kept *workspace_filters(workspace *w);

/** Answers that do not depend on tags or decisions: forgotten when anything else of the project
 * changes. */
kept *workspace_lasting(workspace *w);

/** Something was written by this process: look again at the next request. */
void workspace_changed(workspace *w);

/** The same where nothing but tags and decisions was written, by a transaction that made revision
 * `after` of revision `before`: where nobody wrote anything else since, only they are read again.
 */
void workspace_tagged(workspace *w, uint64_t before, uint64_t after);

/**
 * Whoever opens the project's database in this process holds this meanwhile: its lock belongs to
 * the process, so that two openings at once would not see each other.
 */
void workspace_lock_database(workspace *w);
void workspace_unlock_database(workspace *w);

#endif
