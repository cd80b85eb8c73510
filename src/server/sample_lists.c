/* Lists that were asked for stay for the next page, and the orders that they are picked from. */
#include "server/sample_lists.h"

#include <inttypes.h>
#include <string.h>

enum { KEY_BYTES_MOST = 1 << 20 };

ASSAY_AUTO_CLEAR_DECLARE(selection)
ASSAY_AUTO_CLEAR_DECLARE(text)

static void free_order(void *at)
{
    metric_order_clear(at);
    mem_free(at);
}

static void free_list(void *at)
{
    sample_list_clear(at);
    mem_free(at);
}

static assay_code make_order(const sample_query *q, const list_order *by, metric_order **out,
                             assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    if (!*out)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory to order samples");
    const assay_code code =
        metric_order_make(by->value, sample_query_frame(q)->row_count, *out, err);
    if (code != ASSAY_OK)
        mem_free(ASSAY_GIVE(*out));
    return code;
}

static assay_code get_order(kept *k, const sample_query *q, const list_order *by, kept_item **out,
                            assay_err *err)
{
    const char *model = sample_query_frame(q)->model;
    bool made;
    ASSAY_AUTO_CLEAR(text) key = {0};
    text_init(&key, KEY_BYTES_MOST);
    text_printf(&key, "order %" PRIu64 " %s\n%s", sample_query_revision(q), by->metric,
                model ? model : "");
    ASSAY_TRY(text_check(&key, err));
    ASSAY_TRY(kept_take(k, text_view(&key), out, &made, err));
    if (made)
        return ASSAY_OK;
    metric_order *order = NULL;
    const assay_code code = make_order(q, by, &order, err);
    if (code == ASSAY_OK)
        kept_finish(k, *out, order, metric_order_bytes(order), free_order);
    else
        kept_abandon(k, ASSAY_GIVE(*out));
    return code;
}

static assay_code pick_list(kept *k, const sample_query *q, const list_order *by, sample_list *out,
                            assay_err *err)
{
    kept_item *order = NULL;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(sample_query_rows(q, &rows, err));
    if (by->metric)
        ASSAY_TRY(get_order(k, q, by, &order, err));
    const assay_code code =
        sample_list_make(order ? kept_value(order) : NULL, &rows, by->descending, out, err);
    kept_release(k, order);
    return code;
}

static assay_code make_list(kept *k, const sample_query *q, const list_order *by, sample_list **out,
                            assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    if (!*out)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a list of samples");
    const assay_code code = pick_list(k, q, by, *out, err);
    if (code != ASSAY_OK)
        mem_free(ASSAY_GIVE(*out));
    return code;
}

assay_code sample_lists_get(workspace *w, const sample_query *q, const list_order *order,
                            kept_item **out, assay_err *err)
{
    kept *k = workspace_answers(w);
    bool made;
    *out = NULL;
    ASSAY_AUTO_CLEAR(text) key = {0};
    text_init(&key, KEY_BYTES_MOST);
    text_printf(&key, "list %d %s\n", order->descending, order->metric ? order->metric : "");
    sample_query_key(q, &key);
    ASSAY_TRY(text_check(&key, err));
    ASSAY_TRY(kept_take(k, text_view(&key), out, &made, err));
    if (made)
        return ASSAY_OK;
    sample_list *list = NULL;
    const assay_code code = make_list(k, q, order, &list, err);
    if (code == ASSAY_OK)
        kept_finish(k, *out, list, sample_list_bytes(list), free_list);
    else
        kept_abandon(k, ASSAY_GIVE(*out));
    return code;
}
