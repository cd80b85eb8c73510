/* What predictions say of each sample, as metrics like any other. */
#include "project/prediction_metrics.h"

#include "base/mem.h"
#include "eval/label_measures.h"
#include "eval/proper.h"

#include <ctype.h>
#include <string.h>

static metric_column *add_metric(frame *f, const char *name, assay_err *err)
{
    metric_column *grown = mem_resize(f->metric, f->metric_count + 1, sizeof *grown);
    if (grown) {
        f->metric = grown;
        metric_column *metric = &f->metric[f->metric_count];
        *metric = (metric_column){.from_prediction = true};
        metric->name = mem_copy_text(name, strlen(name));
        if (metric->name) {
            f->metric_count++;
            return metric;
        }
    }
    (void)assay_fail(err, ASSAY_E_NOMEM, "out of memory for metric %s", name);
    return NULL;
}

static bool has_metric(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (strcmp(f->metric[i].name, name) == 0)
            return true;
    }
    return false;
}

/* A metric of `name` with room for every row, unless the user's table has one of that name: then
 * *out is NULL. */
static assay_code add_owned_metric(frame *f, const char *name, double **out, assay_err *err)
{
    *out = NULL;
    if (has_metric(f, name))
        return ASSAY_OK;
    metric_column *metric = add_metric(f, name, err);
    if (!metric)
        return ASSAY_E_NOMEM;
    metric->value = mem_alloc(f->row_count, sizeof *metric->value);
    if (!metric->value)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for metric %s", name);
    *out = metric->value;
    return ASSAY_OK;
}

static bool in_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* SQL reads names in either case. A name inside a quoted text costs a column, no more. */
static bool names(const char *words, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = words; at && (at = strcasestr(at, name)); at += length) {
        if ((at == words || !in_name(at[-1])) && !in_name(at[length]))
            return true;
    }
    return false;
}

static bool is_named(const prediction_metrics_request *r, const char *name)
{
    return names(r->where, name) || names(r->metric, name);
}

static assay_code add_doubts(frame *f, const prediction_metrics_request *r, assay_err *err)
{
    double *margin = NULL, *entropy = NULL;
    if (!r->named_only || is_named(r, "margin"))
        ASSAY_TRY(add_owned_metric(f, "margin", &margin, err));
    if (!r->named_only || is_named(r, "prediction_entropy"))
        ASSAY_TRY(add_owned_metric(f, "prediction_entropy", &entropy, err));
    return margin || entropy ? prediction_measures(f, r->thread_count, margin, entropy, err)
                             : ASSAY_OK;
}

static const char *const on_request[] = {"least_confidence", "self_confidence",
                                         "normalised_margin"};
enum { ON_REQUEST = sizeof on_request / sizeof *on_request };

bool prediction_metric_is_of_label(const char *name)
{
    return strcmp(name, "self_confidence") == 0 || strcmp(name, "normalised_margin") == 0;
}

static assay_code add_label_measures(frame *f, const prediction_metrics_request *r, assay_err *err)
{
    double *value[ON_REQUEST] = {NULL};
    bool any = false;
    for (size_t i = 0; i < ON_REQUEST; i++) {
        if (is_named(r, on_request[i]))
            ASSAY_TRY(add_owned_metric(f, on_request[i], &value[i], err));
        if (value[i])
            f->metric[f->metric_count - 1].on_request = true;
        any |= value[i] != NULL;
    }
    const label_measure_columns wanted = {value[0], value[1], value[2]};
    return any ? label_measures(f, r->thread_count, &wanted, err) : ASSAY_OK;
}

assay_code prediction_metrics_add(frame *f, const prediction_metrics_request *request,
                                  assay_err *err)
{
    if (f->confidence && !has_metric(f, "confidence")) {
        metric_column *metric = add_metric(f, "confidence", err);
        if (!metric)
            return ASSAY_E_NOMEM;
        metric->value = f->confidence;
        metric->value_borrowed = true;
    }
    if (!f->probability)
        return ASSAY_OK;
    ASSAY_TRY(add_doubts(f, request, err));
    return add_label_measures(f, request, err);
}

assay_code prediction_metrics_complete(frame *f, const void *request, assay_err *err)
{
    return prediction_metrics_add(f, request, err);
}
