/* Long work: what runs and ran, begin one, end it. */
#include "server/routes.h"

#include "server/job_request.h"
#include "server/jobs.h"
#include "server/uploads.h"

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

/* The files are the job's once it runs. */
static assay_code start_with_files(const request *q, job_request *r, const uploads_taken *files,
                                   assay_err *err)
{
    if (files->other)
        ASSAY_TRY(job_request_put_array(r, files->other_name, err));
    const job_order order = {.command = r->command,
                             .option = (const char *const *)r->option,
                             .option_count = r->option_count,
                             .folder = files->folder,
                             .file = files->table ? files->table_name : NULL,
                             .shown = files->table ? files->table_name : files->other_name,
                             .taken = {files->table, files->other}};
    return jobs_start(q->jobs, &order, err);
}

static assay_code start(const request *q, job_request *r, assay_err *err)
{
    if (r->table == 0 && r->probabilities == 0) {
        const job_order order = {.command = r->command};
        return jobs_start(q->jobs, &order, err);
    }
    uploads_taken files;
    ASSAY_TRY(uploads_take(q->uploads, r->table, r->probabilities, &files, err));
    const assay_code code = start_with_files(q, r, &files, err);
    if (code != ASSAY_OK)
        uploads_give_back(q->uploads, &files);
    return code;
}

assay_code handle_jobs_start(workspace *w, const request *q, reply *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(job_request) asked = {0};
    ASSAY_TRY(job_request_read(q->body, &asked, err));
    ASSAY_TRY(start(q, &asked, err));
    return answer(w, q, out, err);
}

assay_code handle_jobs_stop(workspace *w, const request *q, reply *out, assay_err *err)
{
    jobs_stop(q->jobs);
    workspace_changed(w);
    return answer(w, q, out, err);
}
