/* How the values of each metric lie, as JSON. */
#include "base/json.h"
#include "report/distributions.h"

enum { SCHEMA = 1 };

static void put_outliers(json_writer *w, json_t *object, const metric_distribution *d)
{
    json_t *o = json_put_object(w, object, "outliers");
    json_put_count(w, o, "severe_low", d->outliers.severe_low);
    json_put_count(w, o, "moderate_low", d->outliers.moderate_low);
    json_put_count(w, o, "moderate_high", d->outliers.moderate_high);
    json_put_count(w, o, "severe_high", d->outliers.severe_high);
    o = json_put_object(w, object, "fences");
    json_put_number(w, o, "severe_low", d->fences.severe_low);
    json_put_number(w, o, "moderate_low", d->fences.moderate_low);
    json_put_number(w, o, "moderate_high", d->fences.moderate_high);
    json_put_number(w, o, "severe_high", d->fences.severe_high);
}

static void put_metric(json_writer *w, json_t *list, const metric_distribution *d)
{
    json_t *o = json_append_object(w, list);
    json_put_text(w, o, "name", d->name);
    json_put_count(w, o, "count", d->count);
    json_put_count(w, o, "missing", d->missing);
    json_put_count(w, o, "infinite", d->infinite);
    json_put_number(w, o, "min", d->min);
    json_put_number(w, o, "q1", d->q1);
    json_put_number(w, o, "median", d->median);
    json_put_number(w, o, "q3", d->q3);
    json_put_number(w, o, "max", d->max);
    json_put_number(w, o, "mean", d->mean);
    json_put_number(w, o, "sd", d->sd);
    put_outliers(w, o, d);
    json_t *histogram = json_put_array(w, o, "histogram");
    for (size_t b = 0; b < d->bin_count; b++)
        json_append_count(w, histogram, d->bin[b]);
}

void metrics_json_put(json_writer *w, json_t *object, const metrics_shown *m)
{
    json_put_text(w, object, "assay", ASSAY_VERSION);
    json_put_count(w, object, "schema", SCHEMA);
    json_put_text(w, object, "path", m->path);
    json_put_text(w, object, "where", m->where);
    json_put_count(w, object, "samples", m->distributions->samples);
    json_t *list = json_put_array(w, object, "metrics");
    for (size_t i = 0; i < m->distributions->count; i++)
        put_metric(w, list, &m->distributions->metric[i]);
}

assay_code metrics_json(const metrics_shown *m, text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    metrics_json_put(&w, w.root, m);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}
