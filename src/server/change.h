#ifndef SERVER_CHANGE_H
#define SERVER_CHANGE_H

#include "server/workspace.h"

#include "store/project_folder.h"

/** A change in the open transaction; *changed counts what is otherwise than before. */
typedef assay_code change_function(void *context, const duck *db, size_t *changed, assay_err *err);

/**
 * Change tags or decisions of the project in one transaction, and answer with a Changed
 * (docs/workbench.schema.json), also while a job writes. What changes nothing makes no revision.
 * CONFLICT: another process has had the database open for some seconds (the message says which);
 * failures of `change`; IO, NOMEM.
 */
ASSAY_MUST_USE assay_code change_project(workspace *w, change_function *change, void *context,
                                         reply *out, assay_err *err);

#endif
