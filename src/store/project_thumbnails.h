#ifndef STORE_PROJECT_THUMBNAILS_H
#define STORE_PROJECT_THUMBNAILS_H

#include "base/try.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* thumbnails.npy: a small picture of each sample, samples × 32 × 32 × 3 bytes. A cache: which of
 * its rows hold a picture, and which, is told by measures.thumbnail_hash. */

enum { THUMBNAIL_SIDE = 32, THUMBNAIL_BYTES = THUMBNAIL_SIDE * THUMBNAIL_SIDE * 3 };

typedef struct project_thumbnails project_thumbnails;

/** Open for writing in a project's folder; made anew where it is not there or of another length,
 * with nothing in it then. IO, NOMEM. */
ASSAY_MUST_USE assay_code project_thumbnails_write(const char *folder, size_t sample_count,
                                                   project_thumbnails **out, assay_err *err);

/** Open for reading, mapped. NOT_FOUND: there is none; INPUT: of another length; IO, NOMEM. */
ASSAY_MUST_USE assay_code project_thumbnails_read(const char *folder, size_t sample_count,
                                                  project_thumbnails **out, assay_err *err);
void project_thumbnails_close(project_thumbnails *t);
ASSAY_MUST_USE assay_code project_thumbnails_put(const project_thumbnails *t, size_t sample,
                                                 const uint8_t *picture, assay_err *err);

/** Make what was put durable. IO. */
ASSAY_MUST_USE assay_code project_thumbnails_sync(const project_thumbnails *t, assay_err *err);

/** All pictures, sample after sample; only when open for reading. A view. */
const uint8_t *project_thumbnails_all(const project_thumbnails *t);

/** A hash of a picture, never 0. */
uint64_t thumbnail_hash(const uint8_t *picture);

#endif
