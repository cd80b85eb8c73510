/* Matrices of a model, brought into the project's order of samples and classes. */
#include "project/keep_matrix.h"

#include "store/npy.h"
#include "store/npy_write.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_ROWS = 1024, FILE_NAME_BYTES = 200, VERSIONS_MOST = 100000 };

static assay_code keep_nomem(const char *name, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the probabilities of %s", name);
}

/* The model's name as a file's: what is not a letter, digit, '.', '-' or '_' becomes "%2f". */
static void plain_name(const char *name, char out[FILE_NAME_BYTES])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    size_t used = 0;
    for (const char *p = name; *p && used + 40 < FILE_NAME_BYTES; p++) {
        if (strchr(plain, *p) && !(p == name && *p == '.'))
            out[used++] = *p;
        else
            used += (size_t)snprintf(out + used, 4, "%%%02x", (unsigned)(unsigned char)*p);
    }
    out[used] = '\0';
}

/* A name in probabilities/ that no file has, and the path to it. */
static assay_code free_name(const project_writer *w, const char *model, const char *kind,
                            char **file, text *path, assay_err *err)
{
    char plain[FILE_NAME_BYTES];
    plain_name(model, plain);
    for (int version = 1; version < VERSIONS_MOST; version++) {
        char name[FILE_NAME_BYTES + 32];
        char inside[2 * FILE_NAME_BYTES];
        if (version == 1)
            snprintf(name, sizeof name, "%s%s.npy", plain, kind);
        else
            snprintf(name, sizeof name, "%s%s-%d.npy", plain, kind, version);
        snprintf(inside, sizeof inside, "probabilities/%.240s", name);
        ASSAY_TRY(project_writer_path(w, inside, path, err));
        if (access(text_view(path), F_OK) != 0) {
            *file = mem_copy_text(name, strlen(name));
            if (*file)
                return ASSAY_OK;
            text_clear(path);
            return keep_nomem(model, err);
        }
        text_clear(path);
    }
    return assay_fail(err, ASSAY_E_LIMIT, "%s: has %d matrices already", model, VERSIONS_MOST);
}

/* Room for one block of rows on its way. */
typedef struct block_room {
    uint32_t *row;
    double *in;  /* block × classes of the table */
    double *out; /* block × classes of the project */
} block_room;

static void block_room_clear(block_room *b)
{
    mem_free(b->row);
    mem_free(b->in);
    mem_free(b->out);
}
ASSAY_AUTO_CLEAR_DECLARE(block_room)

static assay_code block_room_init(block_room *b, const keep_request *r, assay_err *err)
{
    b->row = mem_alloc(BLOCK_ROWS, sizeof *b->row);
    b->in = mem_alloc((size_t)BLOCK_ROWS * r->from->classes.count, sizeof *b->in);
    b->out = mem_alloc((size_t)BLOCK_ROWS * r->class_count, sizeof *b->out);
    return b->row && b->in && b->out ? ASSAY_OK : keep_nomem(r->name, err);
}

static npy_write_type written_as(matrix_type type)
{
    static const npy_write_type types[] = {
        [MATRIX_F16] = NPY_WRITE_F16, [MATRIX_F32] = NPY_WRITE_F32, [MATRIX_F64] = NPY_WRITE_F64};
    return types[type];
}

/* The matrix's own values, so that all that is made of them is the same bits again; where that
 * needs an option (logits, sums that are off), what the option made of them. */
static bool keeps_values(const probabilities *p)
{
    return !p->logits && !p->any_sum;
}

static npy_write_type type_of(const probabilities *p)
{
    return keeps_values(p) ? written_as(p->values.type) : NPY_WRITE_F64;
}

static void gather(const probabilities *p, const uint32_t *row, size_t count, double *out)
{
    if (!keeps_values(p)) {
        probabilities_gather(p, row, 0, count, out);
        return;
    }
    for (size_t i = 0; i < count; i++)
        matrix_read_rows(&p->values, row[i], 1, out + i * p->values.column_count);
}

/* One sample's row: where it has none, NaN; where its class is unknown to the model, 0. */
static void fill_row(const keep_request *r, const double *in, double *out)
{
    for (uint32_t k = 0; k < r->class_count; k++)
        out[k] = in ? 0.0 : (double)NAN;
    for (uint32_t k = 0; in && k < r->from->classes.count; k++)
        out[r->class_of[k]] = in[k];
}

static void fill_block(const keep_request *r, size_t first, size_t count, block_room *b)
{
    size_t there = 0;
    for (size_t i = 0; i < count; i++) {
        if (r->row_of[first + i] != UINT32_MAX)
            b->row[there++] = r->row_of[first + i];
    }
    if (there > 0)
        gather(r->from->probability, b->row, there, b->in);
    const double *in = b->in;
    for (size_t i = 0; i < count; i++) {
        const bool has_row = r->row_of[first + i] != UINT32_MAX;
        fill_row(r, has_row ? in : NULL, b->out + i * r->class_count);
        in += has_row ? r->from->classes.count : 0;
    }
}

static assay_code write_blocks(const keep_request *r, npy_writer *writer, assay_err *err)
{
    ASSAY_AUTO_CLEAR(block_room) b = {0};
    ASSAY_TRY(block_room_init(&b, r, err));
    for (size_t first = 0; first < r->sample_count; first += BLOCK_ROWS) {
        const size_t left = r->sample_count - first;
        const size_t count = left < BLOCK_ROWS ? left : BLOCK_ROWS;
        progress_show(r->progress, "keeping probabilities", first, r->sample_count);
        if (progress_stopped(r->progress))
            return assay_fail(err, ASSAY_E_CANCELLED, "interrupted while keeping probabilities");
        fill_block(r, first, count, &b);
        ASSAY_TRY(npy_writer_put_numbers(writer, b.out, count, err));
    }
    return npy_writer_finish(writer, err);
}

assay_code keep_probabilities(const project_writer *w, const keep_request *request, char **file,
                              assay_err *err)
{
    *file = NULL;
    ASSAY_AUTO_MEM char *name = NULL;
    text path;
    ASSAY_TRY(free_name(w, request->name, "", &name, &path, err));
    ASSAY_AUTO(npy_writer) writer = NULL;
    /* The type also says below what a probability counts as 0 in the log loss. */
    assay_code code = npy_writer_new(text_view(&path), type_of(request->from->probability),
                                     request->sample_count, request->class_count, &writer, err);
    text_clear(&path);
    if (code == ASSAY_OK)
        code = write_blocks(request, writer, err);
    if (code == ASSAY_OK)
        *file = ASSAY_GIVE(name);
    return code;
}

static assay_code write_lists(const keep_request *r, npy_writer *writer, assay_err *err)
{
    const uint32_t length = r->from->top.length;
    ASSAY_AUTO_MEM uint16_t *row = mem_alloc(length, sizeof *row);
    if (!row)
        return keep_nomem(r->name, err);
    for (size_t i = 0; i < r->sample_count; i++) {
        const uint32_t from = r->row_of[i];
        for (uint32_t k = 0; k < length; k++) {
            const uint16_t code = from == UINT32_MAX ? (uint16_t)CLASS_MISSING
                                                     : r->from->top.code[(size_t)from * length + k];
            row[k] = code == CLASS_MISSING ? code : r->class_of[code];
        }
        ASSAY_TRY(npy_writer_put(writer, row, 1, err));
    }
    return npy_writer_finish(writer, err);
}

assay_code keep_top_lists(const project_writer *w, const keep_request *request, char **file,
                          assay_err *err)
{
    *file = NULL;
    ASSAY_AUTO_MEM char *name = NULL;
    text path;
    ASSAY_TRY(free_name(w, request->name, ".top", &name, &path, err));
    ASSAY_AUTO(npy_writer) writer = NULL;
    assay_code code = npy_writer_new(text_view(&path), NPY_WRITE_U16, request->sample_count,
                                     request->from->top.length, &writer, err);
    text_clear(&path);
    if (code == ASSAY_OK)
        code = write_lists(request, writer, err);
    if (code == ASSAY_OK)
        *file = ASSAY_GIVE(name);
    return code;
}

/* The rows of a matrix with zeros behind them; a row of NaN stays one. */
static assay_code copy_widened(const matrix *m, uint32_t class_count, npy_writer *writer,
                               assay_err *err)
{
    const size_t item = matrix_type_bytes(m->type);
    const size_t old_bytes = m->column_count * item;
    ASSAY_AUTO_MEM char *row = mem_zalloc(class_count, item);
    if (!row)
        return keep_nomem("a model", err);
    for (size_t i = 0; i < m->row_count; i++) {
        memcpy(row, (const char *)m->at + i * old_bytes, old_bytes);
        ASSAY_TRY(npy_writer_put(writer, row, 1, err));
    }
    return npy_writer_finish(writer, err);
}

static assay_code write_widened(const project_writer *w, const duck *db, const project_model *model,
                                const matrix *m, uint32_t class_count, assay_err *err)
{
    ASSAY_AUTO_MEM char *name = NULL;
    text path;
    ASSAY_TRY(free_name(w, model->name, "", &name, &path, err));
    ASSAY_AUTO(npy_writer) writer = NULL;
    assay_code code = npy_writer_new(text_view(&path), written_as(m->type), m->row_count,
                                     class_count, &writer, err);
    text_clear(&path);
    if (code == ASSAY_OK)
        code = copy_widened(m, class_count, writer, err);
    if (code == ASSAY_OK)
        code = project_move_probabilities(db, model->number, name, err);
    return code;
}

static assay_code widen_model(const project_writer *w, const duck *db, const project_model *model,
                              uint32_t class_count, assay_err *err)
{
    char inside[2 * FILE_NAME_BYTES];
    snprintf(inside, sizeof inside, "probabilities/%.240s", model->probabilities);
    text path;
    ASSAY_TRY(project_writer_path(w, inside, &path, err));
    npy_file file;
    matrix m = {0};
    assay_code code = npy_open(text_view(&path), &file, err);
    if (code == ASSAY_OK) {
        code = npy_take_matrix(&file, text_view(&path), &m, err);
        npy_close(&file);
    }
    if (code == ASSAY_OK && m.column_count < class_count)
        code = m.by_column ? assay_fail(err, ASSAY_E_INPUT, "%s: is not a matrix that assay wrote",
                                        text_view(&path))
                           : write_widened(w, db, model, &m, class_count, err);
    matrix_clear(&m);
    text_clear(&path);
    return code;
}

assay_code widen_models(const project_writer *w, const duck *db, const project_models *models,
                        const char *except, uint32_t class_count, assay_err *err)
{
    for (size_t i = 0; i < models->count; i++) {
        const project_model *model = &models->model[i];
        const bool replaced = except && !strcmp(model->name, except);
        if (model->probabilities && !replaced)
            ASSAY_TRY(widen_model(w, db, model, class_count, err));
    }
    return ASSAY_OK;
}
