/* How the values of each metric lie among a filter's samples. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/mem.h"
#include "report/distributions.h"

static assay_code distribute(const filter *f, metric_distributions **out, assay_err *err)
{
    const frame *all = filter_frame(f);
    ASSAY_AUTO_MEM size_t *which = mem_alloc(all->metric_count, sizeof *which);
    if (!which)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", all->metric_count);
    metric_choice chosen = {.which = which};
    ASSAY_TRY(workspace_codes(filter_view(f), &chosen.codes, err));
    for (size_t i = 0; i < all->metric_count; i++) {
        if (!all->metric[i].on_request)
            which[chosen.count++] = i;
    }
    const int threads = workspace_threads(workspace_of(filter_view(f)));
    return metric_distributions_new(all, filter_rows(f), chosen, threads, out, err);
}

static assay_code make_metrics(void *context, text *out, assay_err *err)
{
    const filter *f = context;
    ASSAY_AUTO(metric_distributions) d = NULL;
    ASSAY_TRY(distribute(f, &d, err));
    const metrics_shown shown = {.distributions = d,
                                 .path = workspace_path(workspace_of(filter_view(f))),
                                 .where = filter_where(f)};
    json_writer w;
    json_writer_init(&w);
    json_put_count(&w, w.root, "revision", workspace_revision(filter_view(f)));
    metrics_json_put(&w, json_put_object(&w, w.root, "metrics"), &shown);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

ROUTE_HANDLER(handle_metrics)
{
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    const body_wanted wanted = {.make = make_metrics, .context = f, .stop = q->stop};
    const assay_code code = kept_answer(f, "metrics", &wanted, out, err);
    filter_release(f);
    return code;
}
