/* Calibration and curves in the JSON report. */
#include "report/json_sections.h"

#include "base/limits.h"

/* Points of all ROC and PR curves together: beyond some hundred classes each is drawn with fewer.
 */
enum { POINTS_OF_ALL_CURVES = 100000, POINTS_LEAST = 50 };

static void put_error(json_writer *w, json_t *object, const char *key, const calibration_error *e)
{
    json_t *o = json_put_object(w, object, key);
    json_put_number(w, o, "value", e->value);
    json_t *calibrated = json_put_object(w, o, "if_calibrated");
    json_put_number(w, calibrated, "mean", e->calibrated_mean);
    json_put_number(w, calibrated, "p95", e->calibrated_p95);
}

static void put_temperature(json_writer *w, json_t *object, const calibration *c)
{
    json_t *o = json_put_object(w, object, "temperature");
    json_put_number(w, o, "value", c->temperature);
    json_put_number(w, o, "ece_before", c->ece_before);
    json_put_number(w, o, "ece_after", c->ece_after);
    json_put_number(w, o, "log_loss_before", c->log_loss_before);
    json_put_number(w, o, "log_loss_after", c->log_loss_after);
}

static void put_bins(json_writer *w, json_t *object, const calibration *c)
{
    json_t *bins = json_put_array(w, object, "bins");
    for (size_t b = 0; b < CALIBRATION_BINS; b++) {
        const reliability_bin *bin = &c->bin[b];
        json_t *o = json_append_object(w, bins);
        json_put_number(w, o, "low", bin->low);
        json_put_number(w, o, "high", bin->high);
        json_put_count(w, o, "count", bin->count);
        json_put_number(w, o, "confidence", bin->confidence);
        json_put_score(w, o, "accuracy", &bin->accuracy);
    }
}

void json_calibration(json_writer *w, json_t *object, const evaluated *e)
{
    const evaluation *v = e->evaluation;
    if (!v->has_calibration)
        return;
    const calibration *c = &v->calibration;
    json_t *o = json_put_object(w, object, "calibration");
    json_put_count(w, o, "samples", c->samples);
    put_error(w, o, "ece", &c->ece);
    put_error(w, o, "mce", &c->mce);
    put_error(w, o, "adaptive_ece", &c->adaptive_ece);
    if (v->has_probabilities) {
        put_error(w, o, "classwise_ece", &c->classwise_ece);
        put_temperature(w, o, c);
    }
    put_bins(w, o, c);
}

/* At most `most` (>= 2) points at even steps, the ends among them. */
static void put_curve(json_writer *w, json_t *object, const char *key, const curve *c, size_t most)
{
    json_t *list = json_put_array(w, object, key);
    size_t count = c->count < most ? c->count : most;
    for (size_t i = 0; i < count; i++) {
        const curve_point *at = &c->point[count < c->count ? i * (c->count - 1) / (count - 1) : i];
        json_t *point = json_append_array(w, list);
        json_append_number(w, point, at->x);
        json_append_number(w, point, at->y);
        json_append_number(w, point, at->threshold);
    }
}

static void put_class_curves(json_writer *w, json_t *curves, const evaluated *e)
{
    const ranking *r = e->evaluation->ranking;
    size_t shown = e->shown && e->shown_count ? e->shown_count : r->class_count;
    size_t most = POINTS_OF_ALL_CURVES / 2 / (shown ? shown : 1);
    most = most < POINTS_LEAST ? POINTS_LEAST : most > CURVE_POINTS_MOST ? CURVE_POINTS_MOST : most;
    json_t *roc = json_put_object(w, curves, "roc");
    json_t *pr = json_put_object(w, curves, "pr");
    for (uint32_t k = 0; k < r->class_count; k++) {
        if (!json_shows_class(e, k))
            continue;
        put_curve(w, roc, e->frame->classes.name[k], &r->per_class[k].roc, most);
        put_curve(w, pr, e->frame->classes.name[k], &r->per_class[k].pr, most);
    }
}

void json_curves(json_writer *w, json_t *object, const evaluated *e)
{
    const evaluation *v = e->evaluation;
    if (!v->ranking && !v->has_confidence)
        return;
    json_t *curves = json_put_object(w, object, "curves");
    if (v->ranking)
        put_class_curves(w, curves, e);
    if (v->has_confidence)
        put_curve(w, curves, "risk_coverage", &v->risk.kept, CURVE_POINTS_MOST);
}
