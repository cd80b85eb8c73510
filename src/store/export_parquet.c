/* Exports as Parquet: DuckDB reads the table through a function and writes the file. Nothing that a
 * user typed runs here: the statement is ours but for a number. */
#include "base/text.h"
#include "base/utf8.h"
#include "store/duck.h"
#include "store/export_columns.h"
#include "store/whole_file.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct export_scan {
    const export_table *table;
    double *probability;
    size_t block_rows, next_row;
    atomic_bool short_of_memory;
} export_scan;

static duckdb_type type_of(const export_column *c)
{
    switch (c->kind) {
    case EXPORTED_NUMBER:
    case EXPORTED_PROBABILITY:
        return DUCKDB_TYPE_DOUBLE;
    case EXPORTED_TAG:
        return DUCKDB_TYPE_BOOLEAN;
    case EXPORTED_TEXT:
    case EXPORTED_CLASS:
    case EXPORTED_ATTRIBUTE:
        return DUCKDB_TYPE_VARCHAR;
    }
    return DUCKDB_TYPE_INVALID;
}

static void bind_export(duckdb_bind_info info)
{
    const export_scan *s = duckdb_bind_get_extra_info(info);
    for (size_t i = 0; i < s->table->column_count; i++) {
        duckdb_logical_type type = duckdb_create_logical_type(type_of(&s->table->column[i]));
        duckdb_bind_add_result_column(info, s->table->column[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
    duckdb_bind_set_cardinality(info, s->table->row_count, true);
}

/* One reader, so that rows stay in their order. */
static void init_export(duckdb_init_info info)
{
    duckdb_init_set_max_threads(info, 1);
}

static bool put_words(duckdb_vector vector, size_t i, const export_cell *cell)
{
    if (utf8_valid(cell->at, cell->length) == cell->length) {
        duckdb_vector_assign_string_element_len(vector, i, cell->at, cell->length);
        return true;
    }
    text shown;
    text_init(&shown, 4 * cell->length + 1);
    text_put_utf8(&shown, cell->at, cell->length);
    const bool fits = text_check(&shown, NULL) == ASSAY_OK;
    if (fits)
        duckdb_vector_assign_string_element_len(vector, i, text_view(&shown), shown.length);
    text_clear(&shown);
    return fits;
}

static bool fill_column(const export_scan *s, size_t column, duckdb_vector vector, size_t count)
{
    const export_table *t = s->table;
    void *at = duckdb_vector_get_data(vector);
    duckdb_vector_ensure_validity_writable(vector);
    uint64_t *validity = duckdb_vector_get_validity(vector);
    for (size_t i = 0; i < count; i++) {
        const double *probability =
            s->probability ? s->probability + i * t->frame->classes.count : NULL;
        const export_cell cell =
            export_cell_of(t, &t->column[column], export_row(t, s->next_row + i), probability);
        if (cell.holds == CELL_NONE)
            duckdb_validity_set_row_invalid(validity, i);
        else if (cell.holds == CELL_REAL)
            ((double *)at)[i] = cell.number;
        else if (cell.holds == CELL_FLAG)
            ((bool *)at)[i] = cell.flag;
        else if (!put_words(vector, i, &cell))
            return false;
    }
    return true;
}

static void scan_export(duckdb_function_info info, duckdb_data_chunk output)
{
    export_scan *s = duckdb_function_get_extra_info(info);
    const size_t left = s->table->row_count - s->next_row;
    const size_t count = left < s->block_rows ? left : s->block_rows;
    if (count > 0)
        export_probabilities(s->table, s->next_row, count, s->probability);
    for (size_t c = 0; count > 0 && c < s->table->column_count; c++) {
        if (!fill_column(s, c, duckdb_data_chunk_get_vector(output, c), count)) {
            s->short_of_memory = true;
            duckdb_function_set_error(info, "out of memory");
            return;
        }
    }
    s->next_row += count;
    duckdb_data_chunk_set_size(output, count);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a;
    const char *const *y = b;
    const int order = strcasecmp(*x, *y);
    return order ? order : strcmp(*x, *y);
}

/* DuckDB takes names that differ in letter case for one, and those of classes must stay what they
 * are: it is the other formats that keep them apart. */
static assay_code refuse_equal_names(const export_table *t, const char *path, assay_err *err)
{
    ASSAY_AUTO_MEM const char **name = mem_alloc(t->column_count, sizeof *name);
    if (!name)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the export of %s", path);
    for (size_t c = 0; c < t->column_count; c++)
        name[c] = t->column[c].name;
    qsort(name, t->column_count, sizeof *name, by_name);
    for (size_t c = 1; c < t->column_count; c++) {
        if (strcasecmp(name[c - 1], name[c]) == 0)
            return assay_fail(err, ASSAY_E_INPUT,
                              "%s: columns %.200s and %.200s differ in letter case only, which is "
                              "not written as Parquet; use a name that ends in .csv or .jsonl",
                              path, name[c - 1], name[c]);
    }
    return ASSAY_OK;
}

static assay_code register_export(const duck *d, export_scan *s, assay_err *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, "assay_export");
    duckdb_table_function_set_extra_info(function, s, NULL);
    duckdb_table_function_set_bind(function, bind_export);
    duckdb_table_function_set_init(function, init_export);
    duckdb_table_function_set_function(function, scan_export);
    const duckdb_state state = duckdb_register_table_function(d->connection, function);
    duckdb_destroy_table_function(&function);
    return state == DuckDBSuccess
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_INTERNAL, "DuckDB does not take the samples");
}

static assay_code copy(const duck *d, export_scan *s, const whole_file *file, assay_err *err)
{
    ASSAY_TRY(register_export(d, s, err));
    char sql[160];
    snprintf(
        sql, sizeof sql,
        "COPY (FROM assay_export()) TO '/proc/self/fd/%d' (FORMAT parquet, USE_TMP_FILE false)",
        file->fd);
    duckdb_result result = {0};
    assay_code code = ASSAY_OK;
    if (duckdb_query(d->connection, sql, &result) != DuckDBSuccess)
        code = duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result),
                         file->path, err);
    duckdb_destroy_result(&result);
    if (s->short_of_memory)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the export of %s", file->path);
    /* What DuckDB calls bad input is bad output here. */
    if (code == ASSAY_E_INPUT && err)
        err->code = ASSAY_E_IO;
    return code == ASSAY_E_INPUT ? ASSAY_E_IO : code;
}

assay_code export_parquet(const export_table *t, const whole_file *file, assay_err *err)
{
    ASSAY_TRY(refuse_equal_names(t, file->path, err));
    export_scan s = {.table = t, .block_rows = export_rows_at_once(t, duckdb_vector_size())};
    ASSAY_AUTO_MEM double *probability = NULL;
    if (t->has_probabilities) {
        probability = mem_alloc(s.block_rows * t->frame->classes.count, sizeof *probability);
        if (!probability)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the export of %s", file->path);
        s.probability = probability;
    }
    duck d;
    ASSAY_TRY(duck_open(&d, &(duck_options){.thread_count = 1}, err));
    const assay_code code = copy(&d, &s, file, err);
    duck_close(&d);
    return code;
}
