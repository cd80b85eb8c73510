/* The rows of a Parquet file into a table: by all of DuckDB's threads at once, each row at its
 * place, or in the order of the file. */
#include "store/parquet_parts.h"

#include "base/threads.h"
#include "store/query.h"
#include "store/vectors.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

assay_code parquet_out_of_memory(const parquet *p, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", p->request->path);
}

/* An identifier in quotes, the quotes in it doubled: the only place where a name becomes SQL. */
static void put_identifier(text *sql, const char *name)
{
    assert(name);
    text_puts(sql, "\"");
    for (; *name; name++)
        text_put(sql, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    text_puts(sql, "\"");
}

void parquet_put_column(text *sql, size_t begin, const char *name, bool list, bool number)
{
    text_puts(sql, sql->length > begin ? ", CAST(" : "CAST(");
    put_identifier(sql, name);
    text_puts(sql, list ? " AS VARCHAR[])" : number ? " AS DOUBLE)" : " AS VARCHAR)");
}

assay_code parquet_start(const parquet *p, text *sql, duckdb_result *result, assay_err *err)
{
    ASSAY_TRY(text_check(sql, err));
    duckdb_prepared_statement statement;
    ASSAY_TRY(duck_prepare(&p->db, text_view(sql), p->request->path, &statement, err));
    assay_code code = ASSAY_OK;
    if (duckdb_execute_prepared_streaming(statement, result) != DuckDBSuccess) {
        code = duck_fail(duckdb_result_error_type(result), duckdb_result_error(result),
                         p->request->path, err);
        duckdb_destroy_result(result);
    }
    duckdb_destroy_prepare(&statement);
    return code;
}

static bool is_number(const table_column *c)
{
    const bool takes =
        c->role == ROLE_CONFIDENCE || c->role == ROLE_METRIC || c->role == ROLE_PROBABILITY;
    return takes && c->kind == KIND_NUMBER;
}

static bool is_list(const table_column *c)
{
    return c->role == ROLE_TOP_LABELS || c->role == ROLE_TOP_PROBABILITIES;
}

/* The wanted columns of a table, as a query lists them. */
typedef struct wanted_columns {
    size_t *at;
    size_t count;
} wanted_columns;

static assay_code want_columns(const parquet *p, const table *t, wanted_columns *out,
                               assay_err *err)
{
    out->count = 0;
    out->at = mem_alloc(t->column_count, sizeof *out->at);
    if (!out->at)
        return parquet_out_of_memory(p, err);
    for (size_t i = 0; i < t->column_count; i++) {
        if (table_wants(&t->column[i]))
            out->at[out->count++] = i;
    }
    return ASSAY_OK;
}

static void put_wanted(text *sql, const table *t, const wanted_columns *wanted)
{
    const size_t begin = sql->length;
    for (size_t i = 0; i < wanted->count; i++) {
        const table_column *c = &t->column[wanted->at[i]];
        parquet_put_column(sql, begin, c->name, is_list(c), is_number(c));
    }
}

static assay_code put_chunk(vector_reader *reader, duckdb_data_chunk chunk,
                            const wanted_columns *wanted, assay_err *err)
{
    table *t = reader->part->into;
    const size_t rows = duckdb_data_chunk_get_size(chunk);
    ASSAY_TRY(table_reserve(t, t->row_count + rows, err));
    reader->part->first_row = t->row_count;
    for (size_t c = 0; c < wanted->count; c++) {
        if (table_wants(&t->column[wanted->at[c]]))
            ASSAY_TRY(vector_put(reader, wanted->at[c], duckdb_data_chunk_get_vector(chunk, c),
                                 rows, err));
    }
    t->row_count += rows;
    return table_settle(reader->part, err);
}

/* As the file's own summary has it. */
static assay_code count_rows(const parquet *p, uint64_t *out, assay_err *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", p->from);
    return query_number(&p->db, sql, p->request->path, out, err);
}

static assay_code stream(const parquet *p, table *t, const wanted_columns *wanted,
                         uint64_t expected, duckdb_result *result, assay_err *err)
{
    vector_reader *reader;
    ASSAY_TRY(vector_reader_new(t, &reader, err));
    assay_code code = ASSAY_OK;
    duckdb_data_chunk chunk;
    while (code == ASSAY_OK && (chunk = duckdb_fetch_chunk(*result))) {
        code = put_chunk(reader, chunk, wanted, err);
        if (code == ASSAY_OK)
            code = table_tell(t, expected, err);
        duckdb_destroy_data_chunk(&chunk);
    }
    const char *why = duckdb_result_error(result);
    if (code == ASSAY_OK && why)
        code = duck_fail(duckdb_result_error_type(result), why, p->request->path, err);
    vector_reader_free(reader);
    return code;
}

static assay_code read_in_order(const parquet *p, table *t, const wanted_columns *wanted,
                                assay_err *err)
{
    text sql;
    text_init(&sql, PARQUET_SQL_BYTES_MOST);
    text_puts(&sql, "SELECT ");
    put_wanted(&sql, t, wanted);
    if (wanted->count == 0) /* only how many rows there are matters */
        text_puts(&sql, "1.0::DOUBLE");
    text_printf(&sql, " FROM %s", p->from);
    duckdb_result result = {0};
    uint64_t expected = 0;
    assay_code code = p->request->progress ? count_rows(p, &expected, err) : ASSAY_OK;
    if (code == ASSAY_OK)
        code = parquet_start(p, &sql, &result, err);
    text_clear(&sql);
    ASSAY_TRY(code);
    code = stream(p, t, wanted, expected, &result, err);
    duckdb_destroy_result(&result);
    return code;
}

/* What DuckDB's threads share while they put rows. Dictionaries are read by all of them, and grow
 * while none reads. */
typedef struct rows_taking {
    table *into;
    const wanted_columns *wanted;
    pthread_rwlock_t dictionaries;
    pthread_mutex_t lock; /* of what follows */
    vector_reader *idle[THREADS_MOST];
    size_t idle_count;
    size_t rows_put;
    bool short_of_memory;
} rows_taking;

static vector_reader *borrow_reader(rows_taking *r)
{
    vector_reader *reader = NULL;
    pthread_mutex_lock(&r->lock);
    if (r->idle_count > 0)
        reader = r->idle[--r->idle_count];
    pthread_mutex_unlock(&r->lock);
    if (!reader && vector_reader_new(r->into, &reader, NULL) != ASSAY_OK)
        return NULL;
    return reader;
}

/* `reader` may be NULL: there was no memory for one. */
static void return_reader(rows_taking *r, vector_reader *reader, size_t rows, assay_code code)
{
    pthread_mutex_lock(&r->lock);
    r->rows_put += rows;
    r->short_of_memory |= code == ASSAY_E_NOMEM;
    const bool room = r->idle_count < THREADS_MOST;
    if (reader && room)
        r->idle[r->idle_count++] = reader;
    pthread_mutex_unlock(&r->lock);
    if (!room)
        vector_reader_free(reader);
}

/* Where in the file the rows of a chunk stand: they must follow each other and be expected. */
static bool find_place(const table *t, duckdb_data_chunk chunk, size_t rows, size_t *first)
{
    const vector_view v = vector_view_of(duckdb_data_chunk_get_vector(chunk, 0));
    const int64_t *number = v.data;
    if (v.validity || number[0] < 0 || (uint64_t)number[0] > t->row_room ||
        rows > t->row_room - (size_t)number[0])
        return false;
    for (size_t i = 1; i < rows; i++) {
        if (number[i] != number[0] + (int64_t)i)
            return false;
    }
    *first = (size_t)number[0];
    return true;
}

static assay_code put_vectors(rows_taking *r, vector_reader *reader, duckdb_data_chunk chunk,
                              size_t rows)
{
    for (size_t c = 0; c < r->wanted->count; c++) {
        const size_t column = r->wanted->at[c];
        if (table_wants(&r->into->column[column]))
            ASSAY_TRY(
                vector_put(reader, column, duckdb_data_chunk_get_vector(chunk, c + 1), rows, NULL));
    }
    return ASSAY_OK;
}

static assay_code put_rows(rows_taking *r, vector_reader *reader, duckdb_data_chunk chunk,
                           size_t rows)
{
    table_part *const part = reader->part;
    if (!find_place(r->into, chunk, rows, &part->first_row))
        return ASSAY_E_INPUT;
    pthread_rwlock_rdlock(&r->dictionaries);
    const assay_code code = put_vectors(r, reader, chunk, rows);
    pthread_rwlock_unlock(&r->dictionaries);
    if (code != ASSAY_OK || (part->pending_count == 0 && part->not_finite.count == 0))
        return code;
    pthread_rwlock_wrlock(&r->dictionaries);
    const assay_code settled = table_settle(part, NULL);
    pthread_rwlock_unlock(&r->dictionaries);
    return settled;
}

/* Called by DuckDB with the rows that one of its threads has read. What is wrong with them is found
 * again in order. */
static void take_rows(duckdb_function_info info, duckdb_data_chunk chunk, duckdb_vector output)
{
    rows_taking *const r = duckdb_scalar_function_get_extra_info(info);
    const size_t rows = duckdb_data_chunk_get_size(chunk);
    memset(duckdb_vector_get_data(output), 0, rows * sizeof(bool));
    if (rows == 0)
        return;
    vector_reader *const reader = borrow_reader(r);
    const assay_code code = reader ? put_rows(r, reader, chunk, rows) : ASSAY_E_NOMEM;
    return_reader(r, reader, rows, code);
    if (code != ASSAY_OK)
        duckdb_scalar_function_set_error(info, "rows that cannot be taken");
}

static void add_parameter(duckdb_scalar_function function, duckdb_type type, bool list)
{
    duckdb_logical_type logical = duckdb_create_logical_type(type);
    if (list) {
        duckdb_logical_type child = logical;
        logical = duckdb_create_list_type(child);
        duckdb_destroy_logical_type(&child);
    }
    duckdb_scalar_function_add_parameter(function, logical);
    duckdb_destroy_logical_type(&logical);
}

#define TAKE_ROWS "assay_take_rows"

/* Its first argument is the row's number, the others are the wanted columns. */
static assay_code register_function(const parquet *p, rows_taking *r, assay_err *err)
{
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(function, TAKE_ROWS);
    add_parameter(function, DUCKDB_TYPE_BIGINT, false);
    for (size_t i = 0; i < r->wanted->count; i++) {
        const table_column *c = &r->into->column[r->wanted->at[i]];
        add_parameter(function, is_number(c) ? DUCKDB_TYPE_DOUBLE : DUCKDB_TYPE_VARCHAR,
                      is_list(c));
    }
    duckdb_logical_type taken = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    duckdb_scalar_function_set_return_type(function, taken);
    duckdb_destroy_logical_type(&taken);
    duckdb_scalar_function_set_special_handling(function); /* rows with NULL are rows, too */
    duckdb_scalar_function_set_volatile(function);
    duckdb_scalar_function_set_extra_info(function, r, NULL);
    duckdb_scalar_function_set_function(function, take_rows);
    const duckdb_state state = duckdb_register_scalar_function(p->db.connection, function);
    duckdb_destroy_scalar_function(&function);
    return state == DuckDBSuccess
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_INTERNAL, "DuckDB takes no function for rows");
}

static assay_code run_taking(const parquet *p, rows_taking *r, assay_err *err)
{
    ASSAY_TRY(register_function(p, r, err));
    text sql;
    text_init(&sql, PARQUET_SQL_BYTES_MOST);
    text_puts(&sql, "SELECT max(" TAKE_ROWS "(file_row_number, ");
    put_wanted(&sql, r->into, r->wanted);
    text_printf(&sql,
                ")) FROM read_parquet('/proc/self/fd/%d', binary_as_string=true, "
                "file_row_number=true)",
                p->fd);
    assay_code code = text_check(&sql, err);
    duckdb_result result = {0};
    if (code == ASSAY_OK &&
        duckdb_query(p->db.connection, text_view(&sql), &result) != DuckDBSuccess)
        code = duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result),
                         p->request->path, err);
    duckdb_destroy_result(&result);
    text_clear(&sql);
    return code;
}

static assay_code take_all(const parquet *p, rows_taking *r, assay_err *err)
{
    uint64_t rows;
    ASSAY_TRY(count_rows(p, &rows, err));
    ASSAY_TRY(table_reserve(r->into, rows, err));
    const assay_code code = run_taking(p, r, err);
    for (size_t i = 0; i < r->idle_count; i++)
        vector_reader_free(r->idle[i]);
    if (r->short_of_memory)
        return parquet_out_of_memory(p, err);
    ASSAY_TRY(code);
    if (r->rows_put != rows)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has %zu rows, and says %" PRIu64,
                          p->request->path, r->rows_put, rows);
    r->into->row_count = rows;
    return table_renumber(r->into, err);
}

static assay_code read_at_once(const parquet *p, table *t, const wanted_columns *wanted,
                               assay_err *err)
{
    rows_taking *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return parquet_out_of_memory(p, err);
    r->into = t;
    r->wanted = wanted;
    pthread_rwlock_init(&r->dictionaries, NULL);
    pthread_mutex_init(&r->lock, NULL);
    const assay_code code = take_all(p, r, err);
    pthread_mutex_destroy(&r->lock);
    pthread_rwlock_destroy(&r->dictionaries);
    mem_free(r);
    return code;
}

static assay_code start_table(const parquet *p, table *t, assay_err *err)
{
    const column_list list = {p->column, p->count, &p->label_values};
    return table_init(t, p->request, "Parquet", &list, err);
}

static assay_code read_wanted(const parquet *p, table *t, const wanted_columns *wanted,
                              assay_err *err)
{
    if (wanted->count == 0 || t->keep_ids || t->shape == SHAPE_LONG)
        return read_in_order(p, t, wanted, err);
    assay_err why = {0};
    const assay_code code = read_at_once(p, t, wanted, &why);
    if (code == ASSAY_OK)
        return ASSAY_OK;
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, code, "%s", why.msg);
    table_clear(t);
    ASSAY_TRY(start_table(p, t, err));
    return read_in_order(p, t, wanted, err);
}

assay_code parquet_read_rows(const parquet *p, table *t, assay_err *err)
{
    ASSAY_TRY(start_table(p, t, err));
    wanted_columns wanted;
    ASSAY_TRY(want_columns(p, t, &wanted, err));
    const assay_code code = read_wanted(p, t, &wanted, err);
    mem_free(wanted.at);
    return code;
}
