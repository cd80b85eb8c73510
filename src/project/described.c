/* The use-case behind `assay metrics`: choose samples and metrics, describe them. */
#include "project/described.h"

#include "base/text.h"
#include "store/where.h"

#include <string.h>

/* Names in a message before it only counts. */
enum { NAMED_MOST = 20, NAMES_BYTES_MOST = 1200 };

static assay_code refuse_metric(const frame *f, const char *name, size_t length, assay_err *err)
{
    if (f->unchosen_models && frame_name_is_of_model(name, length))
        return assay_fail(err, ASSAY_E_USAGE,
                          "metric '%.*s' is known only of a model; choose one with --model: %s",
                          (int)length, name, f->unchosen_models);
    text there;
    text_init(&there, NAMES_BYTES_MOST);
    for (size_t i = 0; i < f->metric_count && i < NAMED_MOST; i++)
        text_printf(&there, "%s%s", i ? ", " : "", f->metric[i].name);
    if (f->metric_count > NAMED_MOST)
        text_printf(&there, ", … (%zu in all)", f->metric_count);
    const assay_code code = assay_fail(
        err, ASSAY_E_USAGE, "there is no metric '%.*s'; there are: %s",
        (int)(length < 200 ? length : 200), name, there.length ? text_view(&there) : "none");
    text_clear(&there);
    return code;
}

static size_t find_metric(const frame *f, const char *name, size_t length)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (strlen(f->metric[i].name) == length && memcmp(f->metric[i].name, name, length) == 0)
            return i;
    }
    return f->metric_count;
}

static bool is_of_images(const metric_column *m)
{
    return !m->from_prediction && strcmp(m->name, "random") != 0;
}

static bool is_chosen(const size_t *which, size_t count, size_t metric)
{
    for (size_t i = 0; i < count; i++) {
        if (which[i] == metric)
            return true;
    }
    return false;
}

assay_code choose_named_metrics(const frame *f, const char *list, size_t *which, size_t *count,
                                assay_err *err)
{
    *count = 0;
    for (const char *at = list; at;) {
        const char *comma = strchr(at, ',');
        const char *end = comma ? comma : at + strlen(at);
        while (at < end && *at == ' ')
            at++;
        while (end > at && end[-1] == ' ')
            end--;
        const size_t metric = find_metric(f, at, (size_t)(end - at));
        if (metric == f->metric_count)
            return refuse_metric(f, at, (size_t)(end - at), err);
        if (!is_chosen(which, *count, metric))
            which[(*count)++] = metric;
        at = comma ? comma + 1 : NULL;
    }
    return ASSAY_OK;
}

static assay_code choose_metrics(const frame *f, const metrics_request *request, size_t *which,
                                 size_t *count, assay_err *err)
{
    if (request->metric)
        return choose_named_metrics(f, request->metric, which, count, err);
    for (size_t i = 0; i < f->metric_count; i++) {
        if (!f->metric[i].on_request && (!request->images_only || is_of_images(&f->metric[i])))
            which[(*count)++] = i;
    }
    return ASSAY_OK;
}

static assay_code refuse_none(const frame *f, const char *where, assay_err *err)
{
    return assay_fail(err, ASSAY_E_INPUT, "no sample of %zu fulfils the condition: %.400s",
                      f->row_count, where);
}

assay_code choose_samples(const frame *f, const metrics_request *request, selection *out,
                          assay_err *err)
{
    *out = (selection){0};
    if (request->rows) {
        ASSAY_TRY(selection_init(out, f->row_count, true, err));
        selection_and(out, request->rows);
        return ASSAY_OK;
    }
    if (!request->where)
        return selection_init(out, f->row_count, true, err);
    const where_options options = {.thread_count = request->thread_count,
                                   .give_up = request->give_up};
    ASSAY_TRY(where_select(f, request->where, &options, out, err));
    if (selection_count(out) > 0)
        return ASSAY_OK;
    selection_clear(out);
    return refuse_none(f, request->where, err);
}

static assay_code describe(const frame *f, const metrics_request *request, described_metrics *d,
                           assay_err *err)
{
    d->which = mem_alloc(f->metric_count, sizeof *d->which);
    if (!d->which)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", f->metric_count);
    size_t count = 0;
    ASSAY_TRY(choose_metrics(f, request, d->which, &count, err));
    ASSAY_TRY(choose_samples(f, request, &d->rows, err));
    return metric_distributions_new(f, &d->rows, (metric_choice){.which = d->which, .count = count},
                                    request->thread_count, &d->distributions, err);
}

assay_code describe_metrics(const frame *f, const metrics_request *request, described_metrics *out,
                            assay_err *err)
{
    *out = (described_metrics){0};
    described_metrics made = {0};
    const assay_code code = describe(f, request, &made, err);
    if (code == ASSAY_OK)
        *out = made;
    else
        described_metrics_clear(&made);
    return code;
}

void described_metrics_clear(described_metrics *d)
{
    selection_clear(&d->rows);
    mem_free(d->which);
    metric_distributions_free(d->distributions);
    *d = (described_metrics){0};
}
