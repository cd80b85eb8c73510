/* The numbers of a filter: what `assay evaluate --json` prints for the same samples, in two parts
 * of which the first is quick. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/limits.h"
#include "base/mem.h"
#include "report/report.h"

#include <string.h>

/* A question about a filter. */
typedef struct evaluating {
    const filter *filter;
    bool first;
} evaluating;

/* "cat,dog", as --classes-shown would say it; empty where all are. */
static void put_shown(const filter *f, text *out)
{
    const class_list *classes = &filter_frame(f)->classes;
    const bool *shown = filter_shown(f);
    for (uint32_t k = 0; shown && k < classes->count; k++) {
        if (shown[k])
            text_printf(out, "%s%s", out->length ? "," : "", classes->name[k]);
    }
}

static assay_code put_evaluation(const evaluating *q, const evaluated *e, text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    json_put_count(&w, w.root, "revision", workspace_revision(filter_view(q->filter)));
    json_put_text(&w, w.root, "parts", q->first ? "first" : "rest");
    json_t *object = json_put_object(&w, w.root, "evaluation");
    assay_code code = report_json_put(&w, object, e, err);
    if (code == ASSAY_OK)
        code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

static assay_code evaluate(const evaluating *q, const char *shown, text *out, assay_err *err)
{
    const filter *f = q->filter;
    const project_overview *overview = workspace_overview(filter_view(f));
    const workspace *w = workspace_of(filter_view(f));
    evaluate_request asked = {.project = workspace_path(w),
                              .import.path = workspace_path(w),
                              .classes_shown = filter_shown(f) ? shown : NULL,
                              .where = filter_where(f),
                              .model = filter_frame(f)->model};
    evaluation_defaults(&asked.options);
    asked.options.thread_count = workspace_threads(w);
    asked.options.first = q->first;
    ASSAY_TRY(workspace_codes(filter_view(f), &asked.options.codes, err));
    const frame_samples of = {.frame = filter_frame(f),
                              .rows = filter_rows(f),
                              .shown = filter_shown(f),
                              .shown_count = filter_shown_count(f),
                              .images_measured = overview->measured,
                              .images_unreadable = overview->unreadable};
    evaluated *e;
    ASSAY_TRY(evaluate_samples(&of, &asked, &e, err));
    const assay_code code = put_evaluation(q, e, out, err);
    evaluated_free(e);
    return code;
}

static assay_code make_evaluation(void *context, text *out, assay_err *err)
{
    const evaluating *q = context;
    text shown;
    text_init(&shown, (size_t)CLASSES_MOST * (NAME_BYTES_MOST + 1));
    put_shown(q->filter, &shown);
    assay_code code = text_check(&shown, err);
    if (code == ASSAY_OK)
        code = evaluate(q, text_view(&shown), out, err);
    text_clear(&shown);
    return code;
}

ROUTE_HANDLER(handle_evaluation)
{
    const char *part = request_text(q, "part");
    if (part && strcmp(part, "first") != 0 && strcmp(part, "rest") != 0)
        return assay_fail(err, ASSAY_E_USAGE, "part is '%.40s'; use first or rest", part);
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    evaluating question = {.filter = f, .first = !part || !strcmp(part, "first")};
    const assay_code code = kept_answer(f, question.first ? "evaluation first" : "evaluation rest",
                                        make_evaluation, &question, out, err);
    filter_release(f);
    return code;
}
