/* A project's samples in memory, with all that a condition may ask of them. */
#include "project/project_frame.h"

#include "project/prediction_metrics.h"
#include "store/project_load.h"

assay_code project_frame_load(const project_frame_request *request, frame **out, assay_err *err)
{
    const prediction_metrics_request metrics = {.metric = request->metric,
                                                .where = request->where,
                                                .named_only = !request->all_metrics,
                                                .thread_count = request->thread_count};
    const project_load_request load = {.path = request->path,
                                       .model = request->model,
                                       .no_model = request->no_model,
                                       .model_optional = request->model_optional,
                                       .texts = request->ids,
                                       .wanted = request->wanted,
                                       .thread_count = request->thread_count,
                                       .complete = prediction_metrics_complete,
                                       .context = &metrics};
    return project_load(&load, out, err);
}
