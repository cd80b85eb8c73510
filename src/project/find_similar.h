#ifndef PROJECT_FIND_SIMILAR_H
#define PROJECT_FIND_SIMILAR_H

#include "eval/neighbours.h"
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
    uint32_t of;      /* the sample itself, which is not in the list */
    bool own_vectors; /* compared by vectors that a user brought */
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

/** An embedding's vectors and neighbours, opened and checked once for many questions. Immutable:
 * any number of threads may ask. */
typedef struct similar_index similar_index;

/** Of `request` only project, embedding and thread_count matter. Failures as find_similar() has
 * them for the embedding. O(bytes): its files are believed by their hashes. */
ASSAY_MUST_USE assay_code similar_index_open(const similar_request *request, size_t sample_count,
                                             similar_index **out, assay_err *err);
/** NULL is allowed. */
void similar_index_close(similar_index *s);

/** Whether a sample has a vector to be compared by. */
bool similar_index_has(const similar_index *s, uint32_t sample);

/** How many neighbours are kept of each sample. */
size_t similar_index_kept(const similar_index *s);

/** Those neighbours of all samples: views, there as long as the index is open. */
neighbour_lists similar_index_lists(const similar_index *s);

/** find_similar() for a sample that has a vector, by its number; of `request` only rows and limit
 * matter. NOMEM. */
ASSAY_MUST_USE assay_code similar_index_find(const similar_index *s, uint32_t sample,
                                             const similar_request *request, found_similar *out,
                                             assay_err *err);

#endif
