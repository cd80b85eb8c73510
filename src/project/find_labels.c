/* The use-case behind `assay find label-errors`: which labels to look at first. */
#include "project/find_labels.h"

#include "eval/label_measures.h"
#include "project/open_embedding.h"
#include "project/rank_labels.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

static const double *metric_named(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (strcmp(f->metric[i].name, name) == 0)
            return f->metric[i].value;
    }
    return NULL;
}

static const attribute_column *attribute_named(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->attribute_count; i++) {
        if (strcmp(f->attribute[i].name, name) == 0)
            return &f->attribute[i];
    }
    return NULL;
}

static assay_code refuse_without_probabilities(const frame *f, assay_err *err)
{
    if (!f->model && f->unchosen_models)
        return assay_fail(err, ASSAY_E_USAGE,
                          "label errors are found by a model's probabilities; choose one with "
                          "--model: %.1200s",
                          f->unchosen_models);
    if (!f->model)
        return assay_fail(err, ASSAY_E_INPUT,
                          "label errors are found by a model's probabilities, and the project has "
                          "no predictions yet; assay add predictions brings some");
    return assay_fail(err, ASSAY_E_INPUT,
                      "label errors are found by probabilities, and model %.200s has none: only "
                      "predictions",
                      f->model);
}

static int compare_noise(const void *a, const void *b)
{
    const joint_cell *x = a;
    const joint_cell *y = b;
    if (x->noise != y->noise)
        return x->noise > y->noise ? -1 : 1;
    if (x->given != y->given)
        return x->given < y->given ? -1 : 1;
    return x->truly < y->truly ? -1 : x->truly > y->truly;
}

static assay_code list_noise(found_labels *out, assay_err *err)
{
    const label_quality *q = out->quality;
    out->noise = mem_alloc(q->cell_count, sizeof *out->noise);
    if (!out->noise)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of classes",
                          q->cell_count);
    for (size_t c = 0; c < q->cell_count; c++) {
        if (q->cell[c].given != q->cell[c].truly)
            out->noise[out->noise_count++] = q->cell[c];
    }
    qsort(out->noise, out->noise_count, sizeof *out->noise, compare_noise);
    return ASSAY_OK;
}

static assay_code errors_nomem(size_t count, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu label errors", count);
}

/* Columns of `count`, those that every basis has. */
static assay_code make_columns(size_t count, bool rated, bool named, found_labels *out,
                               assay_err *err)
{
    out->row = mem_alloc(count, sizeof *out->row);
    out->score = mem_alloc(count, sizeof *out->score);
    out->self_confidence = mem_alloc(count, sizeof *out->self_confidence);
    out->normalised_margin = mem_alloc(count, sizeof *out->normalised_margin);
    out->suggested = mem_alloc(count, sizeof(char *));
    out->annotation_quality = rated ? mem_alloc(count, sizeof(double)) : NULL;
    out->neighbours_label = named ? mem_alloc(count, sizeof(char *)) : NULL;
    if (!out->row || !out->score || !out->self_confidence || !out->normalised_margin ||
        !out->suggested || (rated && !out->annotation_quality) || (named && !out->neighbours_label))
        return errors_nomem(count, err);
    out->count = count;
    return ASSAY_OK;
}

static size_t listed_of(size_t found, size_t top)
{
    return top > 0 && top < found ? top : found;
}

/* ---- by probabilities */

static void fill_columns(const frame *f, const uint32_t *position, found_labels *out)
{
    const label_quality *q = out->quality;
    const double *rated = metric_named(f, "annotation_quality");
    const attribute_column *named = attribute_named(f, "neighbours_label");
    for (size_t i = 0; i < out->count; i++) {
        const size_t at = position[i], row = q->row[at];
        out->row[i] = (uint32_t)row;
        out->self_confidence[i] = q->self_confidence[at];
        out->normalised_margin[i] = q->normalised_margin[at];
        out->score[i] =
            out->order == LABELS_BY_MARGIN ? q->normalised_margin[at] : q->self_confidence[at];
        out->suggested[i] = f->classes.name[q->suggested[at]];
        if (rated && out->annotation_quality)
            out->annotation_quality[i] = rated[row];
        if (named && out->neighbours_label)
            out->neighbours_label[i] =
                named->code[row] == ATTRIBUTE_MISSING ? NULL : named->value[named->code[row]];
    }
}

static assay_code find_by_probabilities(const frame *f, const selection *rows,
                                        const label_error_request *request, found_labels *out,
                                        assay_err *err)
{
    const int threads = request->samples.thread_count;
    ASSAY_TRY(label_quality_new(f, rows, threads, &out->quality, err));
    if (out->quality->count == 0)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "no sample has both a label and valid probabilities: there is no label to "
            "doubt");
    out->found = out->quality->issue_count;
    out->judged = out->quality->count;
    out->order = request->order;
    ASSAY_AUTO_MEM uint32_t *position = mem_alloc(out->quality->issue_count, sizeof *position);
    if (!position)
        return errors_nomem(out->quality->issue_count, err);
    ASSAY_TRY(label_quality_order(out->quality, out->order, position, err));
    ASSAY_TRY(label_quality_overlaps(out->quality, &out->overlap, &out->overlap_count, err));
    ASSAY_TRY(list_noise(out, err));
    ASSAY_TRY(make_columns(listed_of(out->quality->issue_count, request->top),
                           metric_named(f, "annotation_quality"),
                           attribute_named(f, "neighbours_label"), out, err));
    fill_columns(f, position, out);
    return ASSAY_OK;
}

/* ---- by embedding */

static const char *class_name(const frame *f, uint16_t code)
{
    return code < f->classes.count ? f->classes.name[code] : NULL;
}

static void fill_ranked(const frame *f, const ranked_labels *ranked, found_labels *out)
{
    for (size_t i = 0; i < out->count; i++) {
        out->row[i] = ranked->row[i];
        out->score[i] = ranked->score[i];
        out->annotation_quality[i] = ranked->annotation_quality[i];
        out->fitted_margin[i] = ranked->fitted_margin[i];
        out->suggested[i] = class_name(f, ranked->suggested[i]);
        out->neighbours_label[i] = class_name(f, ranked->neighbours_label[i]);
        out->self_confidence[i] = out->normalised_margin[i] = (double)NAN;
    }
}

/* What probabilities say stands beside, where there are any. */
static assay_code fill_measures(const frame *f, int threads, found_labels *out, assay_err *err)
{
    if (!f->probability)
        return ASSAY_OK;
    ASSAY_AUTO_MEM double *self_confidence = mem_alloc(f->row_count, sizeof *self_confidence);
    ASSAY_AUTO_MEM double *margin = mem_alloc(f->row_count, sizeof *margin);
    if (!self_confidence || !margin)
        return errors_nomem(f->row_count, err);
    const label_measure_columns wanted = {.self_confidence = self_confidence,
                                          .normalised_margin = margin};
    ASSAY_TRY(label_measures(f, threads, &wanted, err));
    for (size_t i = 0; i < out->count; i++) {
        out->self_confidence[i] = self_confidence[out->row[i]];
        out->normalised_margin[i] = margin[out->row[i]];
    }
    return ASSAY_OK;
}

static assay_code refuse_without_anything(const frame *f, const char *project, assay_err *err)
{
    if (!project && f->probability)
        return assay_fail(err, ASSAY_E_USAGE, "only a project has an embedding");
    if (!project)
        return refuse_without_probabilities(f, err);
    if (f->unchosen_models)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%.300s: there is nothing to judge labels by yet: no model is chosen "
                          "(--model: %.1000s), and what the images look like is not known (assay "
                          "embed %.300s finds out)",
                          project, f->unchosen_models, project);
    return assay_fail(err, ASSAY_E_INPUT,
                      "%.300s: there is nothing to judge labels by yet: no model's probabilities "
                      "(assay add predictions brings them), and what the images look like is not "
                      "known (assay embed %.300s finds out)",
                      project, project);
}

static assay_code find_by_embedding(const frame *f, const selection *rows,
                                    const label_error_request *request,
                                    const opened_embedding *opened, found_labels *out,
                                    assay_err *err)
{
    const project_neighbours *n = &opened->files;
    const label_evidence evidence = {
        .vectors = n->vectors,
        .dimensions = n->dimensions,
        .lists = {n->index, n->distance, n->row_count, n->k},
        .label = f->label,
        .class_count = f->classes.count,
    };
    const rank_labels_options options = {.rows = rows,
                                         .seed = request->seed,
                                         .thread_count = request->samples.thread_count,
                                         .progress = request->progress};
    ASSAY_AUTO_CLEAR(ranked_labels) ranked = {0};
    ASSAY_TRY(rank_labels(&evidence, &options, &ranked, err));
    if (ranked.judged == 0)
        return assay_fail(err, ASSAY_E_INPUT,
                          "no sample has a label that can be judged by its looks: that takes a "
                          "picture that could be read, ten labelled ones among its neighbours, and "
                          "two classes");
    const char *name = opened->embedding.name;
    assert(name);
    out->embedding = mem_copy_text(name, strlen(name));
    out->own_vectors = embedding_is_own(&opened->embedding);
    const size_t count = listed_of(ranked.count, request->top);
    out->fitted_margin = mem_alloc(count, sizeof *out->fitted_margin);
    if (!out->embedding || !out->fitted_margin)
        return errors_nomem(count, err);
    ASSAY_TRY(make_columns(count, true, true, out, err));
    out->found = ranked.count;
    out->judged = ranked.judged;
    fill_ranked(f, &ranked, out);
    return fill_measures(f, request->samples.thread_count, out, err);
}

/* ---- which of them */

static label_basis choose_basis(const frame *f, const label_error_request *request)
{
    if (request->from != LABELS_FROM_EITHER)
        return request->from;
    return f->probability && !request->embedding ? LABELS_FROM_PROBABILITIES
                                                 : LABELS_FROM_EMBEDDING;
}

static assay_code open_basis(const frame *f, const label_error_request *request,
                             opened_embedding *out, assay_err *err)
{
    const bool either = request->from == LABELS_FROM_EITHER && !f->probability;
    const open_embedding_request wanted = {.project = request->project,
                                           .name = request->embedding,
                                           .sample_count = f->row_count,
                                           .thread_count = request->samples.thread_count,
                                           .moment = request->moment,
                                           .optional = either};
    if (request->project)
        ASSAY_TRY(open_embedding(&wanted, out, err));
    return out->files.k > 0 && out->embedding.name
               ? ASSAY_OK
               : refuse_without_anything(f, request->project, err);
}

static assay_code find_in(const frame *f, const label_error_request *request, found_labels *out,
                          assay_err *err)
{
    out->frame = f;
    out->basis = choose_basis(f, request);
    const bool looks = out->basis == LABELS_FROM_EMBEDDING;
    ASSAY_AUTO_CLEAR(opened_embedding) opened = {0};
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    if (looks)
        ASSAY_TRY(open_basis(f, request, &opened, err));
    else if (!f->probability)
        return refuse_without_probabilities(f, err);
    ASSAY_TRY(choose_samples(f, &request->samples, &rows, err));
    return looks ? find_by_embedding(f, &rows, request, &opened, out, err)
                 : find_by_probabilities(f, &rows, request, out, err);
}

assay_code find_label_errors(const frame *f, const label_error_request *request, found_labels *out,
                             assay_err *err)
{
    *out = (found_labels){0};
    ASSAY_AUTO_CLEAR(found_labels) made = {0};
    ASSAY_TRY(find_in(f, request, &made, err));
    *out = made;
    made = (found_labels){0};
    return ASSAY_OK;
}

void found_labels_clear(found_labels *found)
{
    mem_free(found->embedding);
    mem_free(found->row);
    mem_free(found->score);
    mem_free(found->fitted_margin);
    mem_free(found->self_confidence);
    mem_free(found->normalised_margin);
    mem_free(found->suggested);
    mem_free(found->annotation_quality);
    mem_free(found->neighbours_label);
    mem_free(found->noise);
    mem_free(found->overlap);
    label_quality_free(found->quality);
    *found = (found_labels){0};
}
