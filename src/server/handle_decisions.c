/* Decisions about labels: make one, export all. */
#include "base/limits.h"
#include "project/export_decisions.h"
#include "server/body_rows.h"
#include "server/change.h"
#include "server/decisions.h"
#include "server/frame_columns.h"
#include "server/routes.h"

#include <string.h>

typedef struct decision_change {
    uint32_t sample;
    label_decision decision;
    const char *suggested; /* the body's; NULL: none */
} decision_change;

static assay_code read_decision(const json_t *value, label_decision *out, assay_err *err)
{
    const char *word = json_string_value(value);
    for (int d = DECISION_NONE; d <= DECISION_DISMISS; d++) {
        const char *known = label_decision_word((label_decision)d);
        *out = (label_decision)d;
        if (word ? known && strcmp(known, word) == 0 : !known && json_is_null(value))
            return ASSAY_OK;
    }
    return assay_fail(err, ASSAY_E_USAGE, "'decision' is \"accept\", \"dismiss\" or null");
}

static assay_code check_change(workspace *w, const json_t *body, decision_change *out,
                               const frame *f, assay_err *err)
{
    (void)w;
    const json_t *sample = json_object_get(body, "sample");
    const json_t *suggested = json_object_get(body, "suggested");
    const json_int_t number = json_integer_value(sample);
    uint16_t code;
    if (!json_is_integer(sample) || number < 0)
        return assay_fail(err, ASSAY_E_USAGE, "'sample' is the number of a sample");
    ASSAY_TRY(frame_check_sample(f, (uint64_t)number, err));
    ASSAY_TRY(read_decision(json_object_get(body, "decision"), &out->decision, err));
    out->sample = (uint32_t)number;
    if (suggested && !json_is_string(suggested) && !json_is_null(suggested))
        return assay_fail(err, ASSAY_E_USAGE, "'suggested' is the name of a class, or null");
    /* Who finds the label right has no other to suggest. */
    out->suggested = out->decision == DECISION_ACCEPT ? json_string_value(suggested) : NULL;
    return out->suggested ? frame_class_named(f, out->suggested, &code, err) : ASSAY_OK;
}

static assay_code read_change(workspace *w, const json_t *body, decision_change *out,
                              assay_err *err)
{
    static const char *const members[] = {"sample", "decision", "suggested", NULL};
    workspace_view *v;
    ASSAY_TRY(body_check(body, members, err));
    ASSAY_TRY(workspace_look(w, "", &v, err));
    const assay_code code = check_change(w, body, out, workspace_frame(v), err);
    workspace_release(v);
    return code;
}

static assay_code change(void *context, const duck *db, size_t *changed, assay_err *err)
{
    const decision_change *c = context;
    bool is_new;
    ASSAY_TRY(project_put_decision(db, c->sample, c->decision, c->suggested, &is_new, err));
    *changed = is_new;
    return ASSAY_OK;
}

ROUTE_HANDLER(handle_decisions)
{
    decision_change c = {0};
    ASSAY_TRY(read_change(w, q->body, &c, err));
    return change_project(w, change, &c, out, err);
}

static assay_code export(workspace *w, const workspace_view *v, bool json, reply *out,
                         assay_err *err)
{
    kept_item *decisions;
    ASSAY_TRY(decisions_get(w, v, &decisions, err));
    text_init(&out->body, REPORT_BYTES_MOST);
    decisions_table(workspace_frame(v), kept_value(decisions), NULL, json, &out->body);
    kept_release(workspace_answers(w), decisions);
    out->content_type = json ? "application/jsonl" : "text/csv; charset=utf-8";
    out->file_name = json ? "decisions.jsonl" : "decisions.csv";
    out->revision_plus_one = workspace_revision(v) + 1;
    return text_check(&out->body, err);
}

ROUTE_HANDLER(handle_export_decisions)
{
    const char *form = request_text(q, "form");
    const bool json = form && strcmp(form, "jsonl") == 0;
    workspace_view *v;
    if (form && !json && strcmp(form, "csv") != 0)
        return assay_fail(err, ASSAY_E_USAGE, "form is '%.40s'; use csv or jsonl", form);
    ASSAY_TRY(workspace_look(w, "", &v, err));
    const assay_code code = export(w, v, json, out, err);
    workspace_release(v);
    return code;
}
