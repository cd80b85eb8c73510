/* When a project's database is open, and what version its tables are of. Knows the tables `project`
 * and `models`. */
#include "store/project_parts.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "store/query.h"
#include "store/schema.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

/* A moment of a change is short; whoever holds the database longer is no command of ours that
 * writes. */
enum { MOMENT_SECONDS_MOST = 60, POLL_MS = 20 };

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

/* Opens a database, and waits while somebody has it for a moment. */
static assay_code open_in_a_moment(const char *name, const duck_options *options, duck *out,
                                   assay_err *err)
{
    assay_err why = {0};
    assay_code code = duck_open(out, options, &why);
    for (long waited = 0; code == ASSAY_E_CONFLICT && waited < 1000L * MOMENT_SECONDS_MOST;
         waited += POLL_MS) {
        project_pause(POLL_MS);
        code = duck_open(out, options, &why);
    }
    return code == ASSAY_OK ? code : assay_fail(err, code, "%s: %s", name, why.msg);
}

assay_code project_writer_begin(project_writer *w, duck **out, assay_err *err)
{
    *out = NULL;
    char path[PATH_MAX];
    if (!project_path(path, w->folder, PROJECT_DATABASE_NAME))
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is too long", w->name);
    const duck_options options = {
        .thread_count = w->thread_count, .no_files = true, .path = path, .memory_mib = 0};
    ASSAY_TRY(open_in_a_moment(w->name, &options, &w->db, err));
    const assay_code code = duck_run(&w->db, "BEGIN", err);
    if (code != ASSAY_OK) {
        duck_close(&w->db);
        return code;
    }
    w->changing = true;
    *out = &w->db;
    return ASSAY_OK;
}

assay_code project_writer_commit(project_writer *w, assay_err *err)
{
    assay_err why = {0};
    assay_code code = duck_run(&w->db, "UPDATE project SET revision = revision + 1", &why);
    if (code == ASSAY_OK)
        code = duck_run(&w->db, "COMMIT", &why);
    if (code != ASSAY_OK) {
        project_writer_abandon(w);
        return assay_fail(err, code, "%s: %s", w->name, why.msg);
    }
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

/* Revisions count from the moment in which the project is made, in microseconds: a project that
 * replaces another one at its path shares none with it, and what was kept of the other (by a
 * server, by a browser) is not taken for its own. */
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

/* A project of an older version is brought up by whoever comes first. */
static assay_code migrate_for_reading(const char *path, int thread_count, assay_err *err)
{
    const project_access access = {.path = path,
                                   .command = "assay, bringing it to a newer version",
                                   .wait_seconds = MOMENT_SECONDS_MOST,
                                   .thread_count = thread_count};
    project_writer *w = NULL;
    ASSAY_TRY(project_writer_open(&access, &w, err));
    project_writer_close(w);
    return ASSAY_OK;
}

static assay_code open_for_reading(const char *path, int thread_count, duck *out, uint32_t *version,
                                   assay_err *err)
{
    char database[PATH_MAX];
    if (!project_path(database, path, PROJECT_DATABASE_NAME))
        return assay_fail(err, ASSAY_E_LIMIT, "%.200s…: the path is too long", path);
    const duck_options options = {
        .thread_count = thread_count, .no_files = true, .path = database, .read_only = true};
    ASSAY_TRY(open_in_a_moment(path, &options, out, err));
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
    ASSAY_TRY(migrate_for_reading(path, thread_count, err));
    return open_for_reading(path, thread_count, out, &version, err);
}
