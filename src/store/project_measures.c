/* Measures in and out of a project's table. */
#include "store/project_measures.h"

#include "base/utf8.h"
#include "store/append.h"
#include "store/query.h"

#include <math.h>
#include <string.h>

#define NUMBERS                                                                                    \
    "width, height, area, aspect_ratio, brightness, contrast, sharpness, red_values, "             \
    "green_values, blue_values, image_entropy, dark, light, colour_share, file_bytes, random"

enum {
    COLUMN_PIXEL_HASH = MEASURE_COLUMN_COUNT + 1,
    COLUMN_PERCEPTUAL_HASH,
    COLUMN_MODIFIED,
    COLUMN_UNREADABLE
};

/* Rows that these samples had before. */
static assay_code drop_rows(const duck *d, const measured_row *rows, size_t row_count,
                            assay_err *err)
{
    ASSAY_TRY(duck_run(d, "CREATE OR REPLACE TEMP TABLE measured_again (sample UINTEGER)", err));
    {
        ASSAY_AUTO_CLEAR(append) a = {0};
        ASSAY_TRY(append_open(&a, d, "measured_again", "the measures", err));
        for (size_t i = 0; i < row_count; i++) {
            append_u32(&a, 0, rows[i].sample);
            append_row(&a);
        }
        ASSAY_TRY(append_finish(&a, err));
    }
    return duck_run(d, "DELETE FROM measures WHERE sample IN (SELECT sample FROM measured_again)",
                    err);
}

static void append_measured(append *a, const measured_row *row)
{
    append_u32(a, 0, row->sample);
    for (size_t m = 0; m < MEASURE_COLUMN_COUNT; m++)
        append_real(a, 1 + m, row->value[m]);
    if (!row->unreadable) {
        append_u64(a, COLUMN_PIXEL_HASH, row->pixel_hash);
        append_u64(a, COLUMN_PERCEPTUAL_HASH, row->perceptual_hash);
    } else {
        append_text(a, COLUMN_UNREADABLE, row->unreadable,
                    utf8_valid(row->unreadable, strlen(row->unreadable)));
    }
    if (row->modified)
        append_u64(a, COLUMN_MODIFIED, row->modified);
    append_row(a);
}

assay_code project_put_measures(const duck *d, const measured_row *rows, size_t row_count,
                                assay_err *err)
{
    ASSAY_TRY(drop_rows(d, rows, row_count, err));
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "measures", "the measures", err));
    for (size_t i = 0; i < row_count; i++)
        append_measured(&a, &rows[i]);
    return append_finish(&a, err);
}

assay_code project_read_measured(const duck *d, measured_state *state, size_t count, assay_err *err)
{
    memset(state, 0, count * sizeof *state);
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "SELECT sample, coalesce(modified, 0) FROM measures",
                            "the measures", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *sample = rows ? query_get(&q, 0).at : NULL;
        const uint64_t *modified = rows ? query_get(&q, 1).at : NULL;
        for (size_t i = 0; i < rows; i++) {
            if (sample[i] < count)
                state[sample[i]] = (measured_state){modified[i], true};
        }
    }
    return ASSAY_OK;
}

static assay_code measures_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the measures");
}

/* Room for the measures at the end of the frame's metrics; they count as soon as they are whole. */
static assay_code make_columns(const query *q, frame *f, assay_err *err)
{
    metric_column *grown =
        mem_resize(f->metric, f->metric_count + MEASURE_COLUMN_COUNT, sizeof *grown);
    if (!grown)
        return measures_nomem(err);
    f->metric = grown;
    for (size_t m = 0; m < MEASURE_COLUMN_COUNT; m++) {
        metric_column *column = &f->metric[f->metric_count];
        *column = (metric_column){0};
        const char *name = duckdb_prepared_statement_column_name(q->statement, 1 + m);
        column->name = name ? mem_copy_text(name, strlen(name)) : NULL;
        duckdb_free((void *)(uintptr_t)name);
        f->metric_count++;
        column->value = mem_alloc(f->row_count, sizeof *column->value);
        if (!column->name || !column->value)
            return measures_nomem(err);
        for (size_t i = 0; i < f->row_count; i++)
            column->value[i] = (double)NAN;
    }
    return ASSAY_OK;
}

static void take_column(const query *q, size_t column, size_t rows, size_t row_count, double *out)
{
    const uint32_t *sample = query_get(q, 0).at;
    const query_column c = query_get(q, column);
    const double *value = c.at;
    for (size_t i = 0; i < rows; i++) {
        if (sample[i] < row_count)
            out[sample[i]] = query_is_null(&c, i) ? (double)NAN : value[i];
    }
}

assay_code project_read_measures(const duck *d, frame *f, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(
        query_prepare(&q, d, "SELECT sample, " NUMBERS " FROM measures", "the measures", err));
    const size_t first = f->metric_count;
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        if (rows > 0 && f->metric_count == first)
            ASSAY_TRY(make_columns(&q, f, err));
        for (size_t m = 0; rows > 0 && m < MEASURE_COLUMN_COUNT; m++)
            take_column(&q, 1 + m, rows, f->row_count, f->metric[first + m].value);
    }
    return ASSAY_OK;
}

void unreadable_images_free(unreadable_image *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(list[i].reason);
    mem_free(list);
}

static assay_code add_unreadable(unreadable_image **list, size_t *count, uint32_t sample,
                                 const char *at, size_t length, assay_err *err)
{
    unreadable_image *grown = mem_resize(*list, *count + 1, sizeof *grown);
    if (!grown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the unreadable images");
    *list = grown;
    grown[*count] = (unreadable_image){sample, mem_copy_text(at, length)};
    if (!grown[*count].reason)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the unreadable images");
    ++*count;
    return ASSAY_OK;
}

static assay_code read_unreadable(const duck *d, unreadable_image **out, size_t *count,
                                  assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT sample, unreadable FROM measures WHERE unreadable IS NOT NULL "
                            "ORDER BY sample",
                            "the measures", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *sample = rows ? query_get(&q, 0).at : NULL;
        const query_column reason = rows ? query_get(&q, 1) : (query_column){0};
        for (size_t i = 0; i < rows; i++) {
            size_t length;
            const char *at = query_text(&reason, i, &length);
            ASSAY_TRY(add_unreadable(out, count, sample[i], at, length, err));
        }
    }
    return ASSAY_OK;
}

assay_code project_read_unreadable(const duck *d, unreadable_image **out, size_t *count,
                                   assay_err *err)
{
    *out = NULL;
    *count = 0;
    const assay_code code = read_unreadable(d, out, count, err);
    if (code != ASSAY_OK) {
        unreadable_images_free(*out, *count);
        *out = NULL;
        *count = 0;
    }
    return code;
}
