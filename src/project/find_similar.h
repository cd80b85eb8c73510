#ifndef PROJECT_FIND_SIMILAR_H
#define PROJECT_FIND_SIMILAR_H

#include "frame/frame.h"

#include "base/try.h"

typedef struct similar_request {
    const char *project;   /* the folder */
    const char *key;       /* id, path or file name of the sample */
    const char *embedding; /* NULL: the default one */
    const selection *rows; /* only these; NULL: all */
    size_t limit;          /* how many; 0: as many as are kept of each sample */
    int thread_count;
} similar_request;

/** The samples that look most like one, nearest first; ties by row. */
typedef struct found_similar {
    uint32_t *row;
    double *similarity; /* the cosine, -1 to 1 */
    size_t count;
    uint32_t of; /* the sample itself, which is not in the list */
} found_similar;

/**
 * The nearest others by the project's neighbours; compared anew with every sample where more are
 * asked for than are kept, or only some. `f` is the project with its texts. USAGE: no sample is
 * called so, or several; INPUT: no embedding yet (the message says which command makes one), or the
 * sample has no vector; NOMEM. O(k), or O(N·D).
 */
ASSAY_MUST_USE assay_code find_similar(const frame *f, const similar_request *request,
                                       found_similar *out, assay_err *err);
void found_similar_clear(found_similar *found);
ASSAY_AUTO_CLEAR_DECLARE(found_similar)

#endif
