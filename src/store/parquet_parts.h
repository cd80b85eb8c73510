#ifndef STORE_PARQUET_PARTS_H
#define STORE_PARQUET_PARTS_H

#include "base/text.h"
#include "store/duck.h"
#include "store/text_table.h"

/* What the files that read Parquet share: import_parquet.c finds out what the columns are,
 * parquet_rows.c reads them. */

enum { PARQUET_SQL_BYTES_MOST = 64 << 20 };

typedef struct parquet {
    const import_request *request;
    duck db;
    char from[64]; /* the table function on our descriptor */
    int fd;
    column_facts *column;
    column_sample *sample;
    size_t count;
    dictionary label_values;
    list_items items;
} parquet;

/** NOMEM, with the file's name. */
assay_code parquet_out_of_memory(const parquet *p, assay_err *err);

/** A column cast to text, or else to a number or to a list of texts; behind a comma where `sql`
 * holds more than its first `begin` bytes. */
void parquet_put_column(text *sql, size_t begin, const char *name, bool list, bool number);

/** Run a query whose rows are then fetched one chunk after the other. Failures of duck_prepare(),
 * duck_fail(). */
ASSAY_MUST_USE assay_code parquet_start(const parquet *p, text *sql, duckdb_result *result,
                                        assay_err *err);

/**
 * Recognise the columns and read the wanted ones of every row into a fresh table: all of DuckDB's
 * threads put what they read at its place. Where that fails, and where the order in which rows come
 * matters (ids that are kept, the long form), one row after the other, so that a failure is the
 * first of the file. Failures of table_init(), table_put().
 */
ASSAY_MUST_USE assay_code parquet_read_rows(const parquet *p, table *t, assay_err *err);

#endif
