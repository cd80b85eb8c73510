/* Metric importance and performance by metric in the JSON report. */
#include "report/json_sections.h"

static void put_importance(json_writer *w, json_t *object, const metric_importance *m)
{
    json_t *o = json_put_object(w, object, "importance");
    json_put_score(w, o, "nats", &m->information);
    json_put_number(w, o, "share", m->share);
    json_put_number(w, o, "p_value", m->p_value);
    json_put_number(w, o, "p_adjusted", m->p_adjusted);
    json_put_text(w, o, "p_method", m->p_method ? m->p_method : "none");
    if (m->p_missing)
        json_put_text(w, o, "p_missing", m->p_missing);
}

void json_put_bins(json_writer *w, json_t *object, const metric_performance *p)
{
    json_t *bins = json_put_array(w, object, "bins");
    for (size_t b = 0; b < p->count; b++) {
        const performance_bin *bin = &p->bin[b];
        json_t *o = json_append_object(w, bins);
        json_put_number(w, o, "low", bin->low);
        json_put_number(w, o, "high", bin->high);
        json_put_number(w, o, "median", bin->median);
        json_put_count(w, o, "count", bin->count);
        json_put_count(w, o, "correct", bin->correct);
        json_put_score(w, o, "rate", &bin->rate);
    }
}

void json_metrics(json_writer *w, json_t *object, const evaluated *e)
{
    const metric_analyses *m = e->evaluation->metrics;
    if (!m || m->count == 0)
        return;
    json_t *list = json_put_array(w, object, "metrics");
    for (size_t i = 0; i < m->count; i++) {
        const metric_importance *importance = &m->metric[i].importance;
        json_t *o = json_append_object(w, list);
        json_put_text(w, o, "name", m->metric[i].name);
        json_put_count(w, o, "samples", importance->samples);
        json_put_score(w, o, "correlation", &importance->correlation);
        if (!m->first)
            json_put_score(w, o, "spearman", &importance->spearman);
        put_importance(w, o, importance);
    }
    if (m->first)
        return;
    json_t *performance = json_put_object(w, object, "performance");
    for (size_t i = 0; i < m->count; i++)
        json_put_bins(w, json_put_object(w, performance, m->metric[i].name),
                      &m->metric[i].performance);
}
