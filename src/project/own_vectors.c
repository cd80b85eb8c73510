/* Vectors of the user's own, joined with the project's samples. */
#include "project/own_vectors.h"

#include "project/join.h"
#include "project/read_lines.h"
#include "store/import.h"
#include "store/npy.h"
#include "store/project_images.h"

#include <math.h>
#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(image_list)
ASSAY_AUTO_CLEAR_DECLARE(joined)
ASSAY_AUTO_DECLARE(frame)

static void free_matrix(matrix *m)
{
    matrix_clear(m);
}
#define AUTO_MATRIX __attribute__((cleanup(free_matrix))) matrix

static assay_code read_matrix(const char *path, matrix *out, assay_err *err)
{
    npy_file file;
    ASSAY_TRY(npy_open(path, &file, err));
    const assay_code code =
        file.header.dimension_count == 2
            ? npy_take_matrix(&file, path, out, err)
            : assay_fail(err, ASSAY_E_INPUT,
                         "%s: has the shape (%zu,); expected (samples, dimensions)", path,
                         file.header.shape[0]);
    npy_close(&file);
    return code;
}

static bool is_list(const char *path)
{
    const char *dot = strrchr(path, '.');
    return !dot || !strcmp(dot, ".txt") || !strcmp(dot, ".lst");
}

static assay_code join_keys(const own_vectors_request *r, const image_list *images,
                            const text_column *keys, size_t rows, joined *out, assay_err *err)
{
    const join_request request = {
        .images = images, .key = keys, .row_count = rows, .table = r->ids};
    ASSAY_TRY(join_rows(&request, out, err));
    bad_rows_words words = {r->ids, 1, "no sample in the project",
                            "; --allow-unmatched leaves such rows out"};
    if (r->allow_unmatched)
        return ASSAY_OK;
    if (out->unmatched.count > 0)
        return bad_rows_fail(&out->unmatched, &words, err);
    words.have = "a sample that an earlier row has";
    return out->doubled.count > 0 ? bad_rows_fail(&out->doubled, &words, err) : ASSAY_OK;
}

static assay_code refuse_count(const own_vectors_request *r, size_t rows, size_t ids,
                               assay_err *err)
{
    return assay_fail(err, ASSAY_E_INPUT, "%s: has %zu rows, and %s %zu", r->from, rows, r->ids,
                      ids);
}

/* Which sample each row is of, by a list of ids or by a table's column of them. */
static assay_code join_vectors(const own_vectors_request *r, const image_list *images, size_t rows,
                               joined *out, assay_err *err)
{
    if (is_list(r->ids)) {
        ASSAY_AUTO_CLEAR(read_lines) lines = {0};
        ASSAY_TRY(read_lines_open(r->ids, &lines, err));
        if (lines.count != rows)
            return refuse_count(r, rows, lines.count, err);
        const text_column keys = {.start = lines.start, .bytes = lines.bytes};
        return join_keys(r, images, &keys, rows, out, err);
    }
    const import_request request = {.path = r->ids,
                                    .wants = IMPORT_COLUMNS,
                                    .require_id = true,
                                    .keep_ids = true,
                                    .allow_duplicates = true,
                                    .thread_count = r->thread_count};
    ASSAY_AUTO(frame) f = NULL;
    import_notes notes;
    ASSAY_TRY(import_predictions(&request, &f, &notes, err));
    import_notes_clear(&notes);
    if (f->row_count != rows)
        return refuse_count(r, rows, f->row_count, err);
    return join_keys(r, images, &f->id, rows, out, err);
}

static assay_code in_order(const own_vectors_request *r, const image_list *images, size_t rows,
                           joined *out, assay_err *err)
{
    if (rows != images->count)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: has %zu rows and the project %zu samples; rows in order need as many", r->from,
            rows, images->count);
    out->sample = mem_alloc(rows, sizeof *out->sample);
    if (!out->sample)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", r->from);
    for (size_t i = 0; i < rows; i++)
        out->sample[i] = (uint32_t)i;
    out->matched = rows;
    return ASSAY_OK;
}

/* A row that is not finite or all zeros has no direction: such a sample has no vector. False: it is
 * one. */
static bool take_row(const double *row, size_t width, float *to)
{
    bool any = false, finite = true;
    for (size_t d = 0; d < width; d++) {
        to[d] = (float)row[d];
        finite = finite && isfinite(to[d]);
        any = any || to[d] != 0.0F;
    }
    for (size_t d = 0; !(any && finite) && d < width; d++)
        to[d] = NAN;
    return any && finite;
}

static assay_code spread(const own_vectors_request *r, const matrix *m, const joined *j,
                         own_vectors *out, assay_err *err)
{
    const size_t width = m->column_count;
    ASSAY_AUTO_MEM double *row = mem_alloc(width, sizeof *row);
    ASSAY_AUTO_MEM float *to = mem_alloc(out->sample_count, width * sizeof *to);
    if (!row || !to)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu vectors", out->sample_count);
    for (size_t i = 0; i < out->sample_count * width; i++)
        to[i] = NAN;
    for (size_t i = 0; i < m->row_count; i++) {
        if (j->sample[i] == SAMPLE_NONE)
            continue;
        matrix_read_rows(m, i, 1, row);
        out->matched += take_row(row, width, to + j->sample[i] * width);
    }
    if (out->matched == 0)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: gives no sample a vector: its rows are of none, all zeros, or hold a value "
            "that is not finite",
            r->from);
    out->vectors = ASSAY_GIVE(to);
    out->dimensions = width;
    return ASSAY_OK;
}

assay_code own_vectors_refuse(const char *from, assay_err *err)
{
    return assay_fail(
        err, ASSAY_E_USAGE,
        "%s: nothing says which sample a row is of; give --ids, or --rows-in-order where "
        "they are the project's samples in their order",
        from);
}

assay_code own_vectors_read(project_writer *w, const own_vectors_request *request, own_vectors *out,
                            assay_err *err)
{
    *out = (own_vectors){0};
    AUTO_MATRIX m = {0};
    ASSAY_AUTO_CLEAR(image_list) images = {0};
    ASSAY_AUTO_CLEAR(joined) j = {0};
    if (!request->ids && !request->rows_in_order)
        return own_vectors_refuse(request->from, err);
    ASSAY_TRY(read_matrix(request->from, &m, err));
    ASSAY_TRY(project_writer_images(w, &images, err));
    ASSAY_TRY(request->ids ? join_vectors(request, &images, m.row_count, &j, err)
                           : in_order(request, &images, m.row_count, &j, err));
    out->sample_count = images.count;
    return spread(request, &m, &j, out, err);
}
