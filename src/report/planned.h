#ifndef REPORT_PLANNED_H
#define REPORT_PLANNED_H

#include "base/json.h"
#include "eval/plan.h"
#include "report/report.h"

/** What `assay plan` shows. Everything is borrowed. */
typedef struct plan_shown {
    const label_plan *plan;
    const class_list *classes;
    const char *model; /* NULL: not known */
    const char *path;  /* of the project, as the user named it */
    const char *where; /* the condition, NULL for none */
} plan_shown;

/** A line a class, for people. Failures show in text_check(out). O(classes). */
void plan_text(const plan_shown *p, const report_style *style, text *out);

/** The same for programs: docs/json.md and docs/plan.schema.json are the contract. NOMEM. */
ASSAY_MUST_USE assay_code plan_json(const plan_shown *p, text *out, assay_err *err);

/** The keys that the workbench's reply has too: half_width, classes. */
void json_put_plan(json_writer *w, json_t *object, const plan_shown *p);

#endif
