/* Long work: what runs and ran, begin one, end it. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/job_request.h"
#include "server/jobs.h"
#include "server/uploads.h"

/* So long a request to stop waits for the end. */
#define STOP_SECONDS 1.0

static assay_code look_at_revision(workspace *w, uint64_t *out, assay_err *err)
{
    workspace_view *v;
    ASSAY_TRY(workspace_look(w, NULL, &v, err));
    *out = workspace_revision(v);
    workspace_release(v);
    return ASSAY_OK;
}

static assay_code put_jobs(const request *q, uint64_t revision, reply *out, assay_err *err)
{
    json_writer json;
    json_writer_init(&json);
    json_put_count(&json, json.root, "revision", revision);
    jobs_put(q->jobs, &json, json.root);
    text_init(&out->body, JOBS_BYTES_MOST);
    const assay_code code = json_dump_checked(&json, &out->body, err);
    json_writer_clear(&json);
    return code;
}

static assay_code answer(workspace *w, const request *q, reply *out, assay_err *err)
{
    uint64_t revision;
    ASSAY_TRY(look_at_revision(w, &revision, err));
    return put_jobs(q, revision, out, err);
}

assay_code handle_jobs(workspace *w, const request *q, reply *out, assay_err *err)
{
    return answer(w, q, out, err);
}

/* The files are the job's once it runs. */
static assay_code start_with_files(const request *q, job_request *r, const uploads_taken *files,
                                   assay_err *err)
{
    ASSAY_TRY(job_request_check_names(r, files->table_name, files->other_name, err));
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
        uploads_give_back(q->uploads, (const uint64_t[2]){files.table, files.other});
    return code;
}

assay_code handle_jobs_start(workspace *w, const request *q, reply *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(job_request) asked = {0};
    ASSAY_TRY(job_request_read(q->body, &asked, err));
    /* What can fail comes before a job begins: a failure says that none did. */
    uint64_t revision;
    ASSAY_TRY(look_at_revision(w, &revision, err));
    ASSAY_TRY(start(q, &asked, err));
    return put_jobs(q, revision, out, err);
}

assay_code handle_jobs_stop(workspace *w, const request *q, reply *out, assay_err *err)
{
    jobs_ask_to_stop(q->jobs, STOP_SECONDS, q->stop);
    workspace_changed(w);
    return answer(w, q, out, err);
}
