#ifndef PROJECT_OWN_VECTORS_H
#define PROJECT_OWN_VECTORS_H

#include "store/project_folder.h"

/* Vectors that the user brings, in the order of the project's samples. */

typedef struct own_vectors_request {
    const char *from; /* an .npy of rows × dimensions floats */
    const char *ids;  /* a list with an id or path a line, or a table with such a column, row by row
                         with `from`; NULL: none */
    bool rows_in_order;
    bool allow_unmatched;
    int thread_count;
} own_vectors_request;

typedef struct own_vectors {
    float *vectors; /* sample_count × dimensions; NaN where a sample has none: no row is of it, or
                       one without direction; mem_free */
    size_t sample_count, dimensions;
    size_t matched; /* samples that have one, at least 1 */
} own_vectors;

/** USAGE: nothing says which sample a row of `from` is of. */
assay_code own_vectors_refuse(const char *from, assay_err *err);

/** Read and join them. USAGE: nothing says which sample a row is of; INPUT: rows and ids that
 * differ in number, rows of no sample, no vector for any; NOT_FOUND, CONFLICT, IO, NOMEM. O(N·D).
 */
ASSAY_MUST_USE assay_code own_vectors_read(project_writer *w, const own_vectors_request *request,
                                           own_vectors *out, assay_err *err);

#endif
