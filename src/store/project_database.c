/* When a project's database is open, and what version its tables are of. Knows the tables `project`
 * and `models`. */
#include "store/project_parts.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "store/query.h"
#include "store/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A moment of a change is short; whoever holds the database longer is no command of ours that
 * writes. */
enum { MOMENT_SECONDS_MOST = 60, POLL_MS = 20, TELL_MS = 1000 };

/* How long to wait for whoever has the database open, and who is told after the first second. */
typedef struct patience {
    long most_ms;
    void (*tell)(const char *message); /* NULL: nobody */
} patience;

static const patience usual = {1000L * MOMENT_SECONDS_MOST, NULL};

/* The version of an open database's tables; INPUT where they are not ours or newer. */
static assay_code read_version(const duck *d, const char *name, uint32_t *out, assay_err *err)
{
    uint64_t version = 0;
    assay_err why = {0};
    const assay_code code = query_number(
        d, "SELECT CAST(max(schema_version) AS UBIGINT) FROM project", name, &version, &why);
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, code, "%s", why.msg);
    if (code != ASSAY_OK || version == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: its database is not one of assay's", name);
    if (version > SCHEMA_VERSION)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: was written by a newer assay (its tables are of version %llu; this "
                          "program, %s, knows up to %d); install a newer one",
                          name, (unsigned long long)version, ASSAY_VERSION, SCHEMA_VERSION);
    *out = (uint32_t)version;
    return ASSAY_OK;
}

/* A project of an older version is brought up by whoever comes first. */
static assay_code bring_up(const char *path, int wait_seconds, int thread_count, assay_err *err)
{
    const project_access access = {.path = path,
                                   .command = "assay, bringing it to a newer version",
                                   .wait_seconds = wait_seconds,
                                   .thread_count = thread_count};
    project_writer *w = NULL;
    ASSAY_TRY(project_writer_open(&access, &w, err));
    project_writer_close(w);
    return ASSAY_OK;
}

static void tell_of_waiting(const patience *p, const char *name, const assay_err *why)
{
    char message[sizeof why->msg + 300];
    snprintf(message, sizeof message, "%.250s: %s; waiting for it", name, why->msg);
    p->tell(message);
}

/* Opens a database, and waits while somebody has it for a moment. */
static assay_code open_in_a_moment(const char *name, const duck_options *options, const patience *p,
                                   duck *out, assay_err *err)
{
    assay_err why = {0};
    assay_code code = duck_open(out, options, &why);
    for (long waited = 0; code == ASSAY_E_CONFLICT && waited < p->most_ms; waited += POLL_MS) {
        if (p->tell && waited == TELL_MS)
            tell_of_waiting(p, name, &why);
        project_pause(POLL_MS);
        code = duck_open(out, options, &why);
    }
    return code == ASSAY_OK ? code : assay_fail(err, code, "%s: %s", name, why.msg);
}

static assay_code open_for_writing(project_writer *w, assay_err *err)
{
    char path[PATH_MAX];
    if (!project_path(path, w->folder, PROJECT_DATABASE_NAME))
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is too long", w->name);
    const duck_options options = {
        .thread_count = w->thread_count, .no_files = true, .path = path, .memory_mib = 0};
    const patience own = {w->moment_ms, w->tell};
    return open_in_a_moment(w->name, &options, w->beside ? &own : &usual, &w->db, err);
}

/* Whoever holds the lock has looked at the version when he took it. Who writes beside him finds out
 * in each transaction, for nobody keeps others from bringing in another project meanwhile. */
static assay_code open_beside(project_writer *w, assay_err *err)
{
    uint32_t version = 0;
    ASSAY_TRY(open_for_writing(w, err));
    const assay_code code = read_version(&w->db, w->name, &version, err);
    if (code == ASSAY_OK && version == SCHEMA_VERSION)
        return ASSAY_OK;
    duck_close(&w->db);
    ASSAY_TRY(code);
    ASSAY_TRY(bring_up(w->name, w->wait_seconds, w->thread_count, err));
    return open_for_writing(w, err);
}

assay_code project_writer_begin(project_writer *w, duck **out, assay_err *err)
{
    *out = NULL;
    ASSAY_TRY(w->beside ? open_beside(w, err) : open_for_writing(w, err));
    const assay_code code = duck_run(&w->db, "BEGIN", err);
    if (code != ASSAY_OK) {
        duck_close(&w->db);
        return code;
    }
    w->changing = true;
    *out = &w->db;
    return ASSAY_OK;
}

/* A revision is the moment of its change in microseconds, and more than the one before it whatever
 * the clock says. So a project that was brought back from a copy and changed again does not repeat
 * the revisions that it had after the copy was made. */
static assay_code count_revision(const project_writer *w, uint64_t *out, assay_err *err)
{
    ASSAY_TRY(duck_run(&w->db,
                       "UPDATE project SET revision = greatest(revision + 1, "
                       "CAST(epoch_us(current_timestamp) AS UBIGINT))",
                       err));
    return query_number(&w->db, "SELECT revision FROM project", "the project's revision", out, err);
}

assay_code project_writer_commit(project_writer *w, assay_err *err)
{
    assay_err why = {0};
    uint64_t revision = 0;
    assay_code code = count_revision(w, &revision, &why);
    if (code == ASSAY_OK)
        code = duck_run(&w->db, "COMMIT", &why);
    if (code != ASSAY_OK) {
        project_writer_abandon(w);
        return assay_fail(err, code, "%s: %s", w->name, why.msg);
    }
    w->revision = revision;
    w->changing = false;
    duck_close(&w->db);
    return ASSAY_OK;
}

assay_code project_writer_end(project_writer *w, assay_code code, assay_err *err)
{
    if (code == ASSAY_OK)
        return project_writer_commit(w, err);
    project_writer_abandon(w);
    return code;
}

void project_writer_abandon(project_writer *w)
{
    if (!w->changing)
        return;
    w->changing = false;
    /* Closing forgets it too, where the statement itself does not succeed. */
    const assay_code undone = duck_run(&w->db, "ROLLBACK", NULL);
    (void)undone;
    duck_close(&w->db);
}

/* Revisions are moments from the first on: a project that replaces another one at its path shares
 * none with it, and what was kept of the other (by a server, by a browser) is not taken for its
 * own. */
assay_code project_database_make(project_writer *w, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(w, &db, err));
    assay_code code = schema_migrate(db, 0, SCHEMA_VERSION, err);
    if (code == ASSAY_OK)
        code =
            duck_run(db,
                     "INSERT INTO project VALUES (0, '" ASSAY_VERSION
                     "', CAST(epoch_us(current_timestamp) AS UBIGINT), "
                     "CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP), NULL, NULL, NULL)",
                     err);
    if (code == ASSAY_OK)
        code = schema_put_version(db, SCHEMA_VERSION, err);
    return project_writer_end(w, code, err);
}

/* The folders of matrices, and which rows name a file of theirs. */
typedef struct matrix_folder {
    const char *name, *named;
} matrix_folder;

static const matrix_folder matrix_folders[] = {
    {PROJECT_MATRICES_NAME,
     "SELECT model FROM models WHERE probabilities = $1 OR top_classes = $1"},
    {PROJECT_EMBEDDINGS_NAME,
     "SELECT embedding FROM embeddings WHERE vectors = $1 OR neighbours = $1 OR distances = $1"},
};
enum { MATRIX_FOLDER_COUNT = sizeof matrix_folders / sizeof *matrix_folders };

static assay_code is_named(const duck *d, const char *sql, const char *name, bool *out,
                           assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, "the project's matrices", err));
    ASSAY_TRY(query_bind_text(&q, 1, name, strlen(name), err));
    size_t rows = 0;
    ASSAY_TRY(query_next(&q, &rows, err));
    *out = rows > 0;
    return ASSAY_OK;
}

/* What a writer of ours may have left. Anything else in the folder is somebody's, and stays. */
static bool may_be_ours(const char *name)
{
    static const char *const endings[] = {".npy", ".npy.part"};
    const size_t length = strlen(name);
    bool plain = utf8_valid(name, length) == length;
    bool ends = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t ending = strlen(endings[i]);
        ends |= length > ending && !strcmp(name + length - ending, endings[i]);
    }
    return plain && ends;
}

/* "NAME.search.PID-N.part": the state of a search while it was written. One that is whole, without
 * the ending, waits for the search to go on. */
static bool is_unfinished_search(const char *name)
{
    static const char digits[] = "0123456789", start[] = ".search.";
    const char *at = strchr(name, '.');
    if (!at || strncmp(at, start, sizeof start - 1) != 0)
        return false;
    at += sizeof start - 1;
    const size_t process = strspn(at, digits);
    const size_t attempt = at[process] == '-' ? strspn(at + process + 1, digits) : 0;
    return process > 0 && attempt > 0 && !strcmp(at + process + 1 + attempt, ".part");
}

static assay_code remove_unnamed(const duck *d, const char *sql, DIR *matrices, assay_err *err)
{
    for (struct dirent *entry; (entry = readdir(matrices));) {
        bool named = !is_unfinished_search(entry->d_name);
        if (may_be_ours(entry->d_name))
            ASSAY_TRY(is_named(d, sql, entry->d_name, &named, err));
        if (!named)
            unlinkat(dirfd(matrices), entry->d_name, 0);
    }
    return ASSAY_OK;
}

static assay_code remove_unnamed_matrices(const project_writer *w, const duck *d, assay_err *err)
{
    for (size_t i = 0; i < MATRIX_FOLDER_COUNT; i++) {
        char path[PATH_MAX];
        DIR *matrices =
            project_path(path, w->folder, matrix_folders[i].name) ? opendir(path) : NULL;
        if (!matrices)
            continue;
        const assay_code code = remove_unnamed(d, matrix_folders[i].named, matrices, err);
        closedir(matrices);
        ASSAY_TRY(code);
    }
    return ASSAY_OK;
}

void project_writer_tidy(project_writer *w)
{
    duck *db;
    if (project_writer_begin(w, &db, NULL) != ASSAY_OK)
        return;
    const assay_code code = remove_unnamed_matrices(w, db, NULL);
    (void)code;
    project_writer_abandon(w);
}

static assay_code check_tables(project_writer *w, const duck *db, bool *changed, assay_err *err)
{
    uint32_t version = 0;
    ASSAY_TRY(read_version(db, w->name, &version, err));
    *changed = version < SCHEMA_VERSION;
    if (*changed)
        ASSAY_TRY(schema_migrate(db, version, SCHEMA_VERSION, err));
    return remove_unnamed_matrices(w, db, err);
}

assay_code project_database_check(project_writer *w, assay_err *err)
{
    bool changed = false;
    duck *db;
    ASSAY_TRY(project_writer_begin(w, &db, err));
    const assay_code code = check_tables(w, db, &changed, err);
    if (code == ASSAY_OK && changed)
        return project_writer_commit(w, err);
    project_writer_abandon(w);
    return code;
}

static assay_code open_for_reading(const char *path, int thread_count, duck *out, uint32_t *version,
                                   assay_err *err)
{
    char database[PATH_MAX];
    if (!project_path(database, path, PROJECT_DATABASE_NAME))
        return assay_fail(err, ASSAY_E_LIMIT, "%.200s…: the path is too long", path);
    const duck_options options = {
        .thread_count = thread_count, .no_files = true, .path = database, .read_only = true};
    ASSAY_TRY(open_in_a_moment(path, &options, &usual, out, err));
    const assay_code code = read_version(out, path, version, err);
    if (code != ASSAY_OK)
        duck_close(out);
    return code;
}

assay_code project_read(const char *path, int thread_count, duck *out, assay_err *err)
{
    *out = (duck){0};
    ASSAY_TRY(project_check(path, err));
    uint32_t version = 0;
    ASSAY_TRY(open_for_reading(path, thread_count, out, &version, err));
    if (version == SCHEMA_VERSION)
        return ASSAY_OK;
    duck_close(out);
    ASSAY_TRY(bring_up(path, MOMENT_SECONDS_MOST, thread_count, err));
    return open_for_reading(path, thread_count, out, &version, err);
}
