#ifndef SERVER_DECISIONS_H
#define SERVER_DECISIONS_H

#include "server/workspace.h"

#include "store/project_decisions.h"

/** What was decided of labels, as of a view's revision or later: kept_value() is a decided_labels.
 * In use until kept_release(workspace_answers(w), …). Failures of project_read() and
 * project_read_decisions(). */
ASSAY_MUST_USE assay_code decisions_get(workspace *w, const workspace_view *v, kept_item **out,
                                        assay_err *err);

#endif
