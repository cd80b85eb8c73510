/* The use-case behind `assay compare`: two models of a project on the samples that both answer. */
#include "project/compare_models.h"

#include "eval/evaluation.h"
#include "project/described.h"
#include "project/prediction_metrics.h"
#include "store/project_load.h"

#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

static assay_code check_names(const compare_models_request *r, assay_err *err)
{
    if (!r->a || !*r->a || !r->b || !*r->b)
        return assay_fail(err, ASSAY_E_USAGE, "two models are needed: --a and --b name them");
    if (strcmp(r->a, r->b) == 0)
        return assay_fail(err, ASSAY_E_USAGE, "--a and --b are both '%.200s'", r->a);
    return ASSAY_OK;
}

/* The first model's samples also answer the condition, so they bring metrics and texts. */
static assay_code load_models(const compare_models_request *r, compared_models *out, assay_err *err)
{
    const project_load_request a = {.path = r->path,
                                    .model = r->a,
                                    .texts = r->where != NULL,
                                    .no_metrics = r->where == NULL,
                                    .thread_count = r->thread_count};
    const project_load_request b = {
        .path = r->path, .model = r->b, .no_metrics = true, .thread_count = r->thread_count};
    ASSAY_TRY(project_load(&a, &out->a, err));
    ASSAY_TRY(project_load(&b, &out->b, err));
    if (!r->where)
        return ASSAY_OK;
    const prediction_metrics_request metrics = {.where = r->where, .thread_count = r->thread_count};
    return prediction_metrics_add(out->a, &metrics, err);
}

static assay_code check_labels(const compare_models_request *r, const frame *f, assay_err *err)
{
    for (size_t row = 0; row < f->row_count; row++) {
        if (f->label[row] != CLASS_MISSING)
            return ASSAY_OK;
    }
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: no sample has a label yet; assay add labels %s TABLE brings some",
                      r->path, r->path);
}

static assay_code compare(const compare_models_request *r, compared_models *out, assay_err *err)
{
    ASSAY_TRY(check_names(r, err));
    ASSAY_TRY(load_models(r, out, err));
    ASSAY_TRY(check_labels(r, out->a, err));
    const metrics_request chosen = {
        .where = r->where, .thread_count = r->thread_count, .give_up = r->give_up};
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(choose_samples(out->a, &chosen, &rows, err));
    comparison_request request = {
        .a = out->a, .b = out->b, .selected = &rows, .exact_p = r->exact_p};
    evaluation_defaults(&request.options);
    request.options.thread_count = r->thread_count;
    if (r->confidence_level > 0.0)
        request.options.confidence_level = r->confidence_level;
    out->confidence_level = request.options.confidence_level;
    return comparison_init(&out->comparison, &request, err);
}

assay_code compare_models(const compare_models_request *request, compared_models *out,
                          assay_err *err)
{
    *out = (compared_models){0};
    compared_models made = {0};
    const assay_code code = compare(request, &made, err);
    if (code == ASSAY_OK)
        *out = made;
    else
        compared_models_clear(&made);
    return code;
}

void compared_models_clear(compared_models *c)
{
    comparison_clear(&c->comparison);
    frame_free(c->a);
    frame_free(c->b);
    *c = (compared_models){0};
}
