#ifndef STORE_PROJECT_FOLDER_H
#define STORE_PROJECT_FOLDER_H

#include "store/duck.h"

#include "base/text.h"
#include "base/try.h"

#include <stdbool.h>
#include <stdint.h>

/* The folder of a project, who may write it, and the moments in which its database is open.
 *
 *     NAME.assay/project.duckdb      every table (docs/project.md)
 *     NAME.assay/probabilities/      matrices, named by rows of the database
 *     NAME.assay/lock                held by the process that writes, with its name in it
 *
 * One process at a time writes a project, from project_writer_open() to project_writer_close(). It
 * opens the database only for the moment of a change, so that readers get in between, and so does
 * who writes beside it what nobody else does: tags and decisions (project_writer_open_beside()). */

/** Whether `path` looks like a project: a folder that holds a database of ours. */
bool project_folder_is(const char *path);

/** A project that this process may change. Owned by one thread. */
typedef struct project_writer project_writer;

/** Where a project is and how it may be opened. Zero: default. */
typedef struct project_access {
    const char *path;    /* borrowed */
    const char *command; /* what others are told of the holder: "assay measure"; borrowed */
    int wait_seconds;    /* how long to wait for another writer; 0: not at all */
    int thread_count;
    int moment_ms; /* of a writer beside others: how long to wait for whoever has the database open;
                      0: wait_seconds, and at least a second */
    void (*tell)(const char *message); /* says that it waits, and for whom; NULL: silently */
} project_access;

/**
 * Begin a new project, empty and in a folder beside `path`: it takes its place with
 * project_writer_publish(), whole. What an interrupted one left behind is removed. CONFLICT: `path`
 * is there already; NOT_FOUND: the folder above it is not; IO, NOMEM.
 */
ASSAY_MUST_USE assay_code project_writer_create(const project_access *access, project_writer **out,
                                                assay_err *err);

/**
 * Take the right to change a project, and bring its tables to this program's version. NOT_FOUND;
 * INPUT: not a project, or of a newer version; CONFLICT: another process writes it (the message
 * says which); IO, NOMEM.
 */
ASSAY_MUST_USE assay_code project_writer_open(const project_access *access, project_writer **out,
                                              assay_err *err);

/**
 * Take the right to change tags and decisions, and nothing else: at once, also while another
 * process measures or adds something. Only its transactions open the database, each for its moment,
 * and nothing in the folder is tidied up (docs/decisions/tags-beside-jobs.md). A project of an
 * older version is brought to this one by its first transaction, which takes project_writer_open()
 * for that. NOT_FOUND; INPUT: not a project; IO: it may not be written; NOMEM.
 */
ASSAY_MUST_USE assay_code project_writer_open_beside(const project_access *access,
                                                     project_writer **out, assay_err *err);

/** Give a new project its name. CONFLICT: somebody else was quicker; IO. */
ASSAY_MUST_USE assay_code project_writer_publish(project_writer *w, assay_err *err);

/** Let others write. A new project that was not published is removed. NULL is allowed. */
void project_writer_close(project_writer *w);

/** What the user calls the project, for messages; a view. */
const char *project_writer_name(const project_writer *w);

/** Where the folder is now: a new project's has another name until it is published. A view. */
const char *project_writer_folder(const project_writer *w);

/** The path of a file in the folder: "probabilities/resnet.npy". Freed with text_clear(). */
ASSAY_MUST_USE assay_code project_writer_path(const project_writer *w, const char *inside,
                                              text *out, assay_err *err);

/**
 * Open the database and begin a transaction. At most one at a time. CONFLICT: another program has
 * held it for longer than a reader takes, or than a writer beside others may wait; of the latter
 * also INPUT: the tables are not ours, or newer. After project_writer_commit() or _abandon() it is
 * closed.
 */
ASSAY_MUST_USE assay_code project_writer_begin(project_writer *w, duck **out, assay_err *err);

/** Keep what was done since begin, durably, as a revision of its own. On failure nothing of it is
 * kept. IO: a full disk. */
ASSAY_MUST_USE assay_code project_writer_commit(project_writer *w, assay_err *err);

/** The revision that the last project_writer_commit() made; 0: there was none. */
uint64_t project_writer_revision(const project_writer *w);

/** End the transaction: commit where `code` is ASSAY_OK, else abandon and hand `code` back. */
ASSAY_MUST_USE assay_code project_writer_end(project_writer *w, assay_code code, assay_err *err);

/** Remove matrices that no row of the database names. A failure leaves them to the next writer. */
void project_writer_tidy(project_writer *w);

/** Forget what was done since begin. Nothing where no transaction is open. */
void project_writer_abandon(project_writer *w);

/**
 * Told before and after the moments in which a long piece of work has a project's database open, so
 * that a process of several threads can see to it that only one has: the database's lock belongs to
 * the process. Zero: nobody is told.
 */
typedef struct database_moment {
    void (*begin)(void *context);
    void (*end)(void *context);
    void *context;
} database_moment;

static inline void database_moment_begin(const database_moment *m)
{
    if (m->begin)
        m->begin(m->context);
}

static inline void database_moment_end(const database_moment *m)
{
    if (m->end)
        m->end(m->context);
}

/**
 * Open a project's database for reading; duck_close() ends it. Waits while a writer has it for the
 * moment of a change. NOT_FOUND; INPUT: not a project, or of a newer version; CONFLICT, IO, NOMEM.
 */
ASSAY_MUST_USE assay_code project_read(const char *path, int thread_count, duck *out,
                                       assay_err *err);

#endif
