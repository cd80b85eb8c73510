/* The exported face of an evaluation: options in, reports out. Computes and draws nothing itself.
 */
#include "assay/evaluate.h"

#include "base/limits.h"
#include "base/try.h"
#include "report/report.h"
#include "store/npy.h"

#include <locale.h>
#include <string.h>

enum { TEXTS = 14 };

struct assay_evaluation {
    evaluated *evaluated;
    char *owned[TEXTS]; /* copies of the caller's texts, which the report shows */
    size_t owned_count;
};

ASSAY_AUTO_DECLARE(assay_evaluation)

/* The host may have chosen decimal commas; what is read and written here has points. */
typedef struct plain_locale {
    locale_t ours, before;
} plain_locale;

static void plain_locale_end(plain_locale *l)
{
    if (l->ours)
        uselocale(l->before);
    if (l->ours)
        freelocale(l->ours);
}

static assay_code plain_locale_begin(plain_locale *l, assay_err *err)
{
    l->ours = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!l->ours)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a locale");
    l->before = uselocale(l->ours);
    return ASSAY_OK;
}

#define PLAIN_LOCALE __attribute__((cleanup(plain_locale_end))) plain_locale

const char *assay_version(void)
{
    return ASSAY_VERSION;
}

static assay_code keep(assay_evaluation *e, const char *given, const char **out, assay_err *err)
{
    *out = NULL;
    if (!given)
        return ASSAY_OK;
    char *copy = mem_copy_text(given, strlen(given));
    if (!copy)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the options");
    e->owned[e->owned_count++] = copy;
    *out = copy;
    return ASSAY_OK;
}

static assay_code keep_texts(assay_evaluation *e, const char *path, const assay_evaluate_options *o,
                             evaluate_request *request, assay_err *err)
{
    import_request *in = &request->import;
    const struct {
        const char *given;
        const char **out;
    } texts[TEXTS] = {
        {path, npy_is_named(path) ? &in->labels_path : &in->path},
        {o->label, &in->label},
        {o->prediction, &in->prediction},
        {o->confidence, &in->confidence},
        {o->id, &in->id},
        {o->group, &in->group},
        {o->probabilities, &in->probabilities_path},
        {o->predictions, &in->predictions_path},
        {o->classes, &in->classes},
        {o->format, &in->format},
        {o->model, &request->model},
        {o->where, &request->where},
        {o->classes_shown, &request->classes_shown},
        {o->metric, &request->metric},
    };
    for (size_t i = 0; i < TEXTS; i++)
        ASSAY_TRY(keep(e, texts[i].given, texts[i].out, err));
    return ASSAY_OK;
}

static void take_numbers(const assay_evaluate_options *o, evaluate_request *request)
{
    evaluation_options *options = &request->options;
    evaluation_defaults(options);
    if (o->confidence_level != 0.0)
        options->confidence_level = o->confidence_level;
    if (o->bins)
        options->bins = o->bins;
    if (o->seed)
        options->seed = o->seed;
    if (o->threads)
        options->thread_count = o->threads;
    options->bootstrap = o->bootstrap;
    options->exact_proportions = o->exact;
    options->equal_width = o->equal_width;
    options->importance_nearest = o->importance_nearest;

    import_request *in = &request->import;
    in->thread_count = options->thread_count;
    in->keep_ids = o->where != NULL;
    in->logits = o->logits;
    in->allow_duplicates = o->allow_duplicates;
    in->allow_unknown_classes = o->allow_unknown_classes;
    in->allow_nan = o->allow_nan;
    in->allow_any_sum = o->allow_any_sum;
}

assay_code assay_evaluate(const char *path, const assay_evaluate_options *options,
                          assay_evaluation **out, assay_err *err)
{
    if (err)
        *err = (assay_err){0};
    if (!path || !out)
        return assay_fail(err, ASSAY_E_USAGE, "a path and a place for the evaluation are needed");
    *out = NULL;
    assay_evaluate_options known = {0};
    if (options && (options->size == 0 || options->size > sizeof known))
        return assay_fail(err, ASSAY_E_USAGE,
                          "options.size is %zu; set it to sizeof(assay_evaluate_options), here %zu",
                          options->size, sizeof known);
    if (options)
        memcpy(&known, options, options->size);
    ASSAY_AUTO(assay_evaluation) e = mem_zalloc(1, sizeof *e);
    if (!e)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for an evaluation");
    PLAIN_LOCALE locale = {0};
    ASSAY_TRY(plain_locale_begin(&locale, err));
    evaluate_request request = {0};
    ASSAY_TRY(keep_texts(e, path, &known, &request, err));
    take_numbers(&known, &request);
    ASSAY_TRY(evaluate_predictions(&request, &e->evaluated, err));
    *out = ASSAY_GIVE(e);
    return ASSAY_OK;
}

assay_code assay_evaluation_json(const assay_evaluation *e, char **json, assay_err *err)
{
    *json = NULL;
    PLAIN_LOCALE locale = {0};
    ASSAY_TRY(plain_locale_begin(&locale, err));
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    assay_code code = report_json(e->evaluated, &out, err);
    if (code == ASSAY_OK)
        code = text_check(&out, err);
    if (code == ASSAY_OK)
        *json = ASSAY_GIVE(out.at);
    text_clear(&out);
    return code;
}

assay_code assay_evaluation_text(const assay_evaluation *e, int columns, char **report,
                                 assay_err *err)
{
    *report = NULL;
    if (columns < 60 || columns > 100)
        return assay_fail(err, ASSAY_E_USAGE, "columns is %d; use 60 to 100", columns);
    PLAIN_LOCALE locale = {0};
    ASSAY_TRY(plain_locale_begin(&locale, err));
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    const report_style style = {.unicode = true, .columns = columns};
    report_text(e->evaluated, &style, &out);
    const assay_code code = text_check(&out, err);
    if (code == ASSAY_OK)
        *report = ASSAY_GIVE(out.at);
    text_clear(&out);
    return code;
}

void assay_text_free(char *at)
{
    mem_free(at);
}

void assay_evaluation_free(assay_evaluation *e)
{
    if (!e)
        return;
    evaluated_free(e->evaluated);
    for (size_t i = 0; i < e->owned_count; i++)
        mem_free(e->owned[i]);
    mem_free(e);
}
