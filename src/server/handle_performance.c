/* The rate along a metric: accuracy, or the recall or precision of a class. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/limits.h"
#include "base/mem.h"
#include "eval/evaluation.h"
#include "eval/outcome_rows.h"
#include "report/json_sections.h"

#include <math.h>
#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(samples)
ASSAY_AUTO_CLEAR_DECLARE(outcome_rows)

static const char *const of_names[] = {"accuracy", "recall", "precision"};
enum { OF_ACCURACY, OF_RECALL, OF_PRECISION, OF_COUNT };

/* What is asked. */
typedef struct performance_asked {
    const filter *filter;
    size_t metric; /* index into the frame's */
    uint64_t bins;
    int of;
    uint16_t class_code; /* of recall and precision */
    cancellation *stop;
} performance_asked;

/* What is answered. */
typedef struct performance_found {
    metric_performance curve;
    uint64_t samples, missing; /* of which there is a value, and none */
    score overall;             /* of both */
} performance_found;

static assay_code read_metric(performance_asked *p, const request *q, assay_err *err)
{
    const frame *f = filter_frame(p->filter);
    const char *name = request_text(q, "metric");
    if (!name)
        return assay_fail(err, ASSAY_E_USAGE, "metric is missing");
    for (p->metric = 0; p->metric < f->metric_count; p->metric++) {
        if (!strcmp(f->metric[p->metric].name, name))
            return ASSAY_OK;
    }
    return assay_fail(err, ASSAY_E_USAGE, "there is no metric '%.200s'", name);
}

static assay_code read_of(performance_asked *p, const request *q, assay_err *err)
{
    const char *of = request_text(q, "of");
    for (p->of = 0; of && p->of < OF_COUNT && strcmp(of_names[p->of], of) != 0;)
        p->of++;
    if (p->of == OF_COUNT)
        return assay_fail(err, ASSAY_E_USAGE, "of is '%.40s'; use accuracy, recall or precision",
                          of);
    const char *name = request_text(q, "class");
    if (p->of == OF_ACCURACY && name && *name)
        return assay_fail(err, ASSAY_E_USAGE, "class goes with recall and precision");
    if (p->of == OF_ACCURACY)
        return ASSAY_OK;
    if (!name)
        return assay_fail(err, ASSAY_E_USAGE, "%s needs a class", of);
    p->class_code = class_list_find(&filter_frame(p->filter)->classes, name, strlen(name));
    return p->class_code == CLASS_MISSING
               ? assay_fail(err, ASSAY_E_USAGE, "there is no class '%.200s'", name)
               : ASSAY_OK;
}

static bool is_asked_for(const performance_asked *p, const samples *s, size_t i)
{
    return p->of == OF_ACCURACY ||
           (p->of == OF_RECALL ? s->label : s->prediction)[i] == p->class_code;
}

static void count_samples(const performance_asked *p, const samples *s,
                          const evaluation_options *options, performance_found *out)
{
    const double *value = filter_frame(p->filter)->metric[p->metric].value;
    uint64_t correct = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!is_asked_for(p, s, i))
            continue;
        const bool missing = isnan(value[samples_row(s, i)]);
        out->missing += missing;
        out->samples += !missing;
        correct += s->label[i] == s->prediction[i];
    }
    out->overall = score_proportion(correct, out->samples + out->missing, 0.0, options);
}

/* Those that are asked for, and which of them are right. */
static assay_code choose_rows(const performance_asked *p, const samples *s, outcome_rows *out,
                              assay_err *err)
{
    ASSAY_TRY(outcome_rows_of(out, s, err));
    for (size_t i = 0; p->of != OF_ACCURACY && i < s->count; i++) {
        if (!is_asked_for(p, s, i))
            selection_set(&out->rows, samples_row(s, i), false);
    }
    return ASSAY_OK;
}

/* The metric's samples in order: sorted only where the order is not known. */
static assay_code order_samples(const performance_asked *p, const samples *s, ordered_metric *out,
                                assay_err *err)
{
    const metric_codes *const *codes;
    ASSAY_TRY(workspace_codes(filter_view(p->filter), &codes, err));
    if (!codes[p->metric]) {
        const class_question question = {p->class_code, p->of == OF_RECALL ? PERFORMANCE_RECALL
                                                                           : PERFORMANCE_PRECISION};
        ordered_metric_fill(out, s, filter_frame(p->filter)->metric[p->metric].value,
                            p->of == OF_ACCURACY ? NULL : &question,
                            workspace_threads(workspace_of(filter_view(p->filter))));
        return ASSAY_OK;
    }
    ASSAY_AUTO_CLEAR(outcome_rows) rows = {0};
    ASSAY_TRY(choose_rows(p, s, &rows, err));
    ordered_metric_fill_coded(out, codes[p->metric], &rows.rows, &rows.right);
    return ASSAY_OK;
}

static assay_code draw_curve(const performance_asked *p, const samples *s,
                             const evaluation_options *options, metric_performance *out,
                             assay_err *err)
{
    ordered_metric ordered;
    ASSAY_TRY(ordered_metric_init(&ordered, s, err));
    ordered.stop = p->stop;
    assay_code code = metric_performance_init(out, options, err);
    if (code == ASSAY_OK)
        code = order_samples(p, s, &ordered, err);
    if (code == ASSAY_OK)
        code = cancellation_check(p->stop, err);
    if (code == ASSAY_OK)
        ordered_performance(&ordered, s, options, out);
    ordered_metric_clear(&ordered);
    return code;
}

/* A class's recall and precision are over all samples, accuracy over those of the shown classes. */
static assay_code find_performance(const performance_asked *p, performance_found *out,
                                   assay_err *err)
{
    const filter *f = p->filter;
    evaluation_options options;
    evaluation_defaults(&options);
    options.thread_count = workspace_threads(workspace_of(filter_view(f)));
    options.bins = (uint32_t)p->bins;
    ASSAY_AUTO_CLEAR(samples) s = {0};
    ASSAY_TRY(samples_init(&s, filter_frame(f), filter_rows(f),
                           p->of == OF_ACCURACY ? filter_shown(f) : NULL, err));
    count_samples(p, &s, &options, out);
    return draw_curve(p, &s, &options, &out->curve, err);
}

static void put_performance(const performance_asked *p, const performance_found *found,
                            json_writer *w)
{
    const frame *f = filter_frame(p->filter);
    json_put_count(w, w->root, "revision", workspace_revision(filter_view(p->filter)));
    json_put_text(w, w->root, "metric", f->metric[p->metric].name);
    json_put_text(w, w->root, "of", of_names[p->of]);
    json_put_text(w, w->root, "class",
                  p->of == OF_ACCURACY ? NULL : f->classes.name[p->class_code]);
    json_put_count(w, w->root, "samples", found->samples);
    json_put_count(w, w->root, "missing", found->missing);
    json_put_score(w, w->root, "overall", &found->overall);
    json_put_bins(w, w->root, &found->curve);
}

static assay_code make_performance(void *context, text *out, assay_err *err)
{
    const performance_asked *p = context;
    performance_found found = {0};
    json_writer w;
    json_writer_init(&w);
    assay_code code = find_performance(p, &found, err);
    if (code == ASSAY_OK) {
        put_performance(p, &found, &w);
        code = json_dump_checked(&w, out, err);
    }
    json_writer_clear(&w);
    metric_performance_clear(&found.curve);
    return code;
}

static assay_code answer(performance_asked *p, const request *q, reply *out, assay_err *err)
{
    ASSAY_TRY(read_metric(p, q, err));
    ASSAY_TRY(read_of(p, q, err));
    ASSAY_TRY(request_number(q, "bins", BINS_LEAST, BINS_MOST, BINS_DEFAULT, &p->bins, err));
    char question[128];
    snprintf(question, sizeof question, "performance %zu %llu %d %u", p->metric,
             (unsigned long long)p->bins, p->of, p->class_code);
    const body_wanted wanted = {.make = make_performance, .context = p, .stop = p->stop};
    return kept_answer(p->filter, question, &wanted, out, err);
}

ROUTE_HANDLER(handle_performance)
{
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    performance_asked p = {.filter = f, .stop = q->stop};
    const assay_code code = answer(&p, q, out, err);
    filter_release(f);
    return code;
}
