#ifndef STORE_SOURCE_H
#define STORE_SOURCE_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

/* Files are opened here and nowhere else, so that a name is never a pattern, a URL or a device. */

/** What the first bytes of a file say that it is. */
typedef enum source_kind {
    SOURCE_TEXT,
    SOURCE_GZIP,
    SOURCE_PARQUET,
    SOURCE_NPY,
    SOURCE_ZIP
} source_kind;

typedef struct source {
    int fd; /* -1: closed */
    uint64_t bytes;
    source_kind kind;
} source;

/**
 * Open a regular file for reading. `path` is shown in messages as it is. NOT_FOUND: there is no
 * such file; INPUT: a folder, pipe, socket or device, or an empty file; IO.
 */
ASSAY_MUST_USE assay_code source_open(const char *path, source *out, assay_err *err);
void source_close(source *s);

/** The value for a message: control characters and broken UTF-8 as '?', at most 60 bytes. out holds
 * 80 bytes. */
void source_show_value(const char *at, size_t length, char out[80]);

#endif
