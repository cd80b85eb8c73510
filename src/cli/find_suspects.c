/* `assay find label-errors`: labels to look at, by probabilities or by what images look like. */
#include "cli/find_words.h"

#include "cli/progress_line.h"
#include "cli/terminal.h"
#include "project/find_labels.h"

static size_t label_columns(const found_labels *l, found_column *column)
{
    const bool by_looks = l->basis == LABELS_FROM_EMBEDDING;
    const found_column margin = {.name = "normalised_margin", .number = l->normalised_margin};
    const found_column confidence = {.name = "self_confidence", .number = l->self_confidence};
    size_t count = 0;
    column[count++] = (found_column){.name = "suggested", .word = l->suggested};
    if (!by_looks) {
        column[count++] = margin;
        column[count++] = confidence;
    }
    if (l->annotation_quality)
        column[count++] =
            (found_column){.name = "annotation_quality", .number = l->annotation_quality};
    if (l->neighbours_label)
        column[count++] = (found_column){.name = "neighbours_label", .word = l->neighbours_label};
    if (by_looks)
        column[count++] = (found_column){.name = "fitted_margin", .number = l->fitted_margin};
    if (by_looks && l->frame->probability) {
        column[count++] = margin;
        column[count++] = confidence;
    }
    return count;
}

static int show(const find_words *w, const frame *f, const found_labels *l)
{
    found_column columns[FOUND_COLUMNS_MOST];
    const found_samples found = {.what = "label-errors",
                                 .score = l->basis == LABELS_FROM_EMBEDDING ? "rank" : NULL,
                                 .frame = f,
                                 .row = l->row,
                                 .score_of = l->score,
                                 .count = l->count,
                                 .found = l->found,
                                 .column = columns,
                                 .column_count = label_columns(l, columns),
                                 .labels = l};
    return find_show(w, &found, NULL);
}

int find_show_label_errors(const find_words *w, const frame *f)
{
    progress_line line;
    const progress told = progress_line_start(&line);
    const label_error_request request = {
        .samples = {.where = w->project.where,
                    .thread_count = (int)w->project.threads,
                    .give_up = project_give_up},
        .top = find_limit(w),
        /* An order that only probabilities have is a wish for them. */
        .from = w->order ? LABELS_FROM_PROBABILITIES : (label_basis)w->from,
        .order = (label_order)w->order,
        .project = w->project.path,
        .embedding = w->embedding,
        .progress = &told};
    ASSAY_AUTO_CLEAR(found_labels) l = {0};
    assay_err err;
    const assay_code code = find_label_errors(f, &request, &l, &err);
    progress_line_end(&line);
    return code == ASSAY_OK ? show(w, f, &l) : terminal_fail(&err);
}
