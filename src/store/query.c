/* Reads the results of constant statements, a chunk at a time. */
#include "store/query.h"

#include <string.h>

assay_code query_prepare(query *q, const duck *d, const char *sql, const char *what, assay_err *err)
{
    *q = (query){.what = what};
    return duck_prepare(d, sql, what, &q->statement, err);
}

void query_clear(query *q)
{
    if (q->chunk)
        duckdb_destroy_data_chunk(&q->chunk);
    /* A stream that is left in its middle keeps its transaction open, and what is made afterwards
     * (a table function) is not seen in it. */
    while (q->has_result && !q->ended) {
        q->chunk = duckdb_fetch_chunk(q->result);
        q->ended = !q->chunk;
        if (q->chunk)
            duckdb_destroy_data_chunk(&q->chunk);
    }
    if (q->has_result)
        duckdb_destroy_result(&q->result);
    if (q->statement)
        duckdb_destroy_prepare(&q->statement);
    *q = (query){0};
}

static assay_code check_bind(const query *q, duckdb_state state, assay_err *err)
{
    return state == DuckDBSuccess ? ASSAY_OK
                                  : assay_fail(err, ASSAY_E_INTERNAL,
                                               "%s: a value does not fit its parameter", q->what);
}

assay_code query_bind_count(query *q, size_t parameter, uint64_t value, assay_err *err)
{
    return check_bind(q, duckdb_bind_uint64(q->statement, parameter, value), err);
}

assay_code query_bind_text(query *q, size_t parameter, const char *at, size_t length,
                           assay_err *err)
{
    return check_bind(q, duckdb_bind_varchar_length(q->statement, parameter, at, length), err);
}

assay_code query_bind_blob(query *q, size_t parameter, const void *at, size_t length,
                           assay_err *err)
{
    return check_bind(q, duckdb_bind_blob(q->statement, parameter, at, length), err);
}

assay_code query_bind_null(query *q, size_t parameter, assay_err *err)
{
    return check_bind(q, duckdb_bind_null(q->statement, parameter), err);
}

static assay_code execute(query *q, assay_err *err)
{
    q->has_result = true;
    if (duckdb_execute_prepared_streaming(q->statement, &q->result) == DuckDBSuccess)
        return ASSAY_OK;
    q->ended = true;
    return duck_fail(duckdb_result_error_type(&q->result), duckdb_result_error(&q->result), q->what,
                     err);
}

assay_code query_next(query *q, size_t *rows, assay_err *err)
{
    *rows = 0;
    if (!q->has_result)
        ASSAY_TRY(execute(q, err));
    if (q->chunk)
        duckdb_destroy_data_chunk(&q->chunk);
    q->chunk = duckdb_fetch_chunk(q->result);
    if (q->chunk) {
        *rows = duckdb_data_chunk_get_size(q->chunk);
        return ASSAY_OK;
    }
    q->ended = true;
    const char *why = duckdb_result_error(&q->result);
    return why ? duck_fail(duckdb_result_error_type(&q->result), why, q->what, err) : ASSAY_OK;
}

query_column query_get(const query *q, size_t column)
{
    duckdb_vector vector = duckdb_data_chunk_get_vector(q->chunk, column);
    return (query_column){duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
}

const char *query_text(const query_column *c, size_t row, size_t *length)
{
    const duckdb_string_t *text = (const duckdb_string_t *)c->at + row;
    *length = duckdb_string_t_length(*text);
    return duckdb_string_is_inlined(*text) ? text->value.inlined.inlined : text->value.pointer.ptr;
}

assay_code query_run(query *q, assay_err *err)
{
    size_t rows = 0;
    do {
        ASSAY_TRY(query_next(q, &rows, err));
    } while (rows > 0);
    return ASSAY_OK;
}

static uint64_t first_number(const query *q)
{
    const query_column c = query_get(q, 0);
    if (query_is_null(&c, 0))
        return 0;
    uint64_t value;
    memcpy(&value, c.at, sizeof value);
    return value;
}

assay_code query_number(const duck *d, const char *sql, const char *what, uint64_t *out,
                        assay_err *err)
{
    *out = 0;
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, what, err));
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(q.statement, 0);
    const duckdb_type id = duckdb_get_type_id(type);
    duckdb_destroy_logical_type(&type);
    if (id != DUCKDB_TYPE_BIGINT && id != DUCKDB_TYPE_UBIGINT)
        return assay_fail(err, ASSAY_E_INTERNAL, "%s: the statement gives no number of 64 bits",
                          what);
    size_t rows = 0;
    ASSAY_TRY(query_next(&q, &rows, err));
    if (rows > 0)
        *out = first_number(&q);
    /* An answer that is not read to its end leaves a transaction open, and what is registered on
     * the connection meanwhile is forgotten with it. */
    return query_run(&q, err);
}
