/* GET /api/suspects: labels to doubt, the worst first. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/decisions.h"
#include "server/findings.h"
#include "server/json_words.h"
#include "server/sample_parts.h"
#include "server/sample_query.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <math.h>

enum { SUSPECTS_MOST = 200, SUSPECTS_OTHERWISE = 50, NEIGHBOURS_SHOWN = 6, PAIRS_SHOWN = 50 };

/* One page, and all that is shown beside. */
typedef struct suspects_page {
    const filter *filter;
    shown_columns columns;
    const found_labels *found;
    const decided_labels *decided;
    const similar_index *similar; /* NULL: there is no embedding */
    uint64_t from, count;
    text *out;
} suspects_page;

static void put_number(text *out, const char *key, double value)
{
    text_printf(out, ", \"%s\": ", key);
    put_json_number(out, value);
}

static void put_word(text *out, const char *key, const char *value)
{
    text_printf(out, ", \"%s\": ", key);
    put_json_word(out, value);
}

static assay_code put_neighbours(const suspects_page *p, uint32_t row, assay_err *err)
{
    ASSAY_AUTO_CLEAR(found_similar) found = {0};
    const similar_request asked = {.limit = NEIGHBOURS_SHOWN};
    if (p->similar && similar_index_has(p->similar, row))
        ASSAY_TRY(similar_index_find(p->similar, row, &asked, &found, err));
    text_puts(p->out, ", \"neighbours\": ");
    put_samples(p->out, &p->columns, found.row, found.similarity, found.count);
    return ASSAY_OK;
}

static double number_at(const double *column, size_t i)
{
    return column ? column[i] : (double)NAN;
}

static assay_code put_suspect(const suspects_page *p, size_t i, assay_err *err)
{
    const found_labels *l = p->found;
    const decided_label *decided = decided_labels_find(p->decided, l->row[i]);
    text_puts(p->out, "{\"sample\": ");
    put_sample(p->out, &p->columns, l->row[i], number_at(l->score, i));
    put_word(p->out, "suggested", l->suggested[i]);
    put_number(p->out, "self_confidence", number_at(l->self_confidence, i));
    put_number(p->out, "normalised_margin", number_at(l->normalised_margin, i));
    put_number(p->out, "annotation_quality", number_at(l->annotation_quality, i));
    put_word(p->out, "neighbours_label", l->neighbours_label ? l->neighbours_label[i] : NULL);
    ASSAY_TRY(put_neighbours(p, l->row[i], err));
    put_word(p->out, "decision", decided ? label_decision_word(decided->decision) : NULL);
    text_puts(p->out, "}");
    return ASSAY_OK;
}

static assay_code put_page(const suspects_page *p, size_t *listed, assay_err *err)
{
    *listed = 0;
    text_puts(p->out, ",\n\"suspects\": [");
    for (size_t i = 0; i < p->found->count; i++) {
        if (!filter_shows_row(p->filter, p->found->row[i]))
            continue;
        if (*listed >= p->from && *listed - p->from < p->count) {
            text_puts(p->out, *listed > p->from ? ",\n" : "\n");
            ASSAY_TRY(put_suspect(p, i, err));
        }
        ++*listed;
    }
    text_puts(p->out, "]");
    return ASSAY_OK;
}

static void put_pairs(const suspects_page *p)
{
    const found_labels *l = p->found;
    char *const *name = l->frame->classes.name;
    text_puts(p->out, ",\n\"noise\": [");
    for (size_t i = 0; i < l->noise_count && i < PAIRS_SHOWN; i++) {
        const joint_cell *cell = &l->noise[i];
        text_puts(p->out, i ? ",\n{\"given\": " : "\n{\"given\": ");
        put_json_word(p->out, name[cell->given]);
        put_word(p->out, "truly", name[cell->truly]);
        put_number(p->out, "probability", cell->noise);
        text_printf(p->out, ", \"samples\": %u}", cell->calibrated);
    }
    text_puts(p->out, "],\n\"overlap\": [");
    for (size_t i = 0; i < l->overlap_count && i < PAIRS_SHOWN; i++) {
        text_puts(p->out, i ? ",\n{\"first\": " : "\n{\"first\": ");
        put_json_word(p->out, name[l->overlap[i].first]);
        put_word(p->out, "second", name[l->overlap[i].second]);
        put_number(p->out, "share", l->overlap[i].share);
        text_puts(p->out, "}");
    }
    text_puts(p->out, "]");
}

static void put_decided(const suspects_page *p)
{
    size_t accepted = 0;
    for (size_t i = 0; i < p->decided->count; i++)
        accepted += p->decided->at[i].decision == DECISION_ACCEPT;
    text_printf(p->out, ",\n\"decided\": {\"accept\": %zu, \"dismiss\": %zu}", accepted,
                p->decided->count - accepted);
}

static assay_code put_suspects(const suspects_page *p, assay_err *err)
{
    const bool by_looks = p->found->basis == LABELS_FROM_EMBEDDING;
    size_t listed;
    text_printf(p->out, "{\"revision\": %" PRIu64 ", \"basis\": \"%s\", \"from\": %" PRIu64,
                workspace_revision(filter_view(p->filter)),
                by_looks ? "embedding" : "probabilities", p->from);
    ASSAY_TRY(put_page(p, &listed, err));
    put_pairs(p);
    put_decided(p);
    text_printf(p->out, ", \"count\": %zu", listed);
    put_number(p->out, "health", p->found->quality ? p->found->quality->health : (double)NAN);
    text_puts(p->out, "}\n");
    return text_check(p->out, err);
}

static bool is_absent(assay_code code)
{
    return code == ASSAY_E_INPUT || code == ASSAY_E_NOT_FOUND;
}

/* The rest that a page needs, around it. */
static assay_code put_with_similar(workspace *w, suspects_page *p, assay_err *err)
{
    kept_item *similar = NULL;
    const assay_code code = sample_parts_similar(w, p->columns.frame->row_count, &similar, err);
    if (code != ASSAY_OK && !is_absent(code))
        return code;
    p->similar = similar ? kept_value(similar) : NULL;
    const assay_code put = put_suspects(p, err);
    kept_release(workspace_lasting(w), similar);
    return put;
}

static assay_code put_with_decisions(workspace *w, suspects_page *p, assay_err *err)
{
    kept_item *decisions;
    ASSAY_TRY(decisions_get(w, filter_view(p->filter), &decisions, err));
    p->decided = kept_value(decisions);
    const assay_code code = put_with_similar(w, p, err);
    kept_release(workspace_answers(w), decisions);
    return code;
}

static assay_code answer(workspace *w, const request *q, const filter *f, reply *out,
                         assay_err *err)
{
    finding found;
    suspects_page p = {.filter = f, .out = &out->body};
    ASSAY_TRY(request_number(q, "from", 0, ROWS_MOST, 0, &p.from, err));
    ASSAY_TRY(request_number(q, "count", 0, SUSPECTS_MOST, SUSPECTS_OTHERWISE, &p.count, err));
    ASSAY_TRY(findings_labels(&(finding_request){w, f, q->stop}, &found, err));
    p.found = kept_value(found.item);
    shown_columns_find(filter_view(f), &p.columns);
    text_init(&out->body, REPORT_BYTES_MOST);
    const assay_code code = put_with_decisions(w, &p, err);
    finding_release(&found);
    out->revision_plus_one = workspace_revision(filter_view(f)) + 1;
    return code;
}

ROUTE_HANDLER(handle_suspects)
{
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    const assay_code code = answer(w, q, f, out, err);
    filter_release(f);
    return code;
}
