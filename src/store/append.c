/* Rows into a table through DuckDB's appender, whole chunks at a time. */
#include "store/append.h"

#include <assert.h>
#include <string.h>

static assay_code append_fail(const append *a, assay_err *err)
{
    duckdb_error_data data = duckdb_appender_error_data(a->appender);
    const assay_code code = duck_fail(duckdb_error_data_error_type(data),
                                      duckdb_error_data_message(data), a->what, err);
    duckdb_destroy_error_data(&data);
    return code;
}

static void begin_chunk(append *a)
{
    a->rows = 0;
    for (size_t c = 0; c < a->column_count; c++) {
        a->vector[c] = duckdb_data_chunk_get_vector(a->chunk, c);
        duckdb_vector_ensure_validity_writable(a->vector[c]);
        a->at[c] = duckdb_vector_get_data(a->vector[c]);
        a->validity[c] = duckdb_vector_get_validity(a->vector[c]);
        memset(a->validity[c], 0xFF, (duckdb_vector_size() + 63) / 64 * sizeof(uint64_t));
    }
}

static assay_code make_chunk(append *a, assay_err *err)
{
    a->column_count = duckdb_appender_column_count(a->appender);
    assert(a->column_count <= APPEND_COLUMNS_MOST);
    duckdb_logical_type types[APPEND_COLUMNS_MOST];
    for (size_t c = 0; c < a->column_count; c++)
        types[c] = duckdb_appender_column_type(a->appender, c);
    a->chunk = duckdb_create_data_chunk(types, a->column_count);
    for (size_t c = 0; c < a->column_count; c++)
        duckdb_destroy_logical_type(&types[c]);
    if (!a->chunk)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", a->what);
    begin_chunk(a);
    return ASSAY_OK;
}

assay_code append_open(append *a, const duck *d, const char *table, const char *what,
                       assay_err *err)
{
    *a = (append){.what = what};
    if (duckdb_appender_create(d->connection, NULL, table, &a->appender) != DuckDBSuccess) {
        const assay_code code = append_fail(a, err);
        append_clear(a);
        return code;
    }
    return make_chunk(a, err);
}

void append_clear(append *a)
{
    if (a->chunk)
        duckdb_destroy_data_chunk(&a->chunk);
    if (a->appender)
        duckdb_appender_destroy(&a->appender);
    *a = (append){0};
}

void append_text(append *a, size_t column, const char *at, size_t length)
{
    duckdb_vector_assign_string_element_len(a->vector[column], a->rows, at, length);
    a->set |= 1u << column;
}

static void write_chunk(append *a)
{
    duckdb_data_chunk_set_size(a->chunk, a->rows);
    if (!a->broken && duckdb_append_data_chunk(a->appender, a->chunk) != DuckDBSuccess)
        a->broken = true;
    duckdb_data_chunk_reset(a->chunk);
    begin_chunk(a);
}

void append_row(append *a)
{
    for (size_t c = 0; c < a->column_count; c++) {
        if (!(a->set >> c & 1u))
            duckdb_validity_set_row_invalid(a->validity[c], a->rows);
    }
    a->set = 0;
    if (++a->rows == duckdb_vector_size())
        write_chunk(a);
}

assay_code append_finish(append *a, assay_err *err)
{
    if (a->rows > 0)
        write_chunk(a);
    if (a->broken || duckdb_appender_close(a->appender) != DuckDBSuccess)
        return append_fail(a, err);
    return ASSAY_OK;
}
