#ifndef STORE_WHOLE_FILE_H
#define STORE_WHOLE_FILE_H

#include "base/mem.h"

#include <stdbool.h>

/**
 * A file that appears under its name whole or not at all: it is written beside its place under
 * another name, synced, and renamed. Whatever goes wrong before leaves what was there. Owned by one
 * thread; a zeroed one may be cleared.
 */
typedef struct whole_file {
    char *path;    /* where it shall stand */
    char *written; /* where it is written meanwhile; NULL where there is nothing to remove */
    int fd;        /* open for writing; meaningless while `written` is NULL */
    bool replace;
} whole_file;

/**
 * Begin a file. Without `replace`, CONFLICT where something stands at `path` already; USAGE where
 * that is no plain file; NOT_FOUND (no such folder), IO, NOMEM.
 */
ASSAY_MUST_USE assay_code whole_file_open(whole_file *w, const char *path, bool replace,
                                          assay_err *err);

/** Write all of it at the end. IO: a full disk, a limit. */
ASSAY_MUST_USE assay_code whole_file_write(const whole_file *w, const char *at, size_t length,
                                           assay_err *err);

/** Sync, rename, sync the folder. IO; CONFLICT where another made the file meanwhile. */
ASSAY_MUST_USE assay_code whole_file_finish(whole_file *w, assay_err *err);

/** Removes what was written, unless it was finished. */
void whole_file_clear(whole_file *w);
ASSAY_AUTO_CLEAR_DECLARE(whole_file)

#endif
