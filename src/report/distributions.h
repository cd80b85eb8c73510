#ifndef REPORT_DISTRIBUTIONS_H
#define REPORT_DISTRIBUTIONS_H

#include "eval/distribution.h"
#include "report/report.h"

/** What `assay metrics` shows. Everything is borrowed. */
typedef struct metrics_shown {
    const metric_distributions *distributions;
    const char *path;  /* of what was read, as the user named it */
    const char *where; /* the condition, NULL for none */
} metrics_shown;

/** Quartiles and a small histogram of each metric, and its outliers. Failures show in
 * text_check(out). O(metrics). */
void metrics_text(const metrics_shown *m, const report_style *style, text *out);

/** The same for programs: docs/json.md and docs/metrics.schema.json are the contract. NOMEM. */
ASSAY_MUST_USE assay_code metrics_json(const metrics_shown *m, text *out, assay_err *err);

/** The same keys, put into an object that is under construction. */
void metrics_json_put(json_writer *w, json_t *object, const metrics_shown *m);

#endif
