/* The moments in which the workbench writes. */
#include "server/change.h"

#include "base/clock.h"
#include "store/query.h"

#include <inttypes.h>
#include <time.h>

enum { POLL_MS = 50, BODY_BYTES_MOST = 256 };

/* How long somebody who clicked waits for another writer. */
static const double WAIT_SECONDS = 4.0;

/* Somebody clicked, and wants to know when it will be possible. */
static assay_code refuse_for_now(const assay_err *why, assay_err *err)
{
    return assay_fail(err, ASSAY_E_CONFLICT,
                      "%s; tags and decisions can be changed once it has ended", why->msg);
}

/* Waiting is done without the lock of the database, which others need meanwhile. */
static assay_code open_writer(workspace *w, project_writer **out, assay_err *err)
{
    const project_access access = {
        .path = workspace_path(w), .command = "assay serve", .thread_count = workspace_threads(w)};
    const double until = clock_seconds() + WAIT_SECONDS;
    for (;;) {
        assay_err why;
        workspace_lock_database(w);
        const assay_code code = project_writer_open(&access, out, &why);
        workspace_unlock_database(w);
        if (code == ASSAY_E_CONFLICT && clock_seconds() > until)
            return refuse_for_now(&why, err);
        if (code != ASSAY_OK && code != ASSAY_E_CONFLICT)
            return assay_fail(err, code, "%s", why.msg);
        if (code == ASSAY_OK)
            return ASSAY_OK;
        const struct timespec pause = {.tv_nsec = (long)POLL_MS * 1000000};
        nanosleep(&pause, NULL);
    }
}

/* What the change made of the project. */
typedef struct made_change {
    size_t changed;
    uint64_t revision;
} made_change;

static assay_code change_tables(const duck *db, change_function *change, void *context,
                                made_change *out, assay_err *err)
{
    ASSAY_TRY(query_number(db, "SELECT revision FROM project", "the project's revision",
                           &out->revision, err));
    return change(context, db, &out->changed, err);
}

static assay_code write(project_writer *writer, change_function *change, void *context,
                        made_change *out, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(writer, &db, err));
    const assay_code code = change_tables(db, change, context, out, err);
    if (code == ASSAY_OK && out->changed == 0) {
        project_writer_abandon(writer);
        return ASSAY_OK;
    }
    ASSAY_TRY(project_writer_end(writer, code, err));
    out->revision++;
    return ASSAY_OK;
}

assay_code change_project(workspace *w, change_function *change, void *context, reply *out,
                          assay_err *err)
{
    project_writer *writer;
    made_change made = {0};
    ASSAY_TRY(open_writer(w, &writer, err));
    workspace_lock_database(w);
    const assay_code code = write(writer, change, context, &made, err);
    project_writer_close(writer);
    workspace_unlock_database(w);
    ASSAY_TRY(code);
    if (made.changed > 0)
        workspace_tagged(w);
    text_init(&out->body, BODY_BYTES_MOST);
    text_printf(&out->body, "{\"revision\": %" PRIu64 ", \"changed\": %zu}\n", made.revision,
                made.changed);
    return text_check(&out->body, err);
}
