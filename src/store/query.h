#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "store/duck.h"

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/** A constant statement that is read a chunk at a time. Zeroed is valid and clearable. */
typedef struct query {
    duckdb_prepared_statement statement;
    duckdb_result result;
    bool has_result, ended;
    duckdb_data_chunk chunk;
    const char *what; /* begins the message of a failure; borrowed */
} query;

/** Prepare `sql` on an open database. `what` (for messages) stays borrowed. */
ASSAY_MUST_USE assay_code query_prepare(query *q, const duck *d, const char *sql, const char *what,
                                        assay_err *err);
void query_clear(query *q);
ASSAY_AUTO_CLEAR_DECLARE(query)

/** Bind a parameter, 1 and up, before the first query_next(). */
ASSAY_MUST_USE assay_code query_bind_count(query *q, size_t parameter, uint64_t value,
                                           assay_err *err);
ASSAY_MUST_USE assay_code query_bind_text(query *q, size_t parameter, const char *at, size_t length,
                                          assay_err *err);
ASSAY_MUST_USE assay_code query_bind_blob(query *q, size_t parameter, const void *at, size_t length,
                                          assay_err *err);
ASSAY_MUST_USE assay_code query_bind_null(query *q, size_t parameter, assay_err *err);

/** The next chunk's rows, 0 after the last. The chunk before is gone. */
ASSAY_MUST_USE assay_code query_next(query *q, size_t *rows, assay_err *err);

/** A column of the chunk: values of the column's own type. */
typedef struct query_column {
    const void *at;
    const uint64_t *validity; /* NULL: every value is there */
} query_column;
query_column query_get(const query *q, size_t column);

static inline bool query_is_null(const query_column *c, size_t row)
{
    return c->validity && !(c->validity[row / 64] >> (row % 64) & 1u);
}

/** A VARCHAR or BLOB of a column; a view into the chunk. */
const char *query_text(const query_column *c, size_t row, size_t *length);

/** Run to the end, for a statement without a result. */
ASSAY_MUST_USE assay_code query_run(query *q, assay_err *err);

/** The one number that a statement without parameters gives (0 where it is NULL or has no row). */
ASSAY_MUST_USE assay_code query_number(const duck *d, const char *sql, const char *what,
                                       uint64_t *out, assay_err *err);

#endif
