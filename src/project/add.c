/* The use-case behind `assay add`: read a table, join it, keep what it says. */
#include "project/add.h"

#include "base/text.h"
#include "image/measure.h"
#include "project/embed_images.h"
#include "project/keep_matrix.h"
#include "store/import_parts.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "store/project_models.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

ASSAY_AUTO_DECLARE(frame)

/* What is at hand while a table is added. */
typedef struct adding {
    project_writer *writer;
    const add_request *request;
    add_notes *notes;
    image_list images; /* of the project, with its classes */
    bool has_labels;
    project_models models;
    frame *f; /* the table's rows */
    joined rows;
    uint32_t *row_of;               /* a sample's row, or SAMPLE_NONE */
    class_list classes;             /* of the project afterwards */
    uint16_t *class_of;             /* a class of the table -> one of the project */
    char *matrix, *lists;           /* files that were written and that no row names yet */
    uint64_t rows_put, rows_to_put; /* of all columns together */
} adding;

static void adding_clear(adding *a)
{
    image_list_clear(&a->images);
    project_models_clear(&a->models);
    frame_free(a->f);
    joined_clear(&a->rows);
    mem_free(a->row_of);
    class_list_clear(&a->classes);
    mem_free(a->class_of);
    mem_free(a->matrix);
    mem_free(a->lists);
}
ASSAY_AUTO_CLEAR_DECLARE(adding)

void add_notes_clear(add_notes *notes)
{
    import_notes_clear(&notes->import);
    mem_free(notes->model);
    mem_free(notes->new_names);
    *notes = (add_notes){0};
}

static assay_code add_nomem(const adding *a, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu samples",
                      project_writer_name(a->writer), a->images.count);
}

static assay_code read_tables(adding *a, const duck *db, assay_err *err)
{
    uint64_t labels = 0;
    ASSAY_TRY(project_read_images(db, &a->images, err));
    ASSAY_TRY(project_read_models(db, &a->models, err));
    ASSAY_TRY(project_count_labels(db, &labels, err));
    a->has_labels = labels > 0;
    return ASSAY_OK;
}

static assay_code read_project(adding *a, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(a->writer, &db, err));
    const assay_code code = read_tables(a, db, err);
    project_writer_abandon(a->writer);
    return code;
}

static assay_code read_rows(adding *a, assay_err *err)
{
    static const import_wants wants[] = {[ADD_PREDICTIONS] = IMPORT_PREDICTIONS,
                                         [ADD_LABELS] = IMPORT_LABELS,
                                         [ADD_METRICS] = IMPORT_COLUMNS};
    import_request r = a->request->import;
    r.wants = wants[a->request->kind];
    r.require_id = r.path && !a->request->rows_in_order;
    r.keep_ids = r.path != NULL;
    r.allow_duplicates = true; /* joining counts them */
    r.known_classes = a->images.classes.count ? &a->images.classes : NULL;
    return import_predictions(&r, &a->f, &a->notes->import, err);
}

/* Whoever gives ids and asks for the order has mistaken one of them. */
static assay_code refuse_ids(const adding *a, assay_err *err)
{
    const import_notes *notes = &a->notes->import;
    for (size_t i = 0; !a->request->of_list && i < notes->column_count; i++) {
        if (notes->column[i].role == ROLE_ID)
            return assay_fail(err, ASSAY_E_USAGE,
                              "%s: its column '%.200s' says which sample each row is; "
                              "--rows-in-order is for a matrix without a table",
                              a->request->import.path, notes->column[i].name);
    }
    return ASSAY_OK;
}

/* Row i is sample first + i; there are as many as there are samples. */
static assay_code join_in_order(adding *a, assay_err *err)
{
    const add_request *r = a->request;
    const size_t count = r->sample_count ? r->sample_count : a->images.count;
    const size_t rows = a->f->row_count;
    const char *path = r->import.path               ? r->import.path
                       : r->import.predictions_path ? r->import.predictions_path
                                                    : r->import.probabilities_path;
    ASSAY_TRY(refuse_ids(a, err));
    if (rows != count)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: has %zu rows and the project %zu samples; rows in order need as many", path, rows,
            count);
    a->rows.sample = mem_alloc(rows, sizeof *a->rows.sample);
    if (!a->rows.sample)
        return add_nomem(a, err);
    for (size_t i = 0; i < rows; i++)
        a->rows.sample[i] = (uint32_t)(r->first_sample + i);
    a->rows.by = "order";
    a->rows.matched = rows;
    return ASSAY_OK;
}

static assay_code refuse_rows(const adding *a, assay_err *err)
{
    const joined *j = &a->rows;
    if (a->request->allow_unmatched)
        return ASSAY_OK;
    bad_rows_words words = {a->request->import.path, 1, "no sample in the project",
                            "; --allow-unmatched leaves such rows out"};
    if (j->unmatched.count > 0)
        return bad_rows_fail(&j->unmatched, &words, err);
    words.have = "a sample that an earlier row has";
    return j->doubled.count > 0 ? bad_rows_fail(&j->doubled, &words, err) : ASSAY_OK;
}

static assay_code join_table(adding *a, assay_err *err)
{
    if (a->request->rows_in_order)
        return join_in_order(a, err);
    if (!a->request->import.path)
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s: nothing says which sample a row is of; give the table that its rows "
                          "belong to, or --rows-in-order where they are the project's samples in "
                          "their order",
                          a->request->import.probabilities_path
                              ? a->request->import.probabilities_path
                              : a->request->import.predictions_path);
    const join_request request = {.images = &a->images,
                                  .key = &a->f->id,
                                  .row_count = a->f->row_count,
                                  .table = a->request->import.path,
                                  .folder = a->request->folder,
                                  .progress = a->request->import.progress};
    ASSAY_TRY(join_rows(&request, &a->rows, err));
    if (a->rows.matched == 0) {
        const joined *j = &a->rows;
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: no row is of a sample of the project (%s); the project "
                          "has '%.*s' and so on",
                          a->request->import.path, j->unmatched.first[0].what,
                          (int)(a->images.path.start[1] - a->images.path.start[0]),
                          a->images.path.bytes);
    }
    return refuse_rows(a, err);
}

static assay_code turn_rows(adding *a, assay_err *err)
{
    a->row_of = mem_alloc(a->images.count, sizeof *a->row_of);
    if (!a->row_of)
        return add_nomem(a, err);
    memset(a->row_of, 0xFF, a->images.count * sizeof *a->row_of);
    for (size_t row = 0; row < a->f->row_count; row++) {
        if (a->rows.sample[row] != SAMPLE_NONE)
            a->row_of[a->rows.sample[row]] = (uint32_t)row;
    }
    return ASSAY_OK;
}

/* "Cat, Dog, … ": a class that is spelt otherwise than the project's shows here. */
static assay_code name_new_classes(const adding *a, assay_err *err)
{
    enum { NAMED_MOST = 5, NAMES_BYTES = NAMED_MOST * (NAME_BYTES_MOST + 8) };
    if (a->notes->new_classes == 0)
        return ASSAY_OK;
    text names;
    text_init(&names, NAMES_BYTES);
    const uint32_t first = a->images.classes.count;
    for (uint32_t i = 0; i < a->notes->new_classes && i < NAMED_MOST; i++)
        text_printf(&names, "%s%s", i ? ", " : "", a->classes.name[first + i]);
    if (a->notes->new_classes > NAMED_MOST)
        text_puts(&names, ", …");
    if (!names.broken)
        a->notes->new_names = mem_copy_text(text_view(&names), names.length);
    text_clear(&names);
    return a->notes->new_names ? ASSAY_OK : add_nomem(a, err);
}

/* The project's classes, and behind them those that only the table has. */
static assay_code merge_classes(adding *a, assay_err *err)
{
    const class_list *from = &a->f->classes;
    ASSAY_TRY(class_list_copy(&a->images.classes, &a->classes, err));
    a->class_of = mem_alloc(from->count, sizeof *a->class_of);
    if (!a->class_of)
        return add_nomem(a, err);
    for (uint32_t i = 0; i < from->count; i++)
        ASSAY_TRY(
            class_list_add(&a->classes, from->name[i], from->length[i], &a->class_of[i], err));
    a->notes->class_count = a->classes.count;
    a->notes->new_classes = a->classes.count - a->images.classes.count;
    return name_new_classes(a, err);
}

/* Codes of the table's rows as the project's classes, one a sample. */
static assay_code spread_classes(const adding *a, const uint16_t *of_row, uint16_t **out,
                                 assay_err *err)
{
    uint16_t *code = mem_alloc(a->images.count, sizeof *code);
    *out = code;
    if (!code)
        return add_nomem(a, err);
    for (size_t i = 0; i < a->images.count; i++) {
        const uint32_t row = a->row_of[i];
        const bool there = row != SAMPLE_NONE && of_row[row] != CLASS_MISSING;
        code[i] = there ? a->class_of[of_row[row]] : CLASS_MISSING;
    }
    return ASSAY_OK;
}

static assay_code spread_numbers(const adding *a, const double *of_row, double **out,
                                 assay_err *err)
{
    double *value = mem_alloc(a->images.count, sizeof *value);
    *out = value;
    if (!value)
        return add_nomem(a, err);
    for (size_t i = 0; i < a->images.count; i++)
        value[i] = a->row_of[i] == SAMPLE_NONE ? (double)NAN : of_row[a->row_of[i]];
    return ASSAY_OK;
}

/* A file's name may hold any bytes, and the tables only UTF-8: others are written as \xe9. NULL
 * where memory is short. */
static char *copy_shown(const char *at, size_t length)
{
    text shown;
    text_init(&shown, 4 * length + 1);
    text_put_utf8(&shown, at, length);
    char *copy = shown.broken ? NULL : mem_copy_text(text_view(&shown), shown.length);
    text_clear(&shown);
    return copy;
}

/* The one that a person thinks of first. */
static const char *file_of(const add_request *request)
{
    const import_request *r = &request->import;
    return r->probabilities_path && !r->path ? r->probabilities_path
           : r->path                         ? r->path
                                             : r->predictions_path;
}

/* The file's name without folder and endings. */
static assay_code name_model(const adding *a, char **out, assay_err *err)
{
    const char *path = file_of(a->request);
    const char *given = a->request->model;
    const char *slash = strrchr(path, '/');
    const char *start = given ? given : slash ? slash + 1 : path;
    const char *dot = strchr(start, '.');
    const size_t length = !given && dot && dot != start ? (size_t)(dot - start) : strlen(start);
    if (length == 0)
        return assay_fail(err, ASSAY_E_USAGE, "a model's name has at least one byte");
    if (length > NAME_BYTES_MOST / 4)
        return assay_fail(err, ASSAY_E_LIMIT, "a model's name has at most %d bytes",
                          NAME_BYTES_MOST / 4);
    *out = copy_shown(start, length);
    return *out ? ASSAY_OK : add_nomem(a, err);
}

/* Before the next column of as many rows as there are samples, and behind the last one. */
static assay_code tell_rows(adding *a, assay_err *err)
{
    static const char *const whats[] = {[ADD_PREDICTIONS] = "adding predictions",
                                        [ADD_LABELS] = "adding labels",
                                        [ADD_METRICS] = "adding metrics"};
    const progress *p = a->request->import.progress;
    progress_show(p, whats[a->request->kind], a->rows_put, a->rows_to_put);
    a->rows_put += a->images.count;
    return progress_look(p, 0, err);
}

/* The labels that the table gives, if they are wanted. */
static bool wants_labels(const adding *a)
{
    return a->f->label && (a->request->kind == ADD_LABELS ||
                           (a->request->kind == ADD_PREDICTIONS && !a->has_labels));
}

static assay_code put_labels(adding *a, const duck *db, assay_err *err)
{
    if (!wants_labels(a))
        return ASSAY_OK;
    ASSAY_TRY(tell_rows(a, err));
    ASSAY_AUTO_MEM uint16_t *label = NULL;
    ASSAY_TRY(spread_classes(a, a->f->label, &label, err));
    for (size_t i = 0; i < a->images.count; i++)
        a->notes->labels += label[i] != CLASS_MISSING;
    return project_put_labels(db, label, a->images.count, err);
}

/* assay's own measures keep their names. */
static void free_metric_name(const char *name, char out[NAME_BYTES_MOST + 8])
{
    bool taken = false;
    for (int m = 0; m < IMAGE_MEASURE_COUNT; m++)
        taken |= !strcmp(name, image_measure_name((image_measure)m));
    snprintf(out, NAME_BYTES_MOST + 8, "%.*s%s", NAME_BYTES_MOST, name, taken ? "_2" : "");
}

static assay_code put_columns(adding *a, const duck *db, uint32_t model, assay_err *err)
{
    const frame *f = a->f;
    for (size_t m = 0; m < f->metric_count; m++) {
        char name[NAME_BYTES_MOST + 8];
        free_metric_name(f->metric[m].name, name);
        ASSAY_TRY(tell_rows(a, err));
        ASSAY_AUTO_MEM double *value = NULL;
        ASSAY_TRY(spread_numbers(a, f->metric[m].value, &value, err));
        ASSAY_TRY(project_put_metric(db, name, model, value, a->images.count, err));
    }
    for (size_t t = 0; t < f->attribute_count; t++) {
        attribute_column column = f->attribute[t];
        ASSAY_TRY(tell_rows(a, err));
        ASSAY_AUTO_MEM uint32_t *code = mem_alloc(a->images.count, sizeof *code);
        if (!code)
            return add_nomem(a, err);
        for (size_t i = 0; i < a->images.count; i++)
            code[i] = a->row_of[i] == SAMPLE_NONE ? ATTRIBUTE_MISSING : column.code[a->row_of[i]];
        column.code = code;
        ASSAY_TRY(project_put_attribute(db, &column, model, a->images.count, err));
    }
    a->notes->metrics = f->metric_count;
    a->notes->attributes = f->attribute_count;
    return ASSAY_OK;
}

/* Where the predictions came from, for people: the files' names. */
static assay_code put_model(adding *a, const duck *db, uint32_t *number, assay_err *err)
{
    const import_request *r = &a->request->import;
    char source[2 * 4096];
    snprintf(source, sizeof source, "%.4000s%s%.4000s", r->path ? r->path : "",
             r->path && r->probabilities_path ? ", " : "",
             r->probabilities_path ? r->probabilities_path
             : r->predictions_path ? r->predictions_path
                                   : "");
    ASSAY_AUTO_MEM char *shown = copy_shown(source, strlen(source));
    ASSAY_AUTO_MEM uint16_t *prediction = NULL;
    ASSAY_AUTO_MEM double *confidence = NULL;
    if (!shown)
        return add_nomem(a, err);
    ASSAY_TRY(tell_rows(a, err));
    ASSAY_TRY(spread_classes(a, a->f->prediction, &prediction, err));
    if (a->f->confidence)
        ASSAY_TRY(spread_numbers(a, a->f->confidence, &confidence, err));
    project_model model = {.name = a->notes->model,
                           .source = shown,
                           .probabilities = a->matrix,
                           .top_classes = a->lists,
                           .has_confidence = confidence != NULL};
    ASSAY_TRY(project_put_model(db, &model, prediction, confidence, a->images.count, err));
    *number = model.number;
    return ASSAY_OK;
}

static assay_code keep_matrices(adding *a, assay_err *err)
{
    if (a->request->kind != ADD_PREDICTIONS)
        return ASSAY_OK;
    const keep_request request = {.name = a->notes->model,
                                  .from = a->f,
                                  .row_of = a->row_of,
                                  .sample_count = a->images.count,
                                  .class_of = a->class_of,
                                  .class_count = a->classes.count,
                                  .progress = a->request->import.progress};
    if (a->f->probability)
        ASSAY_TRY(keep_probabilities(a->writer, &request, &a->matrix, err));
    if (a->f->top.length > 0)
        ASSAY_TRY(keep_top_lists(a->writer, &request, &a->lists, err));
    return ASSAY_OK;
}

/* What neighbours say of labels follows the labels, in one transaction with them. Where an
 * embedding's files are damaged it cannot, which is told. */
static assay_code refresh(const adding *a, const duck *db, assay_err *err)
{
    assay_err unread;
    if (a->notes->labels == 0)
        return ASSAY_OK;
    ASSAY_TRY(refresh_neighbour_measures(a->writer, db, &unread, err));
    return unread.code == ASSAY_OK
               ? ASSAY_OK
               : import_notes_warn(&a->notes->import, err,
                                   "annotation_quality is of the labels before: %s", unread.msg);
}

static assay_code put_all(adding *a, const duck *db, assay_err *err)
{
    const size_t columns = a->f->metric_count + a->f->attribute_count + wants_labels(a) +
                           (a->request->kind == ADD_PREDICTIONS);
    a->rows_to_put = (uint64_t)columns * a->images.count;
    ASSAY_TRY(project_put_classes(db, &a->classes, a->images.classes.count, err));
    ASSAY_TRY(widen_models(a->writer, db, &a->models, a->notes->model, a->classes.count, err));
    uint32_t model = MODEL_NONE;
    if (a->request->kind == ADD_PREDICTIONS)
        ASSAY_TRY(put_model(a, db, &model, err));
    ASSAY_TRY(put_labels(a, db, err));
    ASSAY_TRY(put_columns(a, db, model, err));
    ASSAY_TRY(tell_rows(a, err));
    return refresh(a, db, err);
}

static assay_code keep_all(adding *a, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(a->writer, &db, err));
    const assay_code code = put_all(a, db, err);
    return project_writer_end(a->writer, code, err);
}

static void take_notes(adding *a)
{
    add_notes *n = a->notes;
    n->joined_by = a->rows.by;
    n->sample_count = a->images.count;
    n->row_count = a->f->row_count;
    n->matched = a->rows.matched;
    n->unmatched = a->rows.unmatched.count;
    n->doubled = a->rows.doubled.count;
    for (size_t i = 0; n->model && i < a->models.count; i++)
        n->replaced |= !strcmp(a->models.model[i].name, n->model);
}

static assay_code add_rows(adding *a, assay_err *err)
{
    ASSAY_TRY(read_project(a, err));
    ASSAY_TRY(read_rows(a, err));
    if (a->request->kind == ADD_METRICS && !a->request->of_list &&
        a->f->metric_count + a->f->attribute_count == 0)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has no column of numbers or texts beside the id to add",
                          a->request->import.path);
    ASSAY_TRY(join_table(a, err));
    ASSAY_TRY(turn_rows(a, err));
    ASSAY_TRY(merge_classes(a, err));
    if (a->request->kind == ADD_PREDICTIONS)
        ASSAY_TRY(name_model(a, &a->notes->model, err));
    take_notes(a);
    ASSAY_TRY(keep_matrices(a, err));
    return keep_all(a, err);
}

assay_code add_table(project_writer *w, const add_request *request, add_notes *notes,
                     assay_err *err)
{
    assert(w && request && notes);
    *notes = (add_notes){0};
    ASSAY_AUTO_CLEAR(adding) a = {.writer = w, .request = request, .notes = notes};
    assay_code code = add_rows(&a, err);
    if (code == ASSAY_E_CANCELLED)
        code = assay_fail(err, code, "interrupted: nothing of %s was added", file_of(request));
    if (code != ASSAY_OK)
        add_notes_clear(notes);
    /* Matrices that were written in vain, or that a new one has replaced. */
    project_writer_tidy(w);
    return code;
}
