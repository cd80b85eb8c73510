/* The use-case behind `assay find label-errors`: which labels to look at first. */
#include "project/find_labels.h"

#include <stdlib.h>
#include <string.h>

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

static assay_code make_columns(const frame *f, size_t count, found_labels *out, assay_err *err)
{
    const bool rated = metric_named(f, "annotation_quality") != NULL;
    const bool named = attribute_named(f, "neighbours_label") != NULL;
    out->row = mem_alloc(count, sizeof *out->row);
    out->self_confidence = mem_alloc(count, sizeof *out->self_confidence);
    out->normalised_margin = mem_alloc(count, sizeof *out->normalised_margin);
    out->suggested = mem_alloc(count, sizeof(char *));
    out->annotation_quality = rated ? mem_alloc(count, sizeof(double)) : NULL;
    out->neighbours_label = named ? mem_alloc(count, sizeof(char *)) : NULL;
    if (!out->row || !out->self_confidence || !out->normalised_margin || !out->suggested ||
        (rated && !out->annotation_quality) || (named && !out->neighbours_label))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu label errors", count);
    return ASSAY_OK;
}

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
        out->suggested[i] = f->classes.name[q->suggested[at]];
        if (rated && out->annotation_quality)
            out->annotation_quality[i] = rated[row];
        if (named && out->neighbours_label)
            out->neighbours_label[i] =
                named->code[row] == ATTRIBUTE_MISSING ? NULL : named->value[named->code[row]];
    }
}

static assay_code find_in(const frame *f, const selection *rows, const label_error_request *request,
                          found_labels *out, assay_err *err)
{
    const int threads = request->samples.thread_count;
    ASSAY_TRY(label_quality_new(f, rows, threads, &out->quality, err));
    if (out->quality->count == 0)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "no sample has both a label and valid probabilities: there is no label to "
            "doubt");
    const size_t found = out->quality->issue_count;
    ASSAY_AUTO_MEM uint32_t *position = mem_alloc(found, sizeof *position);
    if (!position)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu label errors", found);
    ASSAY_TRY(label_quality_order(out->quality, position, err));
    ASSAY_TRY(label_quality_overlaps(out->quality, &out->overlap, &out->overlap_count, err));
    ASSAY_TRY(list_noise(out, err));
    const size_t count = request->top > 0 && request->top < found ? request->top : found;
    ASSAY_TRY(make_columns(f, count, out, err));
    out->frame = f;
    out->found = found;
    out->count = count;
    fill_columns(f, position, out);
    return ASSAY_OK;
}

assay_code find_label_errors(const frame *f, const label_error_request *request, found_labels *out,
                             assay_err *err)
{
    *out = (found_labels){0};
    if (!f->probability)
        return refuse_without_probabilities(f, err);
    selection rows;
    ASSAY_TRY(choose_samples(f, &request->samples, &rows, err));
    found_labels made = {0};
    const assay_code code = find_in(f, &rows, request, &made, err);
    if (code == ASSAY_OK)
        *out = made;
    else
        found_labels_clear(&made);
    selection_clear(&rows);
    return code;
}

void found_labels_clear(found_labels *found)
{
    mem_free(found->row);
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
