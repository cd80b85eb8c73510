#ifndef STORE_WHERE_H
#define STORE_WHERE_H

#include "frame/frame.h"
#include "frame/selection.h"

/**
 * Rows of the frame for which an SQL condition is true. The condition sees one table whose columns
 * are: row (0-based position), label, prediction (class names), correct (boolean, NULL where either
 * is missing), confidence where there is one, id where the frame keeps it, every metric and every
 * attribute under its own name. It runs in an in-memory DuckDB that has no other data, no file or
 * network access and a locked configuration; it must be one expression; it is interrupted after
 * CONDITION_SECONDS_MOST seconds. USAGE: not a condition, an unknown column (the message lists
 * those there are), anything but an expression; LIMIT: too long, too slow, too much memory.
 */
ASSAY_MUST_USE assay_code where_select(const frame *f, const char *condition, int thread_count,
                                       selection *out, assay_err *err);

#endif
