/* Measures in and out of a project's table. */
#include "store/project_measures.h"

#include "base/utf8.h"
#include "store/append.h"
#include "store/project_values.h"
#include "store/query.h"

#include <string.h>

/* The numbers of a row, in the order of the table's columns. */
typedef struct stored_measure {
    const char *name, *sql;
} stored_measure;
#define MEASURE(column)                                                                            \
    {                                                                                              \
#column, "SELECT sample, " #column " FROM measures"                                        \
    }
static const stored_measure stored_measures[MEASURE_COLUMN_COUNT] = {
    MEASURE(width),        MEASURE(height),       MEASURE(area),          MEASURE(aspect_ratio),
    MEASURE(brightness),   MEASURE(contrast),     MEASURE(sharpness),     MEASURE(red_values),
    MEASURE(green_values), MEASURE(blue_values),  MEASURE(image_entropy), MEASURE(dark),
    MEASURE(light),        MEASURE(colour_share), MEASURE(file_bytes),    MEASURE(random),
};
#undef MEASURE

enum {
    COLUMN_PIXEL_HASH = MEASURE_COLUMN_COUNT + 1,
    COLUMN_PERCEPTUAL_HASH,
    COLUMN_MODIFIED,
    COLUMN_UNREADABLE,
    COLUMN_THUMBNAIL_HASH
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
    if (row->thumbnail_hash)
        append_u64(a, COLUMN_THUMBNAIL_HASH, row->thumbnail_hash);
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
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT sample, coalesce(modified, 0), coalesce(thumbnail_hash, 0), "
                            "unreadable IS NOT NULL FROM measures",
                            "the measures", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *sample = rows ? query_get(&q, 0).at : NULL;
        const uint64_t *modified = rows ? query_get(&q, 1).at : NULL;
        const uint64_t *thumbnail = rows ? query_get(&q, 2).at : NULL;
        const bool *unreadable = rows ? query_get(&q, 3).at : NULL;
        for (size_t i = 0; i < rows; i++) {
            if (sample[i] < count)
                state[sample[i]] = (measured_state){modified[i], thumbnail[i], true, unreadable[i]};
        }
    }
    return ASSAY_OK;
}

void image_identities_clear(image_identities *i)
{
    mem_free(i->pixel_hash);
    mem_free(i->perceptual_hash);
    mem_free(i->width);
    mem_free(i->height);
    mem_free(i->file_bytes);
    *i = (image_identities){0};
}

static bool make_identities(image_identities *i, size_t count)
{
    *i = (image_identities){.count = count};
    i->pixel_hash = mem_zalloc(count, sizeof *i->pixel_hash);
    i->perceptual_hash = mem_zalloc(count, sizeof *i->perceptual_hash);
    i->width = mem_zalloc(count, sizeof *i->width);
    i->height = mem_zalloc(count, sizeof *i->height);
    i->file_bytes = mem_zalloc(count, sizeof *i->file_bytes);
    return i->pixel_hash && i->perceptual_hash && i->width && i->height && i->file_bytes;
}

static void take_identities(const query *q, size_t rows, image_identities *out)
{
    const uint32_t *sample = query_get(q, 0).at;
    const uint64_t *of_pixels = query_get(q, 1).at;
    const uint64_t *of_looks = query_get(q, 2).at;
    const double *width = query_get(q, 3).at;
    const double *height = query_get(q, 4).at;
    const double *bytes = query_get(q, 5).at;
    for (size_t i = 0; i < rows; i++) {
        const uint32_t at = sample[i];
        if (at >= out->count)
            continue;
        out->pixel_hash[at] = of_pixels[i];
        out->perceptual_hash[at] = of_looks[i];
        out->width[at] = (uint32_t)width[i];
        out->height[at] = (uint32_t)height[i];
        out->file_bytes[at] = bytes[i] < (double)UINT32_MAX ? (uint32_t)bytes[i] : UINT32_MAX;
    }
}

static assay_code read_identities(const duck *d, image_identities *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT sample, pixel_hash, perceptual_hash, coalesce(width, 0), "
                            "coalesce(height, 0), coalesce(file_bytes, 0) FROM measures "
                            "WHERE pixel_hash IS NOT NULL AND perceptual_hash IS NOT NULL",
                            "the measures", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        if (rows > 0)
            take_identities(&q, rows, out);
    }
    return ASSAY_OK;
}

assay_code project_read_identities(const duck *d, size_t count, image_identities *out,
                                   assay_err *err)
{
    assay_code code = make_identities(out, count)
                          ? read_identities(d, out, err)
                          : assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu images", count);
    if (code != ASSAY_OK)
        image_identities_clear(out);
    return code;
}

static assay_code measures_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the measures");
}

/* A metric at the end of the frame's, its values still to be read. */
static assay_code add_measure(frame *f, const char *name, bool wanted, assay_err *err)
{
    metric_column *column = &f->metric[f->metric_count++];
    *column = (metric_column){.name = mem_copy_text(name, strlen(name))};
    if (wanted)
        column->value = mem_alloc(f->row_count, sizeof *column->value);
    return column->name && (column->value || !wanted) ? ASSAY_OK : measures_nomem(err);
}

assay_code project_read_measures(const duck *d, const wanted_columns *wanted, int thread_count,
                                 frame *f, assay_err *err)
{
    uint64_t measured = 0;
    ASSAY_TRY(query_number(d, "SELECT CAST(count(*) AS UBIGINT) FROM measures", "the measures",
                           &measured, err));
    if (measured == 0)
        return ASSAY_OK;
    metric_column *grown =
        mem_resize(f->metric, f->metric_count + MEASURE_COLUMN_COUNT, sizeof *grown);
    if (!grown)
        return measures_nomem(err);
    f->metric = grown;
    stored_numbers column[MEASURE_COLUMN_COUNT];
    size_t count = 0;
    for (size_t m = 0; m < MEASURE_COLUMN_COUNT; m++) {
        const bool is_wanted = column_is_wanted(wanted, stored_measures[m].name);
        ASSAY_TRY(add_measure(f, stored_measures[m].name, is_wanted, err));
        if (is_wanted)
            column[count++] = (stored_numbers){.sql = stored_measures[m].sql,
                                               .name = "the measures",
                                               .value = f->metric[f->metric_count - 1].value,
                                               .value_count = f->row_count};
    }
    return project_read_number_columns(d, column, count, thread_count, err);
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
