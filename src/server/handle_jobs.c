/* Long work: what runs and ran, begin one, end it. */
#include "server/routes.h"

#include "server/jobs.h"

enum { JOBS_BYTES_MOST = 1 << 18 };

static assay_code answer(workspace *w, const request *q, reply *out, assay_err *err)
{
    workspace_view *v;
    ASSAY_TRY(workspace_look(w, NULL, &v, err));
    const uint64_t revision = workspace_revision(v);
    workspace_release(v);
    json_writer json;
    json_writer_init(&json);
    json_put_count(&json, json.root, "revision", revision);
    jobs_put(q->jobs, &json, json.root);
    text_init(&out->body, JOBS_BYTES_MOST);
    const assay_code code = json_dump_checked(&json, &out->body, err);
    json_writer_clear(&json);
    return code;
}

assay_code handle_jobs(workspace *w, const request *q, reply *out, assay_err *err)
{
    return answer(w, q, out, err);
}

assay_code handle_jobs_start(workspace *w, const request *q, reply *out, assay_err *err)
{
    const char *command = json_string_value(json_object_get(q->body, "command"));
    if (!command || json_object_size(q->body) != 1)
        return assay_fail(err, ASSAY_E_USAGE,
                          "a job is {\"command\": \"measure\"} or {\"command\": \"embed\"}");
    ASSAY_TRY(jobs_start(q->jobs, command, err));
    return answer(w, q, out, err);
}

assay_code handle_jobs_stop(workspace *w, const request *q, reply *out, assay_err *err)
{
    jobs_stop(q->jobs);
    workspace_changed(w);
    return answer(w, q, out, err);
}
