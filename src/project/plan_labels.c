/* The use-case behind `assay plan`. */
#include "project/plan_labels.h"

#include "eval/evaluation.h"

ASSAY_AUTO_CLEAR_DECLARE(selection)
ASSAY_AUTO_DECLARE(confusion)

assay_code plan_labels(const frame *f, const plan_labels_request *request, label_plan *out,
                       assay_err *err)
{
    *out = (label_plan){0};
    if (!f->model)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has no predictions yet; assay add predictions %s TABLE brings some",
                          request->path, request->path);
    evaluation_options options;
    evaluation_defaults(&options);
    if (request->confidence_level > 0.0)
        options.confidence_level = request->confidence_level;
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(choose_samples(f, &request->samples, &rows, err));
    ASSAY_AUTO(confusion) c = NULL;
    ASSAY_TRY(confusion_new(f, &rows, request->samples.thread_count, &c, err));
    return label_plan_init(out, c, request->half_width, &options, err);
}
