/* The numbers of a filter: what `assay evaluate --json` prints for the same samples, in two parts
 * of which the first is quick. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/limits.h"
#include "base/mem.h"
#include "report/report.h"

#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(text)

/* A question about a filter. */
typedef struct evaluating {
    const filter *filter;
    bool first;
    const evaluation *known; /* the first part's; NULL: nothing is */
    cancellation *stop;
} evaluating;

/* The first part, with the numbers that the second is spared. They outlive the frame. */
typedef struct first_part {
    text body;
    evaluation *numbers;
} first_part;

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

/* *out: the numbers, for the caller to free; NULL: nobody asks. */
static assay_code evaluate(const evaluating *q, const char *shown, text *body, evaluation **out,
                           assay_err *err)
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
    asked.options.known = q->known;
    asked.options.stop = q->stop;
    ASSAY_TRY(workspace_codes(filter_view(f), &asked.options.codes, err));
    const frame_samples of = {.frame = filter_frame(f),
                              .rows = filter_rows(f),
                              .shown = filter_shown(f),
                              .shown_count = filter_shown_count(f),
                              .images_measured = overview->measured,
                              .images_unreadable = overview->unreadable};
    evaluated *e;
    ASSAY_TRY(evaluate_samples(&of, &asked, &e, err));
    const assay_code code = put_evaluation(q, e, body, err);
    if (code == ASSAY_OK && out)
        *out = ASSAY_GIVE(e->evaluation);
    evaluated_free(e);
    return code;
}

static assay_code make_evaluation(const evaluating *q, text *body, evaluation **out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(text) shown = {0};
    text_init(&shown, (size_t)CLASSES_MOST * (NAME_BYTES_MOST + 1));
    put_shown(q->filter, &shown);
    ASSAY_TRY(text_check(&shown, err));
    return evaluate(q, text_view(&shown), body, out, err);
}

static void free_first(void *value)
{
    first_part *p = value;
    text_clear(&p->body);
    evaluation_free(p->numbers);
    mem_free(p);
}

/* Hands the part over where it can be made. */
static assay_code make_first(const evaluating *q, kept *answers, kept_item *item, assay_err *err)
{
    first_part *p = mem_zalloc(1, sizeof *p);
    if (!p)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for an evaluation");
    text_init(&p->body, REPORT_BYTES_MOST);
    const evaluating first = {.filter = q->filter, .first = true, .stop = q->stop};
    const assay_code code = make_evaluation(&first, &p->body, &p->numbers, err);
    if (code != ASSAY_OK) {
        free_first(p);
        return code;
    }
    evaluation_detach(p->numbers);
    kept_finish(answers, item, p, sizeof *p + p->body.room + evaluation_bytes(p->numbers),
                free_first);
    return ASSAY_OK;
}

/* The first part, made where it is new; to be released. */
static assay_code get_first(const evaluating *q, kept_item **out, assay_err *err)
{
    kept *answers = workspace_answers(workspace_of(filter_view(q->filter)));
    ASSAY_AUTO_CLEAR(text) key = {0};
    text_init(&key, REPORT_BYTES_MOST);
    text_printf(&key, "evaluation first\n%s", filter_key(q->filter));
    ASSAY_TRY(text_check(&key, err));
    bool made;
    ASSAY_TRY(kept_take_until(answers, text_view(&key), q->stop, out, &made, err));
    if (made)
        return ASSAY_OK;
    const assay_code code = make_first(q, answers, *out, err);
    if (code != ASSAY_OK)
        kept_abandon(answers, ASSAY_GIVE(*out));
    return code;
}

static assay_code answer_first(const evaluating *q, reply *out, assay_err *err)
{
    kept_item *item;
    ASSAY_TRY(get_first(q, &item, err));
    const first_part *p = kept_value(item);
    text_init(&out->body, REPORT_BYTES_MOST);
    text_put(&out->body, text_view(&p->body), p->body.length);
    kept_release(workspace_answers(workspace_of(filter_view(q->filter))), item);
    out->revision_plus_one = workspace_revision(filter_view(q->filter)) + 1;
    return text_check(&out->body, err);
}

static assay_code make_rest(void *context, text *out, assay_err *err)
{
    evaluating *q = context;
    kept_item *item;
    ASSAY_TRY(get_first(q, &item, err));
    const first_part *p = kept_value(item);
    q->known = p->numbers;
    const assay_code code = make_evaluation(q, out, NULL, err);
    q->known = NULL;
    kept_release(workspace_answers(workspace_of(filter_view(q->filter))), item);
    return code;
}

ROUTE_HANDLER(handle_evaluation)
{
    const char *part = request_text(q, "part");
    if (part && strcmp(part, "first") != 0 && strcmp(part, "rest") != 0)
        return assay_fail(err, ASSAY_E_USAGE, "part is '%.40s'; use first or rest", part);
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    evaluating question = {.filter = f, .first = !part || !strcmp(part, "first"), .stop = q->stop};
    const body_wanted rest = {.make = make_rest, .context = &question, .stop = q->stop};
    const assay_code code = question.first ? answer_first(&question, out, err)
                                           : kept_answer(f, "evaluation rest", &rest, out, err);
    filter_release(f);
    return code;
}
