#ifndef SERVER_FILTER_H
#define SERVER_FILTER_H

#include "server/workspace.h"

/** What the page looks at: a Filter of docs/workbench.schema.json, resolved against a view. */
typedef struct filter filter;

/**
 * The request's `filter` (or `value`, where a body holds one; NULL: no filter), its view and its
 * samples: computed once and kept in a bounded cache of the workspace. USAGE: not a Filter, an
 * unknown metric, class, tag …, which the message names; for an SQL condition at fault the reply's
 * field and position are set. What workspace_look() and where_select_apart() say. Free with
 * filter_release(), which also releases the view. O(N) a range, split, tag or attribute, on all
 * threads.
 */
ASSAY_MUST_USE assay_code filter_of_request(workspace *w, const request *q, filter **out,
                                            reply *failed, assay_err *err);
ASSAY_MUST_USE assay_code filter_of_json(workspace *w, const json_t *value, filter **out,
                                         reply *failed, assay_err *err);
/** NULL is allowed. */
void filter_release(filter *f);

const workspace_view *filter_view(const filter *f);
const frame *filter_frame(const filter *f);
const selection *filter_rows(const filter *f); /* without the classes: those are only shown */
size_t filter_count(const filter *f);          /* of those rows */
const bool *filter_shown(const filter *f);     /* class_count flags; NULL: all */
size_t filter_shown_count(const filter *f);    /* of classes; class_count where all are */

/** A text that is equal for equal filters of the same revision: a key for caches. */
const char *filter_key(const filter *f);

/** The SQL condition; NULL: none. */
const char *filter_where(const filter *f);

#endif
