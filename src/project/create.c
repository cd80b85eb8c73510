/* The use-case behind `assay create`. */
#include "project/create.h"

#include "project/move_root.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "store/project_models.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void close_writer(project_writer **w)
{
    project_writer_close(*w);
}
#define AUTO_WRITER __attribute__((cleanup(close_writer))) project_writer *
ASSAY_AUTO_CLEAR_DECLARE(image_list)
ASSAY_AUTO_CLEAR_DECLARE(add_notes)

void create_notes_clear(create_notes *notes)
{
    for (size_t i = 0; i < notes->warning_count; i++)
        mem_free(notes->warning[i]);
    mem_free(notes->warning);
    add_notes_clear(&notes->predictions);
    *notes = (create_notes){0};
}

/* Texts of a list are taken over. */
static assay_code take_warnings(create_notes *notes, char **warning, size_t count, assay_err *err)
{
    if (count == 0)
        return ASSAY_OK;
    char **grown = mem_resize(notes->warning, notes->warning_count + count, sizeof *grown);
    if (!grown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the warnings");
    notes->warning = grown;
    for (size_t i = 0; i < count; i++)
        grown[notes->warning_count++] = ASSAY_GIVE(warning[i]);
    return ASSAY_OK;
}

static assay_code put_list(const duck *db, const image_list *list, const char *source,
                           assay_err *err)
{
    ASSAY_TRY(project_put_images(db, list, source, err));
    if (list->label)
        ASSAY_TRY(project_put_labels(db, list->label, list->count, err));
    if (list->split.value_count == 0)
        return ASSAY_OK;
    attribute_column split = list->split;
    char name[] = "split";
    split.name = name;
    return project_put_attribute(db, &split, MODEL_NONE, list->count, err);
}

static assay_code keep_list(project_writer *w, const image_list *list, const char *source,
                            assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(w, &db, err));
    const assay_code code = put_list(db, list, source, err);
    return project_writer_end(w, code, err);
}

/* The tables that the images came with, or that --labels names. */
static assay_code add_list_table(const create_request *r, project_writer *w, const image_list *list,
                                 const image_table *t, create_notes *notes, assay_err *err)
{
    const add_request request = {.kind = list->label ? ADD_METRICS : ADD_LABELS,
                                 .import = {.path = t->path,
                                            .label = r->list.label,
                                            .id = r->list.id,
                                            .classes = r->list.classes,
                                            .label_optional = !r->list.labels,
                                            .thread_count = r->access.thread_count},
                                 .folder = t->folder,
                                 .of_list = true,
                                 .rows_in_order = t->in_order,
                                 .first_sample = t->first_sample,
                                 .sample_count = t->row_count,
                                 .allow_unmatched = r->allow_unmatched};
    ASSAY_AUTO_CLEAR(add_notes) added = {0};
    ASSAY_TRY(add_table(w, &request, &added, err));
    notes->labels += added.labels;
    notes->classes = added.class_count;
    return take_warnings(notes, added.import.warning, added.import.warning_count, err);
}

static assay_code list_images(const create_request *r, project_writer *w, const char *source,
                              create_notes *notes, assay_err *err)
{
    ASSAY_AUTO_CLEAR(image_list) list = {0};
    ASSAY_TRY(image_list_read(&r->list, &list, err));
    notes->kind = list.kind;
    notes->count = list.count;
    notes->classes = list.classes.count;
    notes->splits = list.split.value_count;
    for (size_t i = 0; list.label && i < list.count; i++)
        notes->labels += list.label[i] != CLASS_MISSING;
    ASSAY_TRY(take_warnings(notes, list.warning, list.warning_count, err));
    ASSAY_TRY(keep_list(w, &list, source, err));
    for (size_t i = 0; i < list.table_count; i++)
        ASSAY_TRY(add_list_table(r, w, &list, &list.table[i], notes, err));
    return ASSAY_OK;
}

static bool has_predictions(const create_request *r)
{
    const import_request *in = &r->predictions.import;
    return in->path || in->predictions_path || in->probabilities_path;
}

static assay_code add_predictions(const create_request *r, project_writer *w, create_notes *notes,
                                  assay_err *err)
{
    if (!has_predictions(r))
        return ASSAY_OK;
    add_request request = r->predictions;
    request.import.progress = r->progress;
    ASSAY_TRY(add_table(w, &request, &notes->predictions, err));
    notes->has_predictions = true;
    notes->labels += notes->predictions.labels;
    notes->classes = notes->predictions.class_count;
    return ASSAY_OK;
}

/* Measures and pictures come from one pass over the images. */
static assay_code look_at_images(const create_request *r, project_writer *w, create_notes *notes,
                                 assay_err *err)
{
    const int thread_count = r->access.thread_count;
    if (r->no_measure)
        return ASSAY_OK;
    if (r->no_embed) {
        const measure_images_request request = {.thread_count = thread_count,
                                                .progress = r->progress};
        notes->has_measures = true;
        return measure_images(w, &request, &notes->measures, err);
    }
    const embed_images_request request = {
        .seed = 1, .thread_count = thread_count, .progress = r->progress, .tell = r->access.tell};
    notes->has_embedding = true;
    return embed_images(w, &request, &notes->embedding, err);
}

/* A new project: it takes its place when all but the measures are in it. */
static assay_code make(const create_request *r, const char *source, create_notes *notes,
                       assay_err *err)
{
    AUTO_WRITER w = NULL;
    ASSAY_TRY(project_writer_create(&r->access, &w, err));
    ASSAY_TRY(list_images(r, w, source, notes, err));
    ASSAY_TRY(add_predictions(r, w, notes, err));
    ASSAY_TRY(project_writer_publish(w, err));
    return look_at_images(r, w, notes, err);
}

static assay_code read_source(const char *path, int thread_count, char **source,
                              create_notes *notes, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(path, thread_count, &db, err));
    assay_code code = project_read_source(&db, source, err);
    if (code == ASSAY_OK)
        code = project_count_samples(&db, &notes->count, err);
    duck_close(&db);
    return code;
}

/* What was interrupted goes on; a project of other images is left alone. */
static assay_code resume(const create_request *r, const char *source, create_notes *notes,
                         assay_err *err)
{
    ASSAY_AUTO_MEM char *before = NULL;
    ASSAY_TRY(read_source(r->access.path, r->access.thread_count, &before, notes, err));
    if (!before || strcmp(before, source) != 0)
        return assay_fail(err, ASSAY_E_CONFLICT, "%s: is a project already, of the images in %s",
                          r->access.path, before ? before : "no folder");
    notes->resumed = true;
    if (r->list.root) {
        move_root_notes moved;
        ASSAY_TRY(move_root(&r->access, r->list.root, &moved, err));
    }
    AUTO_WRITER w = NULL;
    ASSAY_TRY(project_writer_open(&r->access, &w, err));
    ASSAY_TRY(add_predictions(r, w, notes, err));
    return look_at_images(r, w, notes, err);
}

assay_code create_project(const create_request *request, create_notes *notes, assay_err *err)
{
    assert(request->list.images);
    *notes = (create_notes){0};
    char source[PATH_MAX];
    if (!realpath(request->list.images, source))
        return assay_fail(err, ASSAY_E_NOT_FOUND, "%s: there is no such file or folder",
                          request->list.images);
    if (project_folder_is(request->access.path))
        return resume(request, source, notes, err);
    return make(request, source, notes, err);
}
