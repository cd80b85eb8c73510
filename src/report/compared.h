#ifndef REPORT_COMPARED_H
#define REPORT_COMPARED_H

#include "base/json.h"
#include "eval/compare.h"
#include "report/report.h"

/** What `assay compare` shows. Everything is borrowed. */
typedef struct comparison_shown {
    const comparison *comparison;
    const class_list *classes;
    const char *a, *b; /* the models' names */
    const char *path;  /* of the project, as the user named it */
    const char *where; /* the condition, NULL for none */
    double confidence_level;
} comparison_shown;

/** Counts, scores and classes for people: a page of at most 100 columns. Failures show in
 * text_check(out). O(scores + classes · log). */
void comparison_text(const comparison_shown *c, const report_style *style, text *out);

/** The same for programs: docs/json.md and docs/compare.schema.json are the contract. NOMEM. */
ASSAY_MUST_USE assay_code comparison_json(const comparison_shown *c, text *out, assay_err *err);

/** The keys that the workbench's reply has too: a, b, samples … per_class. */
void json_put_comparison(json_writer *w, json_t *object, const comparison_shown *c);

#endif
