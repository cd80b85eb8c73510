#ifndef PROJECT_FIND_DUPLICATES_H
#define PROJECT_FIND_DUPLICATES_H

#include "eval/near_duplicates.h"
#include "frame/frame.h"
#include "store/project_folder.h"

typedef struct duplicates_request {
    const char *project;   /* the folder */
    const selection *rows; /* only among these; NULL: all */
    double threshold;      /* strength from which a pair is a near-duplicate, 0..1 */
    bool equal_only;       /* only equal pixels */
    database_moment moment;
    int thread_count;
    const progress *progress;
} duplicates_request;

/** Groups of samples that show the same picture. */
typedef struct found_duplicates {
    duplicate_groups groups;
    size_t suspects;      /* pairs that were looked at */
    size_t leaking;       /* groups that span two splits */
    size_t contradicting; /* groups with two labels */
    size_t wrong;         /* members that the model predicts wrongly */
    bool has_pictures;    /* small pictures to look at; without them only equal pixels are found */
    bool has_neighbours;  /* suspects come from the embedding too, not from hashes alone */
} found_duplicates;

/**
 * Equal pixels by their hash and shape; near-duplicates suspected by perceptual hashes and by the
 * nearest neighbours, and decided by their small pictures. `f` is the project as a frame. INPUT:
 * the images have not been measured (the message says which command does); CANCELLED, NOMEM. O(N·k
 * + suspects).
 */
ASSAY_MUST_USE assay_code find_duplicates(const frame *f, const duplicates_request *request,
                                          found_duplicates *out, assay_err *err);
void found_duplicates_clear(found_duplicates *found);
ASSAY_AUTO_CLEAR_DECLARE(found_duplicates)

#endif
