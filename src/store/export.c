/* A frame's samples into a file that other programs read. Knows which rows, where to and when; the
 * forms have files of their own. */
#include "store/export.h"

#include "store/export_columns.h"
#include "store/where.h"
#include "store/whole_file.h"

#include <string.h>
#include <strings.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

typedef enum export_form { FORM_CSV, FORM_JSONL, FORM_PARQUET, FORM_COUNT } export_form;

static assay_code choose_form(const char *path, export_form *out, assay_err *err)
{
    static const char *const endings[FORM_COUNT] = {".csv", ".jsonl", ".parquet"};
    const size_t length = strlen(path);
    for (size_t i = 0; i < FORM_COUNT; i++) {
        const size_t ending = strlen(endings[i]);
        if (length > ending && strcasecmp(path + length - ending, endings[i]) == 0) {
            *out = (export_form)i;
            return ASSAY_OK;
        }
    }
    return assay_fail(err, ASSAY_E_USAGE,
                      "%s: the name says no format; use one that ends in .csv, .jsonl or .parquet",
                      path);
}

static assay_code take_rows(export_table *t, const selection *rows, assay_err *err)
{
    const size_t count = selection_count(rows);
    t->row = mem_alloc(count, sizeof *t->row);
    if (!t->row)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu rows", count);
    t->row_count = 0;
    for (size_t row = 0; row < rows->row_count; row++) {
        if (selection_has(rows, row))
            t->row[t->row_count++] = (uint32_t)row;
    }
    return ASSAY_OK;
}

static assay_code choose_rows(export_table *t, const export_request *request, assay_err *err)
{
    if (!request->where)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    const where_options options = {.thread_count = request->thread_count,
                                   .give_up = request->give_up};
    ASSAY_TRY(where_select(t->frame, request->where, &options, &rows, err));
    return take_rows(t, &rows, err);
}

static assay_code write_to_file(void *context, const char *at, size_t length, assay_err *err)
{
    return whole_file_write(context, at, length, err);
}

static assay_code write_to_text(void *context, const char *at, size_t length, assay_err *err)
{
    text_put(context, at, length);
    return text_check(context, err);
}

assay_code export_frame_text(const frame *f, const selection *rows, bool json, int thread_count,
                             text *out, assay_err *err)
{
    const export_sink sink = {write_to_text, out, "the samples"};
    ASSAY_AUTO_CLEAR(export_table) t = {0};
    const export_request request = {.what = EXPORT_SAMPLES, .no_on_request = true};
    ASSAY_TRY(export_table_init(&t, f, &request, err));
    if (rows)
        ASSAY_TRY(take_rows(&t, rows, err));
    return export_text(&t, json, thread_count, &sink, err);
}

assay_code export_frame(const frame *f, const export_request *request, export_notes *notes,
                        assay_err *err)
{
    *notes = (export_notes){0};
    export_form form = FORM_CSV;
    ASSAY_TRY(choose_form(request->path, &form, err));
    ASSAY_AUTO_CLEAR(export_table) t = {0};
    ASSAY_TRY(export_table_init(&t, f, request, err));
    if (t.column_count == 0)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "there are no metrics to export");
    ASSAY_TRY(choose_rows(&t, request, err));
    ASSAY_AUTO_CLEAR(whole_file) file = {0};
    ASSAY_TRY(whole_file_open(&file, request->path, request->replace, err));
    if (form == FORM_PARQUET)
        ASSAY_TRY(export_parquet(&t, &file, err));
    else
        ASSAY_TRY(export_text(&t, form == FORM_JSONL, request->thread_count,
                              &(export_sink){write_to_file, &file, file.path}, err));
    ASSAY_TRY(whole_file_finish(&file, err));
    *notes = (export_notes){.row_count = t.row_count, .column_count = t.column_count};
    return ASSAY_OK;
}
