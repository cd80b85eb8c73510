#ifndef REPORT_JSON_SECTIONS_H
#define REPORT_JSON_SECTIONS_H

#include "base/json.h"
#include "project/evaluate.h"

/* The parts of the JSON report. Each adds its keys to `object`; docs/json.md is the contract. */

/** A score: value, low, high, method, and "undefined" or "few" where so. */
void json_put_score(json_writer *w, json_t *object, const char *key, const score *s);

/** The bins of a performance curve, as the key "bins". */
void json_put_bins(json_writer *w, json_t *object, const metric_performance *p);

/** Whether a class is shown. */
bool json_shows_class(const evaluated *e, size_t class_code);

void json_input(json_writer *w, json_t *object, const evaluated *e);
void json_options(json_writer *w, json_t *object, const evaluated *e);
void json_scores(json_writer *w, json_t *object, const evaluated *e);
void json_per_class(json_writer *w, json_t *object, const evaluated *e);
ASSAY_MUST_USE assay_code json_confusion(json_writer *w, json_t *object, const evaluated *e,
                                         assay_err *err);
void json_calibration(json_writer *w, json_t *object, const evaluated *e);
void json_curves(json_writer *w, json_t *object, const evaluated *e);
void json_metrics(json_writer *w, json_t *object, const evaluated *e);

#endif
