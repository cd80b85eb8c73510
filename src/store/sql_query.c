/* One statement of the user's that only reads, its answer as texts. DuckDB writes every value out
 * itself; how a table of them looks is somebody else's business. */
#include "store/sql_query.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/utf8.h"
#include "store/duck.h"
#include "store/watchdog.h"

#include <string.h>
#include <strings.h>

typedef struct query {
    const duck *duck;
    const char *sql;
    watchdog_limits limits;
    duckdb_prepared_statement statement;
    sql_column *column;
    size_t column_count;
    bool all_text;  /* the answer needs no wrapping to be read as texts */
    sql_cell *cell; /* column_count */
} query;

static void query_clear(query *q)
{
    duckdb_destroy_prepare(&q->statement);
    for (size_t i = 0; i < q->column_count; i++)
        mem_free(q->column[i].name);
    mem_free(q->column);
    mem_free(q->cell);
}
ASSAY_AUTO_CLEAR_DECLARE(query)

static assay_code explain(const query *q, duckdb_error_type type, const char *why, assay_err *err)
{
    const assay_code code = duck_fail(type, why, "sql", err);
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, ASSAY_E_LIMIT, "sql: needs more memory than it may use");
    if (code == ASSAY_E_CANCELLED)
        return assay_fail(err, ASSAY_E_LIMIT, "sql: gave no answer within %d second%s",
                          q->limits.seconds, q->limits.seconds == 1 ? "" : "s");
    if (err)
        err->code = ASSAY_E_USAGE;
    return ASSAY_E_USAGE;
}

assay_code sql_query_check(const char *sql, assay_err *err)
{
    const size_t length = strlen(sql);
    if (length > QUERY_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "sql: is %zu bytes long; at most %d are read", length,
                          QUERY_BYTES_MOST);
    if (utf8_valid(sql, length) != length)
        return assay_fail(err, ASSAY_E_USAGE, "sql: is not valid UTF-8");
    return ASSAY_OK;
}

static assay_code refuse_writing(assay_err *err)
{
    return assay_fail(err, ASSAY_E_USAGE,
                      "sql: only reads: SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN");
}

/* Of these DuckDB complains about the tables first. */
static bool begins_with_a_change(const char *sql)
{
    static const char *const words[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"};
    sql += strspn(sql, " \t\r\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t length = strlen(words[i]);
        if (strncasecmp(sql, words[i], length) == 0 && strchr(" \t\r\n", sql[length]))
            return true;
    }
    return false;
}

static assay_code check_statement(const query *q, assay_err *err)
{
    const duckdb_statement_type type = duckdb_prepared_statement_type(q->statement);
    if (type != DUCKDB_STATEMENT_TYPE_SELECT && type != DUCKDB_STATEMENT_TYPE_EXPLAIN)
        return refuse_writing(err);
    if (duckdb_nparams(q->statement) > 0)
        return assay_fail(err, ASSAY_E_USAGE, "sql: has a parameter, for which there is no value");
    return ASSAY_OK;
}

static assay_code prepare_extracted(query *q, duckdb_extracted_statements statements, idx_t count,
                                    assay_err *err)
{
    if (count == 0) {
        const char *why = duckdb_extract_statements_error(statements);
        return why ? explain(q, DUCKDB_ERROR_PARSER, why, err)
                   : assay_fail(err, ASSAY_E_USAGE, "sql: there is no statement");
    }
    if (count > 1)
        return assay_fail(err, ASSAY_E_USAGE,
                          "sql: there are %llu statements; one at a time is run",
                          (unsigned long long)count);
    if (duckdb_prepare_extracted_statement(q->duck->connection, statements, 0, &q->statement) !=
        DuckDBSuccess)
        return begins_with_a_change(q->sql)
                   ? refuse_writing(err)
                   : explain(q, DUCKDB_ERROR_INVALID, duckdb_prepare_error(q->statement), err);
    return check_statement(q, err);
}

static assay_code prepare(query *q, assay_err *err)
{
    duckdb_extracted_statements statements = NULL;
    const idx_t count = duckdb_extract_statements(q->duck->connection, q->sql, &statements);
    const assay_code code = prepare_extracted(q, statements, count, err);
    duckdb_destroy_extracted(&statements);
    return code;
}

static sql_kind kind_of(duckdb_type type)
{
    static const duckdb_type integers[] = {
        DUCKDB_TYPE_TINYINT,  DUCKDB_TYPE_SMALLINT,  DUCKDB_TYPE_INTEGER,  DUCKDB_TYPE_BIGINT,
        DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_USMALLINT, DUCKDB_TYPE_UINTEGER, DUCKDB_TYPE_UBIGINT,
        DUCKDB_TYPE_HUGEINT,  DUCKDB_TYPE_UHUGEINT,  DUCKDB_TYPE_BIGNUM,
    };
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        if (type == integers[i])
            return SQL_INTEGER;
    }
    return type == DUCKDB_TYPE_BOOLEAN                               ? SQL_BOOLEAN
           : type == DUCKDB_TYPE_DECIMAL                             ? SQL_DECIMAL
           : type == DUCKDB_TYPE_FLOAT || type == DUCKDB_TYPE_DOUBLE ? SQL_REAL
                                                                     : SQL_TEXT;
}

static assay_code take_columns(query *q, assay_err *err)
{
    const size_t count = duckdb_prepared_statement_column_count(q->statement);
    q->column = mem_zalloc(count, sizeof *q->column);
    q->cell = mem_zalloc(count, sizeof *q->cell);
    if (!q->column || !q->cell)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu columns", count);
    q->all_text = true;
    for (size_t i = 0; i < count; i++) {
        const char *name = duckdb_prepared_statement_column_name(q->statement, i);
        const duckdb_type type = duckdb_prepared_statement_column_type(q->statement, i);
        q->column[i].name = name ? mem_copy_text(name, strlen(name)) : mem_copy_text("", 0);
        duckdb_free((void *)(uintptr_t)name);
        if (!q->column[i].name)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu columns", count);
        q->column[i].kind = kind_of(type);
        q->all_text = q->all_text && type == DUCKDB_TYPE_VARCHAR;
        q->column_count = i + 1;
    }
    return ASSAY_OK;
}

/* The statement without the `;` that may end it. */
static size_t statement_length(const char *sql)
{
    size_t length = strlen(sql);
    while (length > 0 && strchr("; \t\r\n", sql[length - 1]))
        length--;
    return length;
}

/* SELECT c0::VARCHAR, … FROM (statement) AS t(c0, …): it was one statement by itself, so within the
 * parentheses it is the same one. The newline ends a comment at its end. */
static assay_code prepare_as_texts(query *q, assay_err *err)
{
    text sql;
    text_init(&sql, QUERY_BYTES_MOST + 64 * (q->column_count + 1));
    for (size_t i = 0; i < q->column_count; i++)
        text_printf(&sql, "%sCAST(c%zu AS VARCHAR)", i ? ", " : "SELECT ", i);
    text_puts(&sql, " FROM (");
    text_put(&sql, q->sql, statement_length(q->sql));
    text_puts(&sql, "\n) AS answer(");
    for (size_t i = 0; i < q->column_count; i++)
        text_printf(&sql, "%sc%zu", i ? ", " : "", i);
    text_puts(&sql, ")");
    duckdb_destroy_prepare(&q->statement);
    assay_code code = text_check(&sql, err);
    if (code == ASSAY_OK &&
        duckdb_prepare(q->duck->connection, text_view(&sql), &q->statement) != DuckDBSuccess)
        code = assay_fail(err, ASSAY_E_USAGE,
                          "sql: cannot be read as one query; leave out what follows its end");
    text_clear(&sql);
    return code;
}

static assay_code prepare_all(query *q, assay_err *err)
{
    ASSAY_TRY(prepare(q, err));
    ASSAY_TRY(take_columns(q, err));
    return q->all_text ? ASSAY_OK : prepare_as_texts(q, err);
}

static assay_code hand_over(query *q, duckdb_data_chunk chunk, const sql_options *options,
                            const sql_sink *sink, sql_notes *notes, assay_err *err)
{
    const idx_t rows = duckdb_data_chunk_get_size(chunk);
    for (idx_t row = 0; row < rows; row++) {
        if (options->row_most && notes->row_count == options->row_most) {
            notes->more = true;
            return ASSAY_OK;
        }
        for (size_t c = 0; c < q->column_count; c++) {
            duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
            duckdb_string_t *string = (duckdb_string_t *)duckdb_vector_get_data(vector) + row;
            uint64_t *validity = duckdb_vector_get_validity(vector);
            const bool is_null = validity && !duckdb_validity_row_is_valid(validity, row);
            q->cell[c] =
                is_null ? (sql_cell){0}
                        : (sql_cell){duckdb_string_t_data(string), duckdb_string_t_length(*string)};
        }
        ASSAY_TRY(sink->row(sink->context, q->cell, err));
        notes->row_count++;
    }
    return ASSAY_OK;
}

/* Only DuckDB's time counts, not the sink's: a pager may hold the answer as long as it likes. */
static duckdb_data_chunk fetch(const query *q, duckdb_result *result, assay_code *code,
                               assay_err *err)
{
    watchdog dog;
    *code = watchdog_start(&dog, q->duck->connection, &q->limits, err);
    if (*code != ASSAY_OK)
        return NULL;
    duckdb_data_chunk chunk = duckdb_fetch_chunk(*result);
    const bool late = watchdog_stop(&dog);
    const char *why = duckdb_result_error(result);
    if (!chunk && (why || late))
        *code = explain(q, late ? DUCKDB_ERROR_INTERRUPT : duckdb_result_error_type(result),
                        late ? "INTERRUPT" : why, err);
    return chunk;
}

static assay_code stream(query *q, duckdb_result *result, const sql_options *options,
                         const sql_sink *sink, sql_notes *notes, assay_err *err)
{
    ASSAY_TRY(sink->begin(sink->context, q->column, q->column_count, err));
    assay_code code = ASSAY_OK;
    while (code == ASSAY_OK && !notes->more) {
        duckdb_data_chunk chunk = fetch(q, result, &code, err);
        if (!chunk)
            break;
        code = hand_over(q, chunk, options, sink, notes, err);
        duckdb_destroy_data_chunk(&chunk);
    }
    return code;
}

/* Planning and the first part of running can take long too. */
static assay_code execute(query *q, duckdb_result *result, assay_err *err)
{
    watchdog dog;
    ASSAY_TRY(watchdog_start(&dog, q->duck->connection, &q->limits, err));
    assay_code code = prepare_all(q, err);
    if (code == ASSAY_OK &&
        duckdb_execute_prepared_streaming(q->statement, result) != DuckDBSuccess)
        code = explain(q, duckdb_result_error_type(result), duckdb_result_error(result), err);
    if (watchdog_stop(&dog) && code != ASSAY_OK)
        return explain(q, DUCKDB_ERROR_INTERRUPT, "INTERRUPT", err);
    return code;
}

static assay_code run(query *q, const sql_options *options, const sql_sink *sink, sql_notes *notes,
                      assay_err *err)
{
    duckdb_result result = {0};
    assay_code code = execute(q, &result, err);
    if (code == ASSAY_OK)
        code = stream(q, &result, options, sink, notes, err);
    duckdb_destroy_result(&result);
    return code;
}

assay_code sql_query_run(const duck *d, const char *sql, const sql_options *options,
                         const sql_sink *sink, sql_notes *notes, assay_err *err)
{
    *notes = (sql_notes){0};
    ASSAY_TRY(sql_query_check(sql, err));
    ASSAY_AUTO_CLEAR(query)
    q = {.duck = d,
         .sql = sql,
         .limits = {.what = "sql",
                    .seconds = options->seconds > 0 ? options->seconds : QUERY_SECONDS_MOST,
                    .give_up = options->give_up}};
    /* What slips through the kinds of statements (EXPLAIN ANALYZE DELETE …) is refused here. */
    ASSAY_TRY(duck_run(d, "BEGIN TRANSACTION READ ONLY", err));
    const assay_code code = run(&q, options, sink, notes, err);
    /* The statement ended or failed; either way nothing was written. */
    const assay_code ended = duck_run(d, "ROLLBACK", code == ASSAY_OK ? err : NULL);
    return code == ASSAY_OK ? ended : code;
}
