#ifndef STORE_VECTORS_H
#define STORE_VECTORS_H

#include "store/duck.h"
#include "store/table.h"

/** One column of a chunk that DuckDB hands out: texts, doubles or lists of texts. */
typedef struct vector_view {
    duckdb_type type;
    void *data;
    const uint64_t *validity;
    duckdb_string_t *child; /* of a list */
    const uint64_t *child_validity;
} vector_view;

vector_view vector_view_of(duckdb_vector vector);

/** One value; a list goes into `items`. NOMEM, LIMIT. */
ASSAY_MUST_USE assay_code vector_cell(const vector_view *v, size_t row, list_items *items,
                                      cell *out, assay_err *err);

/** Puts vectors into a table, the frequent kinds quickly. */
typedef struct vector_reader {
    table_part *part;
    list_items items;
    struct inline_codes *codes; /* short texts that lately had a class */
} vector_reader;

ASSAY_MUST_USE assay_code vector_reader_new(table *t, vector_reader **out, assay_err *err);
void vector_reader_free(vector_reader *r);

/** The rows of a vector as rows of a column of the table from the part's `first_row` on; the table
 * has room for them. Failures of table_put(). */
ASSAY_MUST_USE assay_code vector_put(vector_reader *r, size_t column, duckdb_vector vector,
                                     size_t rows, assay_err *err);

#endif
