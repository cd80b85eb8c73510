/* GET /api/samples: a page of the samples that a query gives. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/frame_columns.h"
#include "server/sample_lists.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <math.h>

enum { PAGE_MOST = 500, PAGE_OTHERWISE = 200 };

/* Which piece of which list. */
typedef struct page_asked {
    list_order order;
    uint64_t from, count;
} page_asked;

static assay_code read_page(const request *q, const frame *f, page_asked *out, assay_err *err)
{
    uint64_t descending;
    *out = (page_asked){.order.metric = request_text(q, "sort")};
    ASSAY_TRY(request_number(q, "descending", 0, 1, 0, &descending, err));
    ASSAY_TRY(request_number(q, "from", 0, ROWS_MOST, 0, &out->from, err));
    ASSAY_TRY(request_number(q, "count", 0, PAGE_MOST, PAGE_OTHERWISE, &out->count, err));
    out->order.descending = descending == 1;
    return out->order.metric ? frame_metric_named(f, out->order.metric, &out->order.value, err)
                             : ASSAY_OK;
}

static void put_page(const sample_query *query, const page_asked *p, const sample_list *list,
                     text *out)
{
    shown_columns columns;
    shown_columns_find(filter_view(query->filter), &columns);
    text_printf(out,
                "{\"revision\": %" PRIu64 ", \"count\": %zu, \"from\": %" PRIu64 ", \"samples\": [",
                sample_query_revision(query), list->count, p->from);
    for (uint64_t i = 0; i < p->count && p->from + i < list->count; i++) {
        const uint32_t row = sample_list_at(list, (size_t)(p->from + i));
        text_puts(out, i ? ",\n" : "\n");
        put_sample(out, &columns, row, p->order.value ? p->order.value[row] : (double)NAN);
    }
    text_puts(out, "]}\n");
}

assay_code handle_samples(workspace *w, const request *q, reply *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(sample_query) query = {0};
    page_asked page;
    kept_item *list;
    ASSAY_TRY(sample_query_of_request(w, q, &query, out, err));
    ASSAY_TRY(read_page(q, sample_query_frame(&query), &page, err));
    ASSAY_TRY(sample_lists_get(w, &query, &page.order, &list, err));
    text_init(&out->body, REPORT_BYTES_MOST);
    put_page(&query, &page, kept_value(list), &out->body);
    kept_release(workspace_answers(w), list);
    out->revision_plus_one = sample_query_revision(&query) + 1;
    return text_check(&out->body, err);
}
