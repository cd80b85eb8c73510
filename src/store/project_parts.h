#ifndef STORE_PROJECT_PARTS_H
#define STORE_PROJECT_PARTS_H

#include "store/project_folder.h"

#include <limits.h>

/* What the files about a project's folder share. */

#define PROJECT_DATABASE_NAME "project.duckdb"
#define PROJECT_MATRICES_NAME "probabilities"
#define PROJECT_EMBEDDINGS_NAME "embeddings"
#define PROJECT_PICTURES_NAME "thumbnails"

struct project_writer {
    char *name;   /* as the user says it, without a slash at the end */
    char *folder; /* where it is now */
    int lock_fd;
    int thread_count;
    bool is_new;
    bool beside;   /* without the lock: tags and decisions only */
    bool changing; /* a transaction is open */
    int wait_seconds, moment_ms;
    void (*tell)(const char *message);
    uint64_t revision; /* of the last commit */
    duck db;
};

/** "folder/inside"; false where it is too long. */
bool project_path(char out[PATH_MAX], const char *folder, const char *inside);

void project_pause(int ms);

/** NOT_FOUND or INPUT where `path` is no project. */
ASSAY_MUST_USE assay_code project_check(const char *path, assay_err *err);

/** The tables of a new project. */
ASSAY_MUST_USE assay_code project_database_make(project_writer *w, assay_err *err);

/** Bring an existing project to this program's version, and remove matrices that no row names: an
 * interrupted command made them. */
ASSAY_MUST_USE assay_code project_database_check(project_writer *w, assay_err *err);

#endif
