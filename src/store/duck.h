#ifndef STORE_DUCK_H
#define STORE_DUCK_H

#include "assay/err.h"

#include <duckdb.h>
#include <stdbool.h>

/* DuckDB, held short: no extensions fetched, nothing written to disk but the database that is
 * named. */

typedef struct duck {
    duckdb_database database;
    duckdb_connection connection;
} duck;

typedef struct duck_options {
    int thread_count;
    int memory_mib;   /* 0: three fifths of the machine's memory */
    bool no_files;    /* no access to files or the network at all, but to `path` */
    const char *path; /* of a database; NULL: in memory */
    bool read_only;   /* the database is not written */
} duck_options;

/** CONFLICT: another process holds the database; the message is DuckDB's. */
ASSAY_MUST_USE assay_code duck_open(duck *d, const duck_options *options, assay_err *err);
void duck_close(duck *d);

/** Let an open database hold at most so much memory, and forget what it cached above that; 0: as
 * duck_open() does by itself. */
ASSAY_MUST_USE assay_code duck_limit_memory(const duck *d, int mib, assay_err *err);

/** Prepare one statement. `what` begins the message of a failure. */
ASSAY_MUST_USE assay_code duck_prepare(const duck *d, const char *sql, const char *what,
                                       duckdb_prepared_statement *out, assay_err *err);

/** Run a constant statement without a result. */
ASSAY_MUST_USE assay_code duck_run(const duck *d, const char *sql, assay_err *err);

/** An error of DuckDB in our words: "what: reason", one line, no paths of ours, no SQL. IO: it
 * could not write ("what: cannot be written: reason"). `text` may be NULL. */
assay_code duck_fail(duckdb_error_type type, const char *text, const char *what, assay_err *err);

/** The name, in DuckDB's own words, of a column that a statement asks for and that is not there;
 * *length its bytes. NULL: they say nothing of such a column. */
const char *duck_unknown_column(const char *text, size_t *length);

#endif
