#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/json.h"
#include "base/text.h"
#include "project/evaluate.h"

/** How a text report is drawn. */
typedef struct report_style {
    bool colour;  /* 256-colour escapes */
    bool unicode; /* bars and boxes beyond ASCII */
    int columns;  /* width, 60..100 */
} report_style;

/** The report for people. Appends to `out`; failures show in text_check(out). */
void report_text(const evaluated *e, const report_style *style, text *out);

/** The report for programs: docs/json.md and docs/evaluation.schema.json are its contract. One JSON
 * object and a newline. */
ASSAY_MUST_USE assay_code report_json(const evaluated *e, text *out, assay_err *err);

/** The same keys, put into an object that is under construction. NOMEM. */
ASSAY_MUST_USE assay_code report_json_put(json_writer *w, json_t *object, const evaluated *e,
                                          assay_err *err);

#endif
