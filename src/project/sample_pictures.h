#ifndef PROJECT_SAMPLE_PICTURES_H
#define PROJECT_SAMPLE_PICTURES_H

#include "base/text.h"
#include "base/try.h"

#include <stdint.h>

/**
 * The images of a project, to be shown: where they are, what was opened of them, and the pictures
 * that are kept in the project's folder. A sample's path comes from the project alone. Safe for
 * many threads.
 */
typedef struct sample_pictures sample_pictures;

/** Reads which images there are; the database is closed again. Failures of project_read(); INPUT:
 * the project was made without images. O(N). */
ASSAY_MUST_USE assay_code sample_pictures_open(const char *project, int thread_count,
                                               sample_pictures **out, assay_err *err);
/** NULL is allowed. */
void sample_pictures_close(sample_pictures *p);

/** A picture as a file, and what it is. */
typedef struct shown_picture {
    text file;        /* cleared by whoever has it; what may be in it is what text_init() said */
    const char *type; /* "image/jpeg" …; static text */
} shown_picture;

/**
 * A small picture of a sample whose longest side is `side` at most; a smaller image keeps its size.
 * Turned upright. PNG up to SAMPLE_PICTURE_EXACT pixels a side, so that tiny images can be enlarged
 * sharply, else JPEG. From the project's thumbnails/ where it is there.
 *
 * NOT_FOUND: no such sample, or its image cannot be read (the message says why); LIMIT, NOMEM.
 */
ASSAY_MUST_USE assay_code sample_pictures_small(sample_pictures *p, uint64_t sample, uint32_t side,
                                                shown_picture *out, assay_err *err);

/** The image itself: the bytes of the file where it is JPEG, PNG, WebP or GIF by its first bytes;
 * all else as PNG, or as JPEG where it is large. The same failures. */
ASSAY_MUST_USE assay_code sample_pictures_whole(sample_pictures *p, uint64_t sample,
                                                shown_picture *out, assay_err *err);

enum { SAMPLE_PICTURE_EXACT = 64 };

#endif
