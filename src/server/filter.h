#ifndef SERVER_FILTER_H
#define SERVER_FILTER_H

#include "server/workspace.h"

/** What the page looks at: a Filter of docs/workbench.schema.json, resolved against a view. */
typedef struct filter filter;

/**
 * The request's `filter` (or `value`, where a body holds one), its view and its samples: computed
 * once and kept in a bounded cache of the workspace. USAGE: not a Filter, an unknown metric, class,
 * tag …; for an SQL condition at fault the reply's field and position are set. Free with
 * filter_release(), which also releases the view.
 */
ASSAY_MUST_USE assay_code filter_of_request(workspace *w, const request *q, filter **out,
                                            reply *failed, assay_err *err);
ASSAY_MUST_USE assay_code filter_of_json(workspace *w, const json_t *value, filter **out,
                                         reply *failed, assay_err *err);
void filter_release(filter *f);

const workspace_view *filter_view(const filter *f);
const frame *filter_frame(const filter *f);
const selection *filter_rows(const filter *f); /* without the classes: those are only shown */
const bool *filter_shown(const filter *f);     /* class_count flags; NULL: all */
/** A text that is equal for equal filters of the same revision: a key for caches. */
const char *filter_key(const filter *f);

#endif
