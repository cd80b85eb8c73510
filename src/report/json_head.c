/* What was read and asked, and the scores of the whole: the first keys of the JSON report. */
#include "report/json_sections.h"

#include <stdio.h>

static const char *const role_names[] = {
    [ROLE_LABEL] = "label",           [ROLE_PREDICTION] = "prediction",
    [ROLE_CONFIDENCE] = "confidence", [ROLE_ID] = "id",
    [ROLE_GROUP] = "group",           [ROLE_PROBABILITY] = "probability",
    [ROLE_TOP_LABELS] = "top_labels", [ROLE_TOP_PROBABILITIES] = "top_probabilities",
    [ROLE_CLASS] = "class",           [ROLE_METRIC] = "metric",
    [ROLE_ATTRIBUTE] = "attribute",   [ROLE_IGNORED] = "ignored",
};

void json_put_score(json_writer *w, json_t *object, const char *key, const score *s)
{
    json_t *o = json_put_object(w, object, key);
    json_put_number(w, o, "value", s->value);
    json_put_number(w, o, "low", s->low);
    json_put_number(w, o, "high", s->high);
    json_put_text(w, o, "method", s->method ? s->method : "none");
    if (s->undefined)
        json_put_bool(w, o, "undefined", 1);
    if (s->few)
        json_put_bool(w, o, "few", 1);
}

bool json_shows_class(const evaluated *e, size_t class_code)
{
    return !e->shown || e->shown[class_code];
}

void json_input(json_writer *w, json_t *object, const evaluated *e)
{
    const import_request *r = &e->request.import;
    const import_notes *notes = &e->notes;
    json_t *input = json_put_object(w, object, "input");
    json_put_text(w, input, "path", r->path);
    json_put_text(w, input, "labels", r->labels_path);
    json_put_text(w, input, "predictions", r->predictions_path);
    json_put_text(w, input, "probabilities", r->probabilities_path);
    json_put_bool(w, input, "logits", r->logits);
    json_put_text(w, input, "format", notes->format);
    json_put_text(w, input, "shape", notes->shape);
    json_put_bool(w, input, "classes_given", notes->classes_given);
    json_put_count(w, input, "rows", e->frame->row_count);
    json_put_count(w, input, "rows_divided", notes->sums_divided);
    json_put_number(w, input, "largest_gap", notes->largest_gap);
    json_put_count(w, input, "prediction_is_not_argmax", notes->prediction_is_not_argmax);
    json_put_count(w, input, "duplicate_ids", notes->duplicate_ids);
    json_put_count(w, input, "unknown_classes", notes->unknown_classes);
    json_put_count(w, input, "not_finite", notes->not_finite);
    json_t *columns = json_put_array(w, input, "columns");
    for (size_t i = 0; i < notes->column_count; i++) {
        json_t *column = json_append_object(w, columns);
        json_put_text(w, column, "name", notes->column[i].name);
        json_put_text(w, column, "role", role_names[notes->column[i].role]);
    }
}

void json_options(json_writer *w, json_t *object, const evaluated *e)
{
    const evaluation_options *o = &e->request.options;
    json_t *options = json_put_object(w, object, "options");
    json_put_number(w, options, "confidence_level", o->confidence_level);
    json_put_text(w, options, "proportions", o->exact_proportions ? "clopper-pearson" : "wilson");
    json_put_count(w, options, "bootstrap", o->bootstrap);
    json_put_count(w, options, "bins", o->bins);
    json_put_text(w, options, "bin_widths", o->equal_width ? "equal-width" : "quantiles");
    json_put_text(w, options, "importance", o->importance_nearest ? "nearest" : "binned");
    json_put_count(w, options, "seed", o->seed);
    json_put_text(w, options, "project", e->request.project);
    json_put_text(w, options, "model", e->request.model);
    json_put_text(w, options, "where", e->request.where);
    json_put_text(w, options, "metrics", e->request.metric);
    json_put_text(w, options, "classes", e->request.classes_shown);
}

static void put_averages(json_writer *w, json_t *object, const matrix_scores *m)
{
    json_t *o = json_put_object(w, object, "macro");
    json_put_score(w, o, "precision", &m->macro_precision);
    json_put_score(w, o, "recall", &m->macro_recall);
    json_put_score(w, o, "f1", &m->macro_f1);
    o = json_put_object(w, object, "weighted");
    json_put_score(w, o, "precision", &m->weighted_precision);
    json_put_score(w, o, "recall", &m->weighted_recall);
    json_put_score(w, o, "f1", &m->weighted_f1);
    o = json_put_object(w, object, "micro");
    json_put_score(w, o, "precision", &m->micro_precision);
    json_put_score(w, o, "recall", &m->micro_recall);
    json_put_score(w, o, "f1", &m->micro_f1);
}

static void put_top_k(json_writer *w, json_t *object, const proper_scores *proper)
{
    json_t *o = json_put_object(w, object, "top_k");
    for (size_t i = 0; i < TOP_K_COUNT; i++) {
        char k[16];
        snprintf(k, sizeof k, "%u", (unsigned int)top_k_of[i]);
        json_put_score(w, o, k, &proper->top_k[i]);
    }
    json_put_count(w, object, "top_k_ties", proper->top_k_ties);
}

void json_scores(json_writer *w, json_t *object, const evaluated *e)
{
    const evaluation *v = e->evaluation;
    json_put_score(w, object, "accuracy", &v->matrix->accuracy);
    put_averages(w, object, v->matrix);
    json_put_score(w, object, "balanced_accuracy", &v->matrix->balanced_accuracy);
    json_put_score(w, object, "mcc", &v->matrix->mcc);
    json_put_score(w, object, "kappa", &v->matrix->kappa);
    if (v->has_probabilities) {
        json_put_score(w, object, "log_loss", &v->proper.log_loss);
        json_put_score(w, object, "brier", &v->proper.brier);
    }
    if (v->has_probabilities || v->has_top_k)
        put_top_k(w, object, &v->proper);
    if (v->ranking) {
        json_put_score(w, json_put_object(w, object, "auroc"), "macro", &v->ranking->macro_auroc);
        json_put_score(w, json_put_object(w, object, "average_precision"), "macro",
                       &v->ranking->macro_average_precision);
    }
    if (v->has_confidence)
        json_put_score(w, object, "aurc", &v->risk.aurc);
}
