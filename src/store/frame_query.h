#ifndef STORE_FRAME_QUERY_H
#define STORE_FRAME_QUERY_H

#include "frame/frame.h"
#include "store/sql_query.h"

/**
 * sql_query_run() over a table `samples` that holds the frame's columns as conditions see them
 * (store/where.h), in a DuckDB of its own that can reach nothing else. The frame is borrowed.
 */
ASSAY_MUST_USE assay_code frame_query_run(const frame *f, const char *sql,
                                          const sql_options *options, const sql_sink *sink,
                                          sql_notes *notes, assay_err *err);

#endif
