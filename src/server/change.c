/* The moments in which the workbench writes. */
#include "server/change.h"

#include "base/clock.h"
#include "store/query.h"

#include <inttypes.h>
#include <time.h>

/* A look at the database is one try: who waits in between lets others of this process have it. */
enum { POLL_MS = 50, LOOK_MS = 1, BODY_BYTES_MOST = 256 };

/* How long somebody who clicked waits for another writer. */
static const double WAIT_SECONDS = 4.0;

/* What the change made of the project. */
typedef struct made_change {
    size_t changed;
    uint64_t before, revision;
} made_change;

static assay_code change_tables(const duck *db, change_function *change, void *context,
                                made_change *out, assay_err *err)
{
    ASSAY_TRY(query_number(db, "SELECT revision FROM project", "the project's revision",
                           &out->before, err));
    out->revision = out->before;
    return change(context, db, &out->changed, err);
}

/* What is to be done to the tables. */
typedef struct wanted_change {
    change_function *change;
    void *context;
} wanted_change;

/* What changes nothing is no revision. */
static assay_code make_change(project_writer *writer, const duck *db, const wanted_change *wanted,
                              made_change *out, assay_err *err)
{
    const assay_code code = change_tables(db, wanted->change, wanted->context, out, err);
    if (code == ASSAY_OK && out->changed == 0) {
        project_writer_abandon(writer);
        return ASSAY_OK;
    }
    ASSAY_TRY(project_writer_end(writer, code, err));
    out->revision = project_writer_revision(writer);
    return ASSAY_OK;
}

/* One try. *busy: another process has the database open, and nothing was done. */
static assay_code try_change(workspace *w, project_writer *writer, const wanted_change *wanted,
                             made_change *out, bool *busy, assay_err *err)
{
    duck *db;
    workspace_lock_database(w);
    assay_code code = project_writer_begin(writer, &db, err);
    *busy = code == ASSAY_E_CONFLICT;
    if (code == ASSAY_OK)
        code = make_change(writer, db, wanted, out, err);
    /* Before anybody else of this process reads it. */
    if (code == ASSAY_OK && out->changed > 0)
        workspace_tagged(w, out->before, out->revision);
    workspace_unlock_database(w);
    return code;
}

static assay_code change_in_time(workspace *w, project_writer *writer, const wanted_change *wanted,
                                 made_change *out, assay_err *err)
{
    const double until = clock_seconds() + WAIT_SECONDS;
    for (;;) {
        assay_err why = {0};
        bool busy = false;
        const assay_code code = try_change(w, writer, wanted, out, &busy, &why);
        if (code == ASSAY_OK)
            return ASSAY_OK;
        if (!busy)
            return assay_fail(err, code, "%s", why.msg);
        if (clock_seconds() > until)
            return assay_fail(err, code, "%s; nothing was changed, try again in a moment", why.msg);
        const struct timespec pause = {.tv_nsec = (long)POLL_MS * 1000000};
        nanosleep(&pause, NULL);
    }
}

assay_code change_project(workspace *w, change_function *change, void *context, reply *out,
                          assay_err *err)
{
    const project_access access = {.path = workspace_path(w),
                                   .command = "assay serve",
                                   .thread_count = workspace_threads(w),
                                   .moment_ms = LOOK_MS};
    const wanted_change wanted = {change, context};
    project_writer *writer;
    made_change made = {0};
    ASSAY_TRY(project_writer_open_beside(&access, &writer, err));
    const assay_code code = change_in_time(w, writer, &wanted, &made, err);
    project_writer_close(writer);
    ASSAY_TRY(code);
    text_init(&out->body, BODY_BYTES_MOST);
    text_printf(&out->body, "{\"revision\": %" PRIu64 ", \"changed\": %zu}\n", made.revision,
                made.changed);
    return text_check(&out->body, err);
}
