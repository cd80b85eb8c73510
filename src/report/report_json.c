/* The report for programs: the order of its keys, and its head. */
#include "report/report.h"

#include "report/json_sections.h"

enum { SCHEMA = 1 };

static void put_warnings(json_writer *w, json_t *object, const evaluated *e)
{
    json_t *list = json_put_array(w, object, "warnings");
    for (size_t i = 0; i < e->warning_count; i++) {
        json_t *item = json_append_object(w, list);
        json_put_text(w, item, "code", e->warning[i].code);
        json_put_text(w, item, "message", e->warning[i].message);
    }
}

static void put_samples(json_writer *w, json_t *object, const evaluated *e)
{
    const evaluation *v = e->evaluation;
    json_put_count(w, object, "samples", v->samples);
    json_put_count(w, object, "scored", v->scored);
    json_t *missing = json_put_object(w, object, "missing");
    json_put_count(w, missing, "label", v->missing_label);
    json_put_count(w, missing, "prediction", v->missing_prediction);
    if (v->group_count > 0)
        json_put_count(w, object, "groups", v->group_count);
}

static void put_classes(json_writer *w, json_t *object, const evaluated *e)
{
    const class_list *classes = &e->frame->classes;
    json_t *list = json_put_array(w, object, "classes");
    for (uint32_t k = 0; k < classes->count; k++)
        json_append_text(w, list, classes->name[k]);
    if (!e->shown)
        return;
    list = json_put_array(w, object, "shown");
    for (uint32_t k = 0; k < classes->count; k++) {
        if (e->shown[k])
            json_append_text(w, list, classes->name[k]);
    }
}

assay_code report_json_put(json_writer *w, json_t *root, const evaluated *e, assay_err *err)
{
    json_put_text(w, root, "assay", ASSAY_VERSION);
    json_put_count(w, root, "schema", SCHEMA);
    json_input(w, root, e);
    json_options(w, root, e);
    put_warnings(w, root, e);
    put_samples(w, root, e);
    put_classes(w, root, e);
    json_put_text(w, root, "model", e->request.model ? e->request.model : e->frame->model);
    json_scores(w, root, e);
    json_per_class(w, root, e);
    ASSAY_TRY(json_confusion(w, root, e, err));
    json_calibration(w, root, e);
    json_curves(w, root, e);
    json_metrics(w, root, e);
    return json_writer_check(w, err);
}

assay_code report_json(const evaluated *e, text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    assay_code code = report_json_put(&w, w.root, e, err);
    if (code == ASSAY_OK) {
        json_dump_text(&w, out);
        code = text_check(out, err);
    }
    json_writer_clear(&w);
    return code;
}
