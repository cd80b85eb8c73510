#ifndef STORE_FRAME_QUERY_H
#define STORE_FRAME_QUERY_H

#include "frame/frame.h"
#include "store/duck.h"
#include "store/sql_query.h"

/** A statement, and who is told of its answer. Borrowed. */
typedef struct frame_query {
    const char *sql;
    const sql_options *options;
    const sql_sink *sink;
    sql_notes *notes; /* filled */
} frame_query;

/**
 * sql_query_run() with a table `samples` that holds the frame's columns beside what `d` has, whose
 * settings stay as they are from then on. f NULL: without it. The frame is borrowed.
 */
ASSAY_MUST_USE assay_code frame_query_beside(const duck *d, const frame *f, const frame_query *q,
                                             assay_err *err);

/**
 * sql_query_run() over a table `samples` that holds the frame's columns as conditions see them
 * (store/where.h), in a DuckDB of its own that can reach nothing else. The frame is borrowed.
 */
ASSAY_MUST_USE assay_code frame_query_run(const frame *f, const char *sql,
                                          const sql_options *options, const sql_sink *sink,
                                          sql_notes *notes, assay_err *err);

#endif
