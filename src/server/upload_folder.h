#ifndef SERVER_UPLOAD_FOLDER_H
#define SERVER_UPLOAD_FOLDER_H

#include "base/try.h"

#include <limits.h>

/* PROJECT/incoming/PROCESS-N/, where one server keeps what is sent to it. It is locked while that
 * server lives, so that others know which folders nobody needs any more. */

typedef struct upload_folder {
    int fd;              /* of the folder, with its lock; -1: there is none */
    int above;           /* of incoming/ */
    char name[48];       /* in there */
    char path[PATH_MAX]; /* from the root on */
} upload_folder;

/** One that is not there. */
#define UPLOAD_FOLDER_NONE                                                                         \
    {                                                                                              \
        .fd = -1, .above = -1                                                                      \
    }

/** Remove what servers left that are no more. What cannot be removed stays. */
void upload_folder_tidy(const char *project);

/** Make one of this process's own, which nobody else may enter. IO, LIMIT. On failure there is
 * none. */
ASSAY_MUST_USE assay_code upload_folder_make(const char *project, upload_folder *out,
                                             assay_err *err);

/** Remove it with all that is in it. */
void upload_folder_remove(upload_folder *f);

/** Remove the folder `name` in one, and the files in that. */
void upload_folder_drop(const upload_folder *f, const char *name);

#endif
