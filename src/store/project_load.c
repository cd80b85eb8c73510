/* A project as a frame. */
#include "store/project_load.h"

#include "base/text.h"
#include "store/npy.h"
#include "store/project_columns.h"
#include "store/project_folder.h"
#include "store/project_images.h"
#include "store/project_measures.h"
#include "store/project_models.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What DuckDB may hold while it hands over numbers: a thread has a few blocks and a buffer. */
enum { CACHE_MIB = 128, CACHE_MIB_A_THREAD = 16 };

ASSAY_AUTO_DECLARE(frame)

typedef struct loading {
    const project_load_request *request;
    duck db;
    project_models models;
    const project_model *model; /* NULL: none */
    frame *f;
} loading;

static void loading_clear(loading *l)
{
    project_models_clear(&l->models);
    duck_close(&l->db);
    frame_free(l->f);
}
ASSAY_AUTO_CLEAR_DECLARE(loading)

static void list_models(const project_models *models, text *out)
{
    for (size_t i = 0; i < models->count; i++)
        text_printf(out, "%s%s", i ? ", " : "", models->model[i].name);
}

static assay_code refuse_model(const loading *l, const char *fmt_name, assay_err *err)
{
    text there;
    text_init(&there, 1200);
    list_models(&l->models, &there);
    const char *names = there.over ? "(too many to list)" : text_view(&there);
    const assay_code code =
        fmt_name ? assay_fail(err, ASSAY_E_USAGE, "%s: there is no model '%.200s'; there are: %s",
                              l->request->path, fmt_name, l->models.count ? names : "none")
                 : assay_fail(err, ASSAY_E_USAGE, "%s: has %zu models; choose one with --model: %s",
                              l->request->path, l->models.count, names);
    text_clear(&there);
    return code;
}

/* Who meets a name that only a model has shall be able to say which models there are. */
static assay_code note_models(loading *l, assay_err *err)
{
    text there;
    text_init(&there, 1200);
    list_models(&l->models, &there);
    const char *names = there.over ? "(too many to list)" : text_view(&there);
    l->f->unchosen_models = mem_copy_text(names, strlen(names));
    text_clear(&there);
    return l->f->unchosen_models
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", l->request->path);
}

static assay_code choose_model(loading *l, assay_err *err)
{
    ASSAY_TRY(project_read_models(&l->db, &l->models, err));
    if (l->request->no_model || (!l->request->model && l->models.count == 0))
        return ASSAY_OK;
    const bool several = !l->request->model && l->models.count > 1;
    if (several && l->request->model_optional)
        return note_models(l, err);
    if (several)
        return refuse_model(l, NULL, err);
    for (size_t i = 0; i < l->models.count; i++) {
        if (!l->request->model || !strcmp(l->models.model[i].name, l->request->model))
            l->model = &l->models.model[i];
    }
    return l->model ? ASSAY_OK : refuse_model(l, l->request->model, err);
}

static assay_code load_nomem(const loading *l, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu samples", l->request->path,
                      l->f->row_count);
}

/* A code past the classes would be counted past the end of every table of counts. */
static assay_code check_codes(const loading *l, const uint16_t *code, const char *what,
                              assay_err *err)
{
    for (size_t i = 0; i < l->f->row_count; i++) {
        if (code[i] != CLASS_MISSING && code[i] >= l->f->classes.count)
            return assay_fail(err, ASSAY_E_INPUT,
                              "%s: the %s of sample %zu is class %u, and there are %u classes",
                              l->request->path, what, i, code[i], l->f->classes.count);
    }
    return ASSAY_OK;
}

static assay_code load_predictions(loading *l, assay_err *err)
{
    frame *f = l->f;
    f->prediction = mem_alloc(f->row_count, sizeof *f->prediction);
    if (!f->prediction)
        return load_nomem(l, err);
    if (!l->model) {
        memset(f->prediction, 0xFF, f->row_count * sizeof *f->prediction);
        return ASSAY_OK;
    }
    if (l->model->has_confidence) {
        f->confidence = mem_alloc(f->row_count, sizeof *f->confidence);
        if (!f->confidence)
            return load_nomem(l, err);
    }
    f->model = mem_copy_text(l->model->name, strlen(l->model->name));
    if (!f->model)
        return load_nomem(l, err);
    ASSAY_TRY(project_read_predictions(&l->db, l->model->number, f->prediction, f->confidence,
                                       f->row_count, err));
    ASSAY_TRY(check_codes(l, f->prediction, "prediction", err));
    f->confidence_in_unit_range = f->confidence;
    for (size_t i = 0; f->confidence && i < f->row_count; i++) {
        if (f->confidence[i] < 0.0 || f->confidence[i] > 1.0)
            f->confidence_in_unit_range = false;
    }
    return ASSAY_OK;
}

/* The reasons, each a value of its own, become the frame's. */
static assay_code take_reasons(loading *l, unreadable_image *list, size_t count, assay_err *err)
{
    frame *f = l->f;
    static const char name[] = "unreadable";
    attribute_column *grown = mem_resize(f->attribute, f->attribute_count + 1, sizeof *grown);
    if (!grown)
        return load_nomem(l, err);
    f->attribute = grown;
    attribute_column *column = &f->attribute[f->attribute_count++];
    *column = (attribute_column){.name = mem_copy_text(name, sizeof name - 1),
                                 .code = mem_alloc(f->row_count, sizeof *column->code),
                                 .value = mem_zalloc(count, sizeof *column->value)};
    if (!column->name || !column->code || !column->value)
        return load_nomem(l, err);
    memset(column->code, 0xFF, f->row_count * sizeof *column->code);
    dictionary reasons = {0};
    assay_code code = ASSAY_OK;
    for (size_t i = 0; code == ASSAY_OK && i < count; i++) {
        const size_t length = strlen(list[i].reason);
        uint32_t value = 0;
        code = dictionary_add(&reasons, list[i].reason, length, text_hash(list[i].reason, length),
                              &value, err);
        if (code != ASSAY_OK || list[i].sample >= f->row_count)
            continue;
        column->code[list[i].sample] = value;
        if (value == column->value_count)
            column->value[column->value_count++] = ASSAY_GIVE(list[i].reason);
    }
    dictionary_clear(&reasons);
    return code;
}

static assay_code load_reasons(loading *l, assay_err *err)
{
    unreadable_image *list;
    size_t count;
    ASSAY_TRY(project_read_unreadable(&l->db, &list, &count, err));
    const assay_code code = count ? take_reasons(l, list, count, err) : ASSAY_OK;
    unreadable_images_free(list, count);
    return code;
}

/* Every block is read once: kept, they would only lie beside the arrays. */
static assay_code load_numbers(loading *l, uint32_t model, assay_err *err)
{
    const wanted_columns *wanted = l->request->wanted;
    const int threads = l->request->thread_count;
    ASSAY_TRY(duck_limit_memory(&l->db, CACHE_MIB + CACHE_MIB_A_THREAD * threads, err));
    ASSAY_TRY(project_read_measures(&l->db, wanted, threads, l->f, err));
    ASSAY_TRY(project_read_metrics(&l->db, wanted, model, threads, l->f, err));
    return duck_limit_memory(&l->db, 0, err);
}

static assay_code load_columns(loading *l, assay_err *err)
{
    if (l->request->no_metrics)
        return ASSAY_OK;
    const uint32_t model = l->model ? l->model->number : MODEL_NONE;
    const wanted_columns *wanted = l->request->wanted;
    ASSAY_TRY(load_numbers(l, model, err));
    ASSAY_TRY(project_read_attributes(&l->db, wanted, model, l->f, err));
    ASSAY_TRY(project_read_tags(&l->db, l->f, err));
    return load_reasons(l, err);
}

static assay_code load_texts(loading *l, assay_err *err)
{
    if (!l->request->texts)
        return ASSAY_OK;
    image_list list;
    ASSAY_TRY(project_read_images(&l->db, &list, err));
    l->f->id = list.id;
    l->f->path = list.path;
    list.id = list.path = (text_column){0};
    image_list_clear(&list);
    return ASSAY_OK;
}

static assay_code load_tables(loading *l, assay_err *err)
{
    frame *f = l->f;
    ASSAY_TRY(choose_model(l, err));
    ASSAY_TRY(project_count_samples(&l->db, &f->row_count, err));
    ASSAY_TRY(project_read_classes(&l->db, &f->classes, err));
    f->label = mem_alloc(f->row_count, sizeof *f->label);
    if (!f->label)
        return load_nomem(l, err);
    ASSAY_TRY(project_read_labels(&l->db, f->label, f->row_count, err));
    ASSAY_TRY(check_codes(l, f->label, "label", err));
    ASSAY_TRY(load_predictions(l, err));
    /* What reading the texts needs beside them is freed again before the columns need theirs. */
    ASSAY_TRY(load_texts(l, err));
    return load_columns(l, err);
}

/* Opens a file of the folder probabilities/. */
static assay_code open_matrix(const loading *l, const char *name, char path[PATH_MAX],
                              npy_file *out, assay_err *err)
{
    const int length = snprintf(path, PATH_MAX, "%s/probabilities/%s", l->request->path, name);
    if (length < 0 || length >= PATH_MAX || strchr(name, '/'))
        return assay_fail(err, ASSAY_E_INPUT, "%s: a matrix is called '%.100s'", l->request->path,
                          name);
    return npy_open(path, out, err);
}

static assay_code check_shape(const char *path, size_t rows, size_t columns, size_t told_rows,
                              size_t told_columns, assay_err *err)
{
    if (rows == told_rows && columns == told_columns)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT, "%s: is %zu × %zu, and the project says %zu × %zu", path,
                      rows, columns, told_rows, told_columns);
}

/* Samples without a prediction have rows of NaN, which the scan marks as missing. */
static assay_code scan_matrix(loading *l, assay_err *err)
{
    frame *f = l->f;
    ASSAY_AUTO_MEM uint16_t *argmax = mem_alloc(f->row_count, sizeof *argmax);
    ASSAY_AUTO_MEM double *confidence = mem_alloc(f->row_count, sizeof *confidence);
    if (!argmax || !confidence)
        return load_nomem(l, err);
    probability_scan scan;
    ASSAY_TRY(probabilities_scan(f->probability, l->request->thread_count, argmax, confidence,
                                 &scan, err));
    /* A row that has probabilities that are none has no prediction either. */
    for (size_t i = 0; scan.out_of_range + scan.sum_off > 0 && i < f->row_count; i++) {
        if (argmax[i] == CLASS_MISSING)
            f->prediction[i] = CLASS_MISSING;
    }
    return ASSAY_OK;
}

static assay_code load_probabilities(loading *l, assay_err *err)
{
    if (!l->model || !l->model->probabilities)
        return ASSAY_OK;
    frame *f = l->f;
    f->probability = mem_zalloc(1, sizeof *f->probability);
    if (!f->probability)
        return load_nomem(l, err);
    char path[PATH_MAX];
    npy_file file = {0};
    ASSAY_TRY(open_matrix(l, l->model->probabilities, path, &file, err));
    const assay_code code = npy_take_matrix(&file, path, &f->probability->values, err);
    npy_close(&file);
    ASSAY_TRY(code);
    const matrix *m = &f->probability->values;
    ASSAY_TRY(
        check_shape(path, m->row_count, m->column_count, f->row_count, f->classes.count, err));
    return scan_matrix(l, err);
}

static assay_code take_lists(loading *l, const npy_file *file, const char *path, assay_err *err)
{
    frame *f = l->f;
    const npy_header *h = &file->header;
    if (h->kind != NPY_UINT || h->item_bytes != 2 || h->by_column || h->dimension_count != 2)
        return assay_fail(err, ASSAY_E_INPUT, "%s: does not hold lists of classes", path);
    ASSAY_TRY(check_shape(path, h->shape[0], h->shape[1], f->row_count, h->shape[1], err));
    const size_t length = h->shape[1];
    f->top.code = mem_alloc(f->row_count * length, sizeof *f->top.code);
    if (!f->top.code)
        return load_nomem(l, err);
    memcpy(f->top.code, file->data, f->row_count * length * sizeof *f->top.code);
    f->top.length = f->top.length_of_all = (uint32_t)length;
    for (size_t row = 0; row < f->row_count; row++) {
        const uint16_t *code = f->top.code + row * length;
        uint32_t filled = 0;
        for (size_t i = 0; i < length; i++) {
            if (code[i] != CLASS_MISSING && code[i] >= f->classes.count)
                return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: there is no class %u", path,
                                  row, code[i]);
            filled += code[i] != CLASS_MISSING;
        }
        /* A sample without a prediction has no list, and none too short. */
        if (filled > 0 && filled < f->top.length_of_all)
            f->top.length_of_all = filled;
    }
    return ASSAY_OK;
}

static assay_code load_lists(loading *l, assay_err *err)
{
    if (!l->model || !l->model->top_classes)
        return ASSAY_OK;
    char path[PATH_MAX];
    npy_file file = {0};
    ASSAY_TRY(open_matrix(l, l->model->top_classes, path, &file, err));
    const assay_code code = take_lists(l, &file, path, err);
    npy_close(&file);
    return code;
}

static assay_code load_once(const project_load_request *request, frame **out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(loading) l = {.request = request};
    l.f = mem_zalloc(1, sizeof *l.f);
    if (!l.f)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", request->path);
    ASSAY_TRY(project_read(request->path, request->thread_count, &l.db, err));
    ASSAY_TRY(load_tables(&l, err));
    duck_close(&l.db);
    ASSAY_TRY(load_probabilities(&l, err));
    ASSAY_TRY(load_lists(&l, err));
    if (request->complete)
        ASSAY_TRY(request->complete(l.f, request->context, err));
    *out = ASSAY_GIVE(l.f);
    return ASSAY_OK;
}

assay_code project_load(const project_load_request *request, frame **out, assay_err *err)
{
    *out = NULL;
    assay_err why = {0};
    assay_code code = load_once(request, out, &why);
    /* A writer that replaced the model in between has removed the matrix that the row named. */
    if (code == ASSAY_E_NOT_FOUND && project_folder_is(request->path))
        code = load_once(request, out, &why);
    return code == ASSAY_OK ? code : assay_fail(err, code, "%s", why.msg);
}
