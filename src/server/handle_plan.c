/* What to label next, by the samples of a filter. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/limits.h"
#include "eval/evaluation.h"
#include "report/planned.h"

#include <stdlib.h>

ASSAY_AUTO_DECLARE(confusion)

static const double HALF_WIDTH = 0.05;

typedef struct question {
    const filter *filter;
    double half_width;
    int thread_count;
} question;

static assay_code put_plan(const question *ask, const label_plan *plan, text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    json_put_count(&w, w.root, "revision", workspace_revision(filter_view(ask->filter)));
    const plan_shown shown = {.plan = plan, .classes = &filter_frame(ask->filter)->classes};
    json_put_plan(&w, w.root, &shown);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

static assay_code make_plan(void *context, text *out, assay_err *err)
{
    const question *ask = context;
    evaluation_options options;
    evaluation_defaults(&options);
    options.shown = filter_shown(ask->filter);
    ASSAY_AUTO(confusion) c = NULL;
    ASSAY_TRY(confusion_new(filter_frame(ask->filter), filter_rows(ask->filter), ask->thread_count,
                            &c, err));
    ASSAY_AUTO_CLEAR(label_plan) plan = {0};
    ASSAY_TRY(label_plan_init(&plan, c, ask->half_width, &options, err));
    return put_plan(ask, &plan, out, err);
}

static assay_code read_half_width(const request *q, double *out, assay_err *err)
{
    const char *words = request_text(q, "half_width");
    *out = HALF_WIDTH;
    if (!words)
        return ASSAY_OK;
    char *end;
    *out = strtod(words, &end);
    if (end == words || *end || !(*out >= HALF_WIDTH_LEAST && *out <= HALF_WIDTH_MOST))
        return assay_fail(err, ASSAY_E_USAGE, "half_width must be between %g and %g: '%.40s'",
                          HALF_WIDTH_LEAST, HALF_WIDTH_MOST, words);
    return ASSAY_OK;
}

static assay_code keep_plan(workspace *w, question *ask, cancellation *stop, reply *out,
                            assay_err *err)
{
    if (!filter_frame(ask->filter)->model)
        return assay_fail(err, ASSAY_E_INPUT,
                          "a plan needs predictions, and no model is chosen or there is none yet");
    const uint64_t revision = workspace_revision(filter_view(ask->filter));
    const body_wanted wanted = {.make = make_plan, .context = ask, .stop = stop};
    text key;
    text_init(&key, REPORT_BYTES_MOST);
    text_printf(&key, "plan %llu %.17g ", (unsigned long long)revision, ask->half_width);
    text_puts(&key, filter_key(ask->filter));
    assay_code code = text_check(&key, err);
    if (code == ASSAY_OK)
        code = kept_body(w, text_view(&key), &wanted, out, err);
    text_clear(&key);
    out->revision_plus_one = revision + 1;
    return code;
}

ROUTE_HANDLER(handle_plan)
{
    question ask = {.thread_count = workspace_threads(w)};
    ASSAY_TRY(read_half_width(q, &ask.half_width, err));
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    ask.filter = f;
    const assay_code code = keep_plan(w, &ask, q->stop, out, err);
    filter_release(f);
    return code;
}
