#ifndef STORE_SQL_QUERY_H
#define STORE_SQL_QUERY_H

#include "assay/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duck;

/** What the values of a column are, for writers that part numbers from texts. */
typedef enum sql_kind {
    SQL_TEXT,    /* also dates, times, blobs, lists, structs … as DuckDB writes them */
    SQL_BOOLEAN, /* "true" or "false" */
    SQL_INTEGER, /* of up to 128 bits */
    SQL_DECIMAL, /* up to 38 exact digits */
    SQL_REAL,    /* reads back to the same bits; "nan", "inf", "-inf" */
} sql_kind;

typedef struct sql_column {
    char *name; /* two columns may have the same */
    sql_kind kind;
} sql_column;

/** One value as text; `at` is NULL for NULL. Not terminated. */
typedef struct sql_cell {
    const char *at;
    size_t length;
} sql_cell;

/** Who is told of the answer, in order. What is handed over is borrowed for the call; a failure
 * ends the query and is passed on. */
typedef struct sql_sink {
    void *context;
    assay_code (*begin)(void *context, const sql_column *column, size_t count, assay_err *err);
    assay_code (*row)(void *context, const sql_cell *cell, assay_err *err);
} sql_sink;

typedef struct sql_options {
    int thread_count;  /* of frame_query_run(); sql_query_run() takes what its DuckDB has */
    int seconds;       /* until the next rows must come; 0: QUERY_SECONDS_MOST */
    uint64_t row_most; /* rows that are handed over; 0: all */
    void (*give_up)(const char *why); /* as in where_options */
} sql_options;

typedef struct sql_notes {
    uint64_t row_count; /* handed over */
    bool more;          /* there were more than row_most */
    bool wants_a_model; /* it failed: it asks for what a model said, and none is chosen */
} sql_notes;

/** LIMIT: the text is too long; USAGE: it is not UTF-8. Whatever else asks DuckDB of it comes after
 * this. */
ASSAY_MUST_USE assay_code sql_query_check(const char *sql, assay_err *err);

/**
 * Run one statement that only reads (SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE,
 * EXPLAIN) and hand its answer over row by row, in the answer's order. It runs in a transaction
 * that refuses to write; who opens `d` decides what it may reach: nothing but its tables, so it
 * must be opened without access to files (no_files). The connection must not be within a
 * transaction.
 *
 * USAGE: no statement, more than one, one that does not only read, one with parameters, whatever
 * DuckDB refuses; LIMIT: too long, too slow, too much memory; NOMEM; what the sink says.
 */
ASSAY_MUST_USE assay_code sql_query_run(const struct duck *d, const char *sql,
                                        const sql_options *options, const sql_sink *sink,
                                        sql_notes *notes, assay_err *err);

#endif
