/* Parquet through DuckDB: only the wanted columns are read, each cast to text, a number or a list
 * of texts, in the order of the file. */
#include "store/text_table.h"

#include "base/text.h"
#include "store/vectors.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SQL_BYTES_MOST = 64 << 20, LOOKED_AT_SQL = 200 };
_Static_assert((int)LOOKED_AT_SQL == (int)ROWS_LOOKED_AT, "the SQL text below says so too");

typedef struct parquet {
    const import_request *request;
    duck db;
    char from[64]; /* the table function on our descriptor */
    column_facts *column;
    column_sample *sample;
    size_t count;
    dictionary label_values;
    list_items items;
} parquet;

static void parquet_clear(parquet *p)
{
    for (size_t i = 0; i < p->count; i++)
        mem_free(p->column[i].name);
    mem_free(p->column);
    mem_free(p->sample);
    dictionary_clear(&p->label_values);
    list_items_clear(&p->items);
    duck_close(&p->db);
}

static assay_code parquet_nomem(const parquet *p, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", p->request->path);
}

/* DuckDB's type numbers in our kinds. */
static column_kind kind_of_type(duckdb_type type)
{
    static const duckdb_type numbers[] = {
        DUCKDB_TYPE_TINYINT,  DUCKDB_TYPE_SMALLINT,  DUCKDB_TYPE_INTEGER,  DUCKDB_TYPE_BIGINT,
        DUCKDB_TYPE_UTINYINT, DUCKDB_TYPE_USMALLINT, DUCKDB_TYPE_UINTEGER, DUCKDB_TYPE_UBIGINT,
        DUCKDB_TYPE_HUGEINT,  DUCKDB_TYPE_UHUGEINT,  DUCKDB_TYPE_FLOAT,    DUCKDB_TYPE_DOUBLE,
        DUCKDB_TYPE_DECIMAL};
    static const duckdb_type nested[] = {DUCKDB_TYPE_STRUCT, DUCKDB_TYPE_MAP, DUCKDB_TYPE_UNION,
                                         DUCKDB_TYPE_BLOB,   DUCKDB_TYPE_BIT, DUCKDB_TYPE_LIST,
                                         DUCKDB_TYPE_ARRAY};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (type == numbers[i])
            return KIND_NUMBER;
    }
    for (size_t i = 0; i < sizeof nested / sizeof *nested; i++) {
        if (type == nested[i])
            return KIND_OTHER;
    }
    return KIND_TEXT;
}

static column_kind kind_of_logical(duckdb_logical_type logical)
{
    const duckdb_type type = duckdb_get_type_id(logical);
    if (type != DUCKDB_TYPE_LIST)
        return kind_of_type(type);
    duckdb_logical_type child = duckdb_list_type_child_type(logical);
    const column_kind kind = kind_of_type(duckdb_get_type_id(child));
    duckdb_destroy_logical_type(&child);
    return kind == KIND_NUMBER ? KIND_LIST_NUMBER : kind == KIND_TEXT ? KIND_LIST_TEXT : KIND_OTHER;
}

static assay_code read_schema(parquet *p, duckdb_prepared_statement all, assay_err *err)
{
    const size_t count = duckdb_prepared_statement_column_count(all);
    if (count > COLUMNS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d columns", p->request->path,
                          COLUMNS_MOST);
    p->column = mem_zalloc(count, sizeof *p->column);
    p->sample = mem_zalloc(count, sizeof *p->sample);
    if (!p->column || !p->sample)
        return parquet_nomem(p, err);
    for (size_t i = 0; i < count; i++) {
        const char *name = duckdb_prepared_statement_column_name(all, i);
        p->column[i].name = name ? mem_copy_text(name, strlen(name)) : NULL;
        duckdb_free((void *)(uintptr_t)name);
        if (!p->column[i].name)
            return parquet_nomem(p, err);
        p->count = i + 1;
        duckdb_logical_type logical = duckdb_prepared_statement_column_logical_type(all, i);
        p->column[i].kind = kind_of_logical(logical);
        p->column[i].single = duckdb_get_type_id(logical) == DUCKDB_TYPE_FLOAT;
        duckdb_destroy_logical_type(&logical);
    }
    return ASSAY_OK;
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

static void put_column(text *sql, const char *name, bool list, bool number)
{
    text_puts(sql, sql->length > strlen("SELECT ") ? ", CAST(" : "CAST(");
    put_identifier(sql, name);
    text_puts(sql, list ? " AS VARCHAR[])" : number ? " AS DOUBLE)" : " AS VARCHAR)");
}

/* Of ids only a hash is wanted, and DuckDB's threads make it while they read; no id has none. */
static void put_hash(text *sql, const char *name)
{
    text_puts(sql, sql->length > strlen("SELECT ") ? ", CASE WHEN CAST(" : "CASE WHEN CAST(");
    put_identifier(sql, name);
    text_puts(sql, " AS VARCHAR) <> '' THEN hash(CAST(");
    put_identifier(sql, name);
    text_puts(sql, " AS VARCHAR)) END");
}

/* Runs a query whose columns are texts, doubles and lists of texts. */
static assay_code start_query(const parquet *p, text *sql, duckdb_result *result, assay_err *err)
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

static assay_code look_at_cell(parquet *p, size_t column, size_t row, const vector_view *v,
                               assay_err *err)
{
    cell value;
    uint32_t code;
    list_items none = {0};
    ASSAY_TRY(vector_cell(v, row, &p->items, &value, err));
    const assay_code added = column_sample_add(&p->sample[column], row, &value, &none, err);
    list_items_clear(&none);
    ASSAY_TRY(added);
    if (value.kind != CELL_TEXT || !columns_may_be_label(p->column[column].name, p->request))
        return ASSAY_OK;
    return dictionary_add(&p->label_values, value.at, value.length,
                          text_hash(value.at, value.length), &code, err);
}

static assay_code look_at_chunk(parquet *p, duckdb_data_chunk chunk, const size_t *column_of,
                                assay_err *err)
{
    const size_t rows = duckdb_data_chunk_get_size(chunk);
    const size_t columns = duckdb_data_chunk_get_column_count(chunk);
    for (size_t c = 0; c < columns; c++) {
        const vector_view v = vector_view_of(duckdb_data_chunk_get_vector(chunk, c));
        for (size_t row = 0; row < rows && row < ROWS_LOOKED_AT; row++)
            ASSAY_TRY(look_at_cell(p, column_of[c], row, &v, err));
    }
    return ASSAY_OK;
}

/* A label column of whole numbers is looked at as text, so that its values can name columns. */
static assay_code look_at_rows(parquet *p, assay_err *err)
{
    ASSAY_AUTO_MEM size_t *column_of = mem_alloc(p->count, sizeof *column_of);
    if (!column_of)
        return parquet_nomem(p, err);
    text sql;
    text_init(&sql, SQL_BYTES_MOST);
    text_puts(&sql, "SELECT ");
    size_t used = 0;
    for (size_t i = 0; i < p->count; i++) {
        const column_kind kind = p->column[i].kind;
        p->sample[i].first_number = (double)NAN;
        if (kind == KIND_OTHER)
            continue;
        put_column(&sql, p->column[i].name, kind == KIND_LIST_TEXT || kind == KIND_LIST_NUMBER,
                   kind == KIND_NUMBER && !columns_may_be_label(p->column[i].name, p->request));
        column_of[used++] = i;
    }
    text_printf(&sql, " FROM %s LIMIT 200", p->from);
    duckdb_result result = {0};
    assay_code code =
        used ? start_query(p, &sql, &result, err)
             : assay_fail(err, ASSAY_E_INPUT, "%s: has no readable columns", p->request->path);
    text_clear(&sql);
    ASSAY_TRY(code);
    duckdb_data_chunk chunk = duckdb_fetch_chunk(result);
    if (chunk)
        code = look_at_chunk(p, chunk, column_of, err);
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
    for (size_t i = 0; i < p->count; i++) {
        p->column[i].longest_list = p->sample[i].longest_list;
        p->column[i].first_number = p->sample[i].first_number;
    }
    return code;
}

static bool is_number_role(column_role role)
{
    return role == ROLE_CONFIDENCE || role == ROLE_METRIC || role == ROLE_PROBABILITY;
}

static bool is_list_role(column_role role)
{
    return role == ROLE_TOP_LABELS || role == ROLE_TOP_PROBABILITIES;
}

static assay_code put_chunk(vector_reader *reader, duckdb_data_chunk chunk, const size_t *column_of,
                            assay_err *err)
{
    table *t = reader->part->into;
    const size_t rows = duckdb_data_chunk_get_size(chunk);
    const size_t columns = duckdb_data_chunk_get_column_count(chunk);
    ASSAY_TRY(table_reserve(t, t->row_count + rows, err));
    for (size_t c = 0; c < columns; c++) {
        if (table_wants(&t->column[column_of[c]]))
            ASSAY_TRY(vector_put(reader, column_of[c], duckdb_data_chunk_get_vector(chunk, c), rows,
                                 err));
    }
    t->row_count += rows;
    return table_settle(reader->part, err);
}

static assay_code stream(const parquet *p, table *t, const size_t *column_of, duckdb_result *result,
                         assay_err *err)
{
    vector_reader *reader;
    ASSAY_TRY(vector_reader_new(t, &reader, err));
    assay_code code = ASSAY_OK;
    duckdb_data_chunk chunk;
    while (code == ASSAY_OK && (chunk = duckdb_fetch_chunk(*result))) {
        code = put_chunk(reader, chunk, column_of, err);
        duckdb_destroy_data_chunk(&chunk);
    }
    const char *why = duckdb_result_error(result);
    if (code == ASSAY_OK && why)
        code = duck_fail(duckdb_result_error_type(result), why, p->request->path, err);
    vector_reader_free(reader);
    return code;
}

static assay_code read_rows(const parquet *p, table *t, assay_err *err)
{
    ASSAY_AUTO_MEM size_t *column_of = mem_alloc(t->column_count, sizeof *column_of);
    if (!column_of)
        return parquet_nomem(p, err);
    text sql;
    text_init(&sql, SQL_BYTES_MOST);
    text_puts(&sql, "SELECT ");
    size_t used = 0;
    for (size_t i = 0; i < t->column_count; i++) {
        if (!table_wants(&t->column[i]))
            continue;
        if (t->column[i].role == ROLE_ID && !t->keep_ids && t->shape != SHAPE_LONG)
            put_hash(&sql, t->column[i].name);
        else
            put_column(&sql, t->column[i].name, is_list_role(t->column[i].role),
                       is_number_role(t->column[i].role) && t->column[i].kind == KIND_NUMBER);
        column_of[used++] = i;
    }
    if (used == 0) /* only how many rows there are matters */
        text_puts(&sql, "1.0::DOUBLE");
    text_printf(&sql, " FROM %s", p->from);
    duckdb_result result = {0};
    const assay_code started = start_query(p, &sql, &result, err);
    text_clear(&sql);
    ASSAY_TRY(started);
    const assay_code code = stream(p, t, column_of, &result, err);
    duckdb_destroy_result(&result);
    return code;
}

static assay_code read_opened(parquet *p, table *t, assay_err *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", p->from);
    duckdb_prepared_statement all;
    ASSAY_TRY(duck_prepare(&p->db, sql, p->request->path, &all, err));
    const assay_code code = read_schema(p, all, err);
    duckdb_destroy_prepare(&all);
    ASSAY_TRY(code);
    ASSAY_TRY(look_at_rows(p, err));
    const column_list list = {p->column, p->count, &p->label_values};
    ASSAY_TRY(table_init(t, p->request, "Parquet", &list, err));
    return read_rows(p, t, err);
}

static assay_code read_file(parquet *p, table *t, assay_err *err)
{
    const duck_options options = {.thread_count = p->request->thread_count};
    ASSAY_TRY(duck_open(&p->db, &options, err));
    const assay_code code = read_opened(p, t, err);
    /* What DuckDB takes for a fault of its own is a file that no writer made. */
    return code == ASSAY_E_INTERNAL
               ? assay_fail(err, ASSAY_E_INPUT, "%s: the Parquet file is damaged", p->request->path)
               : code;
}

assay_code parquet_table_read(const import_request *request, const source *s, table *out,
                              assay_err *err)
{
    *out = (table){.path = request->path};
    parquet p = {.request = request};
    snprintf(p.from, sizeof p.from, "read_parquet('/proc/self/fd/%d', binary_as_string=true)",
             s->fd);
    const assay_code code = read_file(&p, out, err);
    parquet_clear(&p);
    if (code != ASSAY_OK)
        table_clear(out);
    return code;
}
