#ifndef SERVER_WEB_FILES_H
#define SERVER_WEB_FILES_H

#include "base/text.h"

#include <stdbool.h>

/* The built page: inside the program, or in a folder while it is being written. */

/** One file of it, as it is to be sent. */
typedef struct web_file {
    const char *content_type; /* static text */
    const char *at;           /* the bytes: inside the program, or `owned` */
    size_t length;
    text owned;
    bool packed;      /* gzip */
    bool immutable;   /* its name changes with its content */
    char version[24]; /* for an ETag; "" where the file may change at any moment */
} web_file;

/**
 * The file that a path of an address names: "/" and every path whose last segment has no dot is
 * the page itself. `folder`: NULL: what is in the program; else only what lies in it, links
 * followed. `gzip`: the browser takes gzip. NOT_FOUND, LIMIT, IO, NOMEM. Clear `out` afterwards.
 */
ASSAY_MUST_USE assay_code web_file_find(const char *folder, const char *path, bool gzip,
                                        web_file *out, assay_err *err);
void web_file_clear(web_file *f);

/** "text/html; charset=utf-8" … by what the name ends in; "application/octet-stream" else. */
const char *web_content_type(const char *name);

#endif
