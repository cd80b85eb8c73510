/* GET /api/samples/N/similar: more like this one. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/frame_columns.h"
#include "server/sample_parts.h"
#include "server/sample_query.h"
#include "server/shown_sample.h"

#include <inttypes.h>

enum { SIMILAR_MOST = 500, SIMILAR_OTHERWISE = 50 };

ASSAY_AUTO_CLEAR_DECLARE(selection)

static void put_similar(const sample_query *query, const found_similar *found, text *out)
{
    shown_columns columns;
    shown_columns_find(filter_view(query->filter), &columns);
    text_printf(out, "{\"revision\": %" PRIu64 ", \"of\": %u, \"samples\": ",
                sample_query_revision(query), found->of);
    put_samples(out, &columns, found->row, found->similarity, found->count);
    text_puts(out, "}\n");
}

static assay_code find(const similar_index *index, const sample_query *query, uint32_t sample,
                       size_t count, found_similar *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    if (!similar_index_has(index, sample))
        return assay_fail(err, ASSAY_E_INPUT,
                          "sample %u has no vector: its image could not be read, or has not been "
                          "described",
                          sample);
    ASSAY_TRY(sample_query_rows(query, &rows, err));
    const bool all = selection_count(&rows) == rows.row_count;
    const similar_request asked = {.rows = all ? NULL : &rows, .limit = count};
    return similar_index_find(index, sample, &asked, out, err);
}

static assay_code answer(workspace *w, const sample_query *query, const request *q, reply *out,
                         assay_err *err)
{
    uint64_t count;
    kept_item *index;
    ASSAY_AUTO_CLEAR(found_similar) found = {0};
    const frame *f = sample_query_frame(query);
    ASSAY_TRY(request_number(q, "count", 1, SIMILAR_MOST, SIMILAR_OTHERWISE, &count, err));
    ASSAY_TRY(frame_check_sample(f, q->number, err));
    ASSAY_TRY(sample_parts_similar(w, f->row_count, &index, err));
    const assay_code code =
        find(kept_value(index), query, (uint32_t)q->number, (size_t)count, &found, err);
    kept_release(workspace_lasting(w), index);
    ASSAY_TRY(code);
    text_init(&out->body, REPORT_BYTES_MOST);
    put_similar(query, &found, &out->body);
    out->revision_plus_one = sample_query_revision(query) + 1;
    return text_check(&out->body, err);
}

ROUTE_HANDLER(handle_similar)
{
    ASSAY_AUTO_CLEAR(sample_query) query = {0};
    ASSAY_TRY(sample_query_of_request(w, q, &query, out, err));
    return answer(w, &query, q, out, err);
}
