/* A project's samples in memory, with all that a condition may ask of them. */
#include "project/project_frame.h"

#include "store/project_load.h"

assay_code project_frame_load(const project_frame_request *request, frame **out, assay_err *err)
{
    const project_load_request load = {.path = request->path,
                                       .model = request->model,
                                       .no_model = request->no_model,
                                       .model_optional = request->model_optional,
                                       .texts = request->ids,
                                       .wanted = request->wanted,
                                       .thread_count = request->thread_count};
    return project_load(&load, out, err);
}
