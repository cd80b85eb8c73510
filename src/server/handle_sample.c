/* GET /api/samples/N: all that is known of one sample. */
#include "server/routes.h"

#include "base/limits.h"
#include "eval/near_duplicates.h"
#include "server/decisions.h"
#include "server/filter.h"
#include "server/frame_columns.h"
#include "server/json_words.h"
#include "server/sample_detail.h"
#include "server/sample_parts.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <math.h>

enum { SIMILAR_SHOWN = 12 };

/* One sample, and where it is looked at. */
typedef struct detail {
    workspace *w;
    const workspace_view *view;
    shown_columns columns;
    uint32_t row;
    text *out;
} detail;

/* What a project does not have is no failure of a page about a sample. */
static bool is_absent(assay_code code)
{
    return code == ASSAY_E_INPUT || code == ASSAY_E_NOT_FOUND;
}

static void put_similar(const detail *d, const found_similar *found)
{
    text_puts(d->out, ",\n\"similar\": [");
    for (size_t i = 0; i < found->count; i++) {
        text_puts(d->out, i ? ",\n{\"sample\": " : "\n{\"sample\": ");
        put_sample(d->out, &d->columns, found->row[i], (double)NAN);
        text_puts(d->out, ", \"similarity\": ");
        put_json_number(d->out, found->similarity[i]);
        text_puts(d->out, "}");
    }
    text_puts(d->out, "]");
}

static assay_code find_repeats_of(const detail *d, const similar_index *index, found_similar *out,
                                  assay_err *err)
{
    kept_item *small;
    *out = (found_similar){0};
    const assay_code code = sample_parts_small(d->w, d->columns.frame->row_count, &small, err);
    if (is_absent(code))
        return ASSAY_OK;
    ASSAY_TRY(code);
    const assay_code found =
        find_repeats(kept_value(small), index, d->row, (double)NEAR_DUPLICATE_STRENGTH, out, err);
    kept_release(workspace_lasting(d->w), small);
    return found;
}

static assay_code put_alike(const detail *d, const similar_index *index, assay_err *err)
{
    ASSAY_AUTO_CLEAR(found_similar) similar = {0};
    ASSAY_AUTO_CLEAR(found_similar) repeats = {0};
    const similar_request asked = {.limit = SIMILAR_SHOWN};
    if (index && similar_index_has(index, d->row)) {
        ASSAY_TRY(similar_index_find(index, d->row, &asked, &similar, err));
        ASSAY_TRY(find_repeats_of(d, index, &repeats, err));
    }
    put_similar(d, &similar);
    text_puts(d->out, ",\n\"duplicates\": ");
    put_samples(d->out, &d->columns, repeats.row, NULL, repeats.count);
    return ASSAY_OK;
}

static assay_code put_neighbours(const detail *d, assay_err *err)
{
    kept_item *index = NULL;
    const assay_code code = sample_parts_similar(d->w, d->columns.frame->row_count, &index, err);
    if (code != ASSAY_OK && !is_absent(code))
        return code;
    const assay_code put = put_alike(d, index ? kept_value(index) : NULL, err);
    kept_release(workspace_lasting(d->w), index);
    return put;
}

static assay_code put_decision(const detail *d, assay_err *err)
{
    kept_item *decisions;
    ASSAY_TRY(decisions_get(d->w, d->view, &decisions, err));
    const decided_label *decided = decided_labels_find(kept_value(decisions), d->row);
    text_puts(d->out, ",\n\"decision\": ");
    put_json_word(d->out, decided ? label_decision_word(decided->decision) : NULL);
    text_puts(d->out, ", \"suggested\": ");
    put_json_word(d->out, decided ? decided->suggested : NULL);
    kept_release(workspace_answers(d->w), decisions);
    return ASSAY_OK;
}

static assay_code put_detail(const detail *d, assay_err *err)
{
    const frame *f = d->columns.frame;
    text_printf(d->out, "{\"revision\": %" PRIu64 ", \"sample\": ", workspace_revision(d->view));
    put_sample(d->out, &d->columns, d->row, (double)NAN);
    text_puts(d->out, ",\n\"unreadable\": ");
    put_json_word(d->out, attribute_of(d->columns.unreadable, d->row));
    text_puts(d->out, ",\n\"attributes\": ");
    put_sample_attributes(d->out, f, d->row);
    text_puts(d->out, ",\n\"metrics\": ");
    put_sample_metrics(d->out, f, d->row);
    text_puts(d->out, ",\n\"probabilities\": ");
    ASSAY_TRY(put_sample_probabilities(d->out, f, d->row, err));
    ASSAY_TRY(put_neighbours(d, err));
    ASSAY_TRY(put_decision(d, err));
    text_puts(d->out, "}\n");
    return text_check(d->out, err);
}

static assay_code answer(workspace *w, const request *q, const filter *of, reply *out,
                         assay_err *err)
{
    detail d = {.w = w, .view = filter_view(of), .out = &out->body};
    ASSAY_TRY(frame_check_sample(filter_frame(of), q->number, err));
    d.row = (uint32_t)q->number;
    shown_columns_find(d.view, &d.columns);
    text_init(&out->body, REPORT_BYTES_MOST);
    out->revision_plus_one = workspace_revision(d.view) + 1;
    return put_detail(&d, err);
}

ROUTE_HANDLER(handle_sample)
{
    filter *of;
    ASSAY_TRY(filter_of_request(w, q, &of, out, err));
    const assay_code code = answer(w, q, of, out, err);
    filter_release(of);
    return code;
}
