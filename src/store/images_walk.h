#ifndef STORE_IMAGES_WALK_H
#define STORE_IMAGES_WALK_H

#include "store/image_list_parts.h"

enum { ENDING_BYTES_MOST = 12, ENDINGS_MOST = 32 };

/** Files that are no images, by ending. */
typedef struct skipped_files {
    struct {
        char name[ENDING_BYTES_MOST]; /* lower case with its dot, "" without one */
        size_t count;
    } ending[ENDINGS_MOST];
    size_t ending_count;
    size_t count, others; /* of all; of those whose ending has no place */
} skipped_files;

/** The images below a folder, in the order of the bytes of their paths. */
typedef struct folder_walk {
    size_t count;
    uint64_t *start; /* count + 1 entries */
    char *bytes;     /* paths relative to the folder, end to end */
    size_t room, byte_used, byte_room;
    skipped_files skipped;
    size_t folders; /* looked into, the folder itself among them */
} folder_walk;

/** One path; a view. */
static inline const char *folder_walk_path(const folder_walk *w, size_t i, size_t *length)
{
    *length = (size_t)(w->start[i + 1] - w->start[i]);
    return w->bytes + w->start[i];
}

/**
 * Walk the folder `path` (l->at or below; `shown` is its name for people). Hidden files and folders
 * are passed over; links to files and folders are followed, but never around in a circle. What
 * could not be looked at is a warning in `l`. IO: the folder itself cannot be read; LIMIT, NOMEM.
 * No file is opened, and none but links asked for its kind where the file system tells it. O(N log
 * N).
 */
ASSAY_MUST_USE assay_code folder_walk_read(image_listing *l, const char *path, const char *shown,
                                           folder_walk *out, assay_err *err);
void folder_walk_clear(folder_walk *w);

/** "skipped 3 files that are not images: 2 .txt, 1 .svg" as a warning, where there are any. NOMEM.
 */
ASSAY_MUST_USE assay_code folder_walk_warn_skipped(image_listing *l, const folder_walk *w,
                                                   assay_err *err);

#endif
