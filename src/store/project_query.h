#ifndef STORE_PROJECT_QUERY_H
#define STORE_PROJECT_QUERY_H

#include "store/project_load.h"
#include "store/sql_query.h"

/**
 * sql_query_run() over a project: the table `samples`, which holds its frame's columns as
 * conditions see them (store/where.h), and beside it the project's own tables (docs/project.md), in
 * a database that can neither be written nor reach anything else. What the statement does not name
 * is not read: the frame is loaded as `request` says where it names `samples`, or no table at all,
 * or where the request names a model; the project is held open, so that writers wait, only where
 * it names another table than `samples`.
 *
 * What project_load(), project_read() and sql_query_run() say.
 */
ASSAY_MUST_USE assay_code project_query_run(const project_load_request *request, const char *sql,
                                            const sql_options *options, const sql_sink *sink,
                                            sql_notes *notes, assay_err *err);

#endif
