/* Parquet through DuckDB: what its columns are, from the schema and the first rows. */
#include "store/parquet_parts.h"

#include "store/vectors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOKED_AT_SQL = 200 };
_Static_assert((int)LOOKED_AT_SQL == (int)ROWS_LOOKED_AT, "the SQL text below says so too");

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
        return parquet_out_of_memory(p, err);
    for (size_t i = 0; i < count; i++) {
        const char *name = duckdb_prepared_statement_column_name(all, i);
        p->column[i].name = name ? mem_copy_text(name, strlen(name)) : NULL;
        duckdb_free((void *)(uintptr_t)name);
        if (!p->column[i].name)
            return parquet_out_of_memory(p, err);
        p->count = i + 1;
        duckdb_logical_type logical = duckdb_prepared_statement_column_logical_type(all, i);
        p->column[i].kind = kind_of_logical(logical);
        p->column[i].single = duckdb_get_type_id(logical) == DUCKDB_TYPE_FLOAT;
        duckdb_destroy_logical_type(&logical);
    }
    return ASSAY_OK;
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
        return parquet_out_of_memory(p, err);
    text sql;
    text_init(&sql, PARQUET_SQL_BYTES_MOST);
    text_puts(&sql, "SELECT ");
    const size_t begin = sql.length;
    size_t used = 0;
    for (size_t i = 0; i < p->count; i++) {
        const column_kind kind = p->column[i].kind;
        p->sample[i].first_number = (double)NAN;
        if (kind == KIND_OTHER)
            continue;
        parquet_put_column(
            &sql, begin, p->column[i].name, kind == KIND_LIST_TEXT || kind == KIND_LIST_NUMBER,
            kind == KIND_NUMBER && !columns_may_be_label(p->column[i].name, p->request));
        column_of[used++] = i;
    }
    text_printf(&sql, " FROM %s LIMIT 200", p->from);
    duckdb_result result = {0};
    assay_code code =
        used ? parquet_start(p, &sql, &result, err)
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
    return parquet_read_rows(p, t, err);
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
    parquet p = {.request = request, .fd = s->fd};
    snprintf(p.from, sizeof p.from, "read_parquet('/proc/self/fd/%d', binary_as_string=true)",
             s->fd);
    const assay_code code = read_file(&p, out, err);
    parquet_clear(&p);
    if (code != ASSAY_OK)
        table_clear(out);
    return code;
}
