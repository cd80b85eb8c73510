#ifndef PROJECT_MOVE_ROOT_H
#define PROJECT_MOVE_ROOT_H

#include "store/project_folder.h"

#include <limits.h>

typedef struct move_root_notes {
    char root[PATH_MAX]; /* absolute */
} move_root_notes;

/** Say where a project's images are now. The first image must be there, so that a slip of the hand
 * does not make all of them unreadable. NOT_FOUND: no such folder, or not the images; INPUT: not a
 * folder; CONFLICT, IO, NOMEM. */
ASSAY_MUST_USE assay_code move_root(const project_access *access, const char *folder,
                                    move_root_notes *notes, assay_err *err);

#endif
