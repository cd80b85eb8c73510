/* Two models on the samples of a filter. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/limits.h"
#include "eval/evaluation.h"
#include "report/compared.h"

#include <string.h>

/* What is compared. */
typedef struct pair_of_views {
    const filter *filter;
    const char *a, *b;
    workspace_view *of_a, *of_b;
    cancellation *stop;
} pair_of_views;

static assay_code put_comparison(const pair_of_views *p, const comparison *c, double level,
                                 text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    json_put_count(&w, w.root, "revision", workspace_revision(filter_view(p->filter)));
    const comparison_shown shown = {.comparison = c,
                                    .classes = &filter_frame(p->filter)->classes,
                                    .a = p->a,
                                    .b = p->b,
                                    .confidence_level = level};
    json_put_comparison(&w, w.root, &shown);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

static assay_code make_comparison(void *context, text *out, assay_err *err)
{
    const pair_of_views *p = context;
    comparison_request ask = {.a = workspace_frame(p->of_a),
                              .b = workspace_frame(p->of_b),
                              .selected = filter_rows(p->filter)};
    evaluation_defaults(&ask.options);
    ask.options.thread_count = workspace_threads(workspace_of(p->of_a));
    ask.options.shown = filter_shown(p->filter);
    ask.options.stop = p->stop;
    ASSAY_AUTO_CLEAR(comparison) c = {0};
    ASSAY_TRY(comparison_init(&c, &ask, err));
    return put_comparison(p, &c, ask.options.confidence_level, out, err);
}

static assay_code keep_comparison(workspace *w, pair_of_views *p, reply *out, assay_err *err)
{
    const uint64_t revision = workspace_revision(filter_view(p->filter));
    ASSAY_TRY(workspace_look(w, p->a, &p->of_a, err));
    ASSAY_TRY(workspace_look(w, p->b, &p->of_b, err));
    if (workspace_revision(p->of_a) != revision || workspace_revision(p->of_b) != revision)
        return assay_fail(err, ASSAY_E_CONFLICT,
                          "the project changed while its models were read; ask again");
    const body_wanted wanted = {.make = make_comparison, .context = p, .stop = p->stop};
    text key;
    text_init(&key, REPORT_BYTES_MOST);
    /* Names of models have any characters, so their lengths stand before them. */
    text_printf(&key, "compare %llu %zu %zu ", (unsigned long long)revision, strlen(p->a),
                strlen(p->b));
    text_puts(&key, p->a);
    text_puts(&key, p->b);
    text_puts(&key, filter_key(p->filter));
    assay_code code = text_check(&key, err);
    if (code == ASSAY_OK)
        code = kept_body(w, text_view(&key), &wanted, out, err);
    text_clear(&key);
    out->revision_plus_one = revision + 1;
    return code;
}

ROUTE_HANDLER(handle_compare)
{
    pair_of_views p = {.a = request_text(q, "a"), .b = request_text(q, "b"), .stop = q->stop};
    if (!p.a || !*p.a || !p.b || !*p.b)
        return assay_fail(err, ASSAY_E_USAGE, "a and b must name the two models");
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    p.filter = f;
    const assay_code code = keep_comparison(w, &p, out, err);
    workspace_release(p.of_a);
    workspace_release(p.of_b);
    filter_release(f);
    return code;
}
