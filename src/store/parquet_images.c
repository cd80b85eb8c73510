/* Parquet files as Hugging Face writes images into them, through DuckDB: which column has them,
 * which has the labels. */
#include "store/parquet_images.h"

#include "base/limits.h"
#include "store/columns.h"

#include <stdio.h>
#include <string.h>

static bool is_image_type(duckdb_logical_type type, bool *has_path)
{
    bool has_bytes = false;
    *has_path = false;
    if (duckdb_get_type_id(type) != DUCKDB_TYPE_STRUCT)
        return false;
    const idx_t count = duckdb_struct_type_child_count(type);
    for (idx_t i = 0; i < count; i++) {
        char *name = duckdb_struct_type_child_name(type, i);
        duckdb_logical_type child = duckdb_struct_type_child_type(type, i);
        const duckdb_type id = duckdb_get_type_id(child);
        has_bytes = has_bytes || (name && !strcmp(name, "bytes") && id == DUCKDB_TYPE_BLOB);
        *has_path = *has_path || (name && !strcmp(name, "path") && id == DUCKDB_TYPE_VARCHAR);
        duckdb_destroy_logical_type(&child);
        duckdb_free(name);
    }
    return has_bytes;
}

static bool is_plain_type(duckdb_type id)
{
    return id != DUCKDB_TYPE_STRUCT && id != DUCKDB_TYPE_MAP && id != DUCKDB_TYPE_UNION &&
           id != DUCKDB_TYPE_BLOB && id != DUCKDB_TYPE_BIT && id != DUCKDB_TYPE_LIST &&
           id != DUCKDB_TYPE_ARRAY;
}

static assay_code nomem(const parquet_images *p, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", p->file);
}

static assay_code take_column(parquet_images *p, duckdb_prepared_statement all, idx_t i,
                              const char *label, assay_err *err)
{
    const char *name = duckdb_prepared_statement_column_name(all, i);
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(all, i);
    if (!name || !type) {
        duckdb_free((void *)(uintptr_t)name);
        return nomem(p, err);
    }
    const import_request usual = {.label = label};
    bool has_path;
    char **place = NULL;
    if (is_image_type(type, &has_path)) {
        place = p->image ? NULL : &p->image;
        p->has_path = p->image ? p->has_path : has_path;
    } else if (is_plain_type(duckdb_get_type_id(type))) {
        place = !p->label && columns_may_be_label(name, &usual) ? &p->label : NULL;
        p->others = p->others || !place;
    }
    if (place)
        *place = mem_copy_text(name, strlen(name));
    duckdb_destroy_logical_type(&type);
    duckdb_free((void *)(uintptr_t)name);
    return place && !*place ? nomem(p, err) : ASSAY_OK;
}

static assay_code read_schema(parquet_images *p, const char *label, assay_err *err)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT * FROM read_parquet('%s')", p->from);
    duckdb_prepared_statement all;
    ASSAY_TRY(duck_prepare(p->db, sql, p->file, &all, err));
    assay_code code = ASSAY_OK;
    const idx_t count = duckdb_prepared_statement_column_count(all);
    if (count > COLUMNS_MOST)
        code =
            assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d columns", p->file, COLUMNS_MOST);
    for (idx_t i = 0; i < count && code == ASSAY_OK; i++)
        code = take_column(p, all, i, label, err);
    duckdb_destroy_prepare(&all);
    if (code == ASSAY_OK && p->image && label && !p->label)
        code = assay_fail(err, ASSAY_E_USAGE, "%s: there is no column '%s' of numbers or texts",
                          p->file, label);
    return code;
}

/* A row group's columns each say how many rows it has; those of images are called "….bytes" or
 * so, whatever the separator. */
static assay_code read_sizes(parquet_images *p, assay_err *err)
{
    text sql;
    duckdb_result result = {0};
    duckdb_data_chunk chunk = NULL;
    text_init(&sql, 512);
    text_printf(&sql,
                "SELECT (SELECT CAST(num_rows AS UBIGINT) FROM parquet_file_metadata('%s')), "
                "CAST(coalesce(max(row_group_num_rows), 0) AS UBIGINT), "
                "CAST(coalesce(sum(total_uncompressed_size), 0) AS UBIGINT) "
                "FROM parquet_metadata('%s') WHERE path_in_schema LIKE '%%bytes'",
                p->from, p->from);
    assay_code code = parquet_images_query(p, &sql, NULL, &result, err);
    text_clear(&sql);
    ASSAY_TRY(code);
    code = parquet_images_fetch(p, &result, &chunk, err);
    uint64_t *const number[] = {&p->row_count, &p->group_rows_most, &p->image_bytes};
    for (idx_t i = 0; code == ASSAY_OK && chunk && i < sizeof number / sizeof *number; i++)
        *number[i] =
            *(const uint64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, i));
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
    return code;
}

static assay_code open_source(parquet_images *p, const char *label, assay_err *err)
{
    if (p->s.kind != SOURCE_PARQUET)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is not a Parquet file", p->file);
    snprintf(p->from, sizeof p->from, "/proc/self/fd/%d", p->s.fd);
    ASSAY_TRY(read_schema(p, label, err));
    return p->image ? read_sizes(p, err) : ASSAY_OK;
}

assay_code parquet_images_open(const duck *db, const char *file, const char *label,
                               parquet_images *out, assay_err *err)
{
    *out = (parquet_images){.s = {.fd = -1}};
    parquet_images p = {.db = db, .file = file};
    ASSAY_TRY(source_open(file, &p.s, err));
    assay_code code = open_source(&p, label, err);
    if (code == ASSAY_OK) {
        *out = p;
        return ASSAY_OK;
    }
    parquet_images_close(&p);
    /* What DuckDB takes for a fault of its own is a file that no writer made. */
    return code == ASSAY_E_INTERNAL
               ? assay_fail(err, ASSAY_E_INPUT, "%s: the Parquet file is damaged", file)
               : code;
}

void parquet_images_close(parquet_images *p)
{
    source_close(&p->s);
    mem_free(p->image);
    mem_free(p->label);
    *p = (parquet_images){.s = {.fd = -1}};
}

void parquet_put_name(text *sql, const char *name)
{
    text_puts(sql, "\"");
    for (; *name; name++)
        text_put(sql, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    text_puts(sql, "\"");
}

assay_code parquet_images_query(const parquet_images *p, const text *sql, const uint64_t *range,
                                duckdb_result *out, assay_err *err)
{
    *out = (duckdb_result){0};
    ASSAY_TRY(text_check(sql, err));
    duckdb_prepared_statement statement;
    ASSAY_TRY(duck_prepare(p->db, text_view(sql), p->file, &statement, err));
    assay_code code = ASSAY_OK;
    if (range && (duckdb_bind_uint64(statement, 1, range[0]) != DuckDBSuccess ||
                  duckdb_bind_uint64(statement, 2, range[1]) != DuckDBSuccess))
        code = assay_fail(err, ASSAY_E_INTERNAL, "%s: a query takes no numbers", p->file);
    else if (duckdb_execute_prepared_streaming(statement, out) != DuckDBSuccess)
        code = duck_fail(duckdb_result_error_type(out), duckdb_result_error(out), p->file, err);
    if (code != ASSAY_OK)
        duckdb_destroy_result(out);
    duckdb_destroy_prepare(&statement);
    return code;
}

assay_code parquet_images_fetch(const parquet_images *p, duckdb_result *result,
                                duckdb_data_chunk *out, assay_err *err)
{
    *out = duckdb_fetch_chunk(*result);
    const char *why = *out ? NULL : duckdb_result_error(result);
    if (!why)
        return ASSAY_OK;
    const assay_code code = duck_fail(duckdb_result_error_type(result), why, p->file, err);
    return code == ASSAY_E_INTERNAL
               ? assay_fail(err, ASSAY_E_INPUT, "%s: the Parquet file is damaged", p->file)
               : code;
}
