#ifndef STORE_PROJECT_NEIGHBOURS_H
#define STORE_PROJECT_NEIGHBOURS_H

#include "store/npy.h"
#include "store/project_embeddings.h"

/** The files of an embedding, mapped. Views into the files: closed with project_neighbours_clear().
 */
typedef struct project_neighbours {
    npy_file vector_file, index_file, distance_file;
    const float *vectors;  /* row_count × dimensions; a sample without a picture: NaN */
    const uint32_t *index; /* row_count × k; UINT32_MAX past the end */
    const float *distance; /* row_count × k; NaN past the end */
    size_t row_count, dimensions, k;
} project_neighbours;

/**
 * Map the files of an embedding that lie in `folder`, the project's. Nothing in them is trusted:
 * their shapes must be what the project says and their hashes what its tables say. INPUT: they are
 * not, with the command that makes them again; NOT_FOUND, IO, NOMEM. O(bytes).
 */
ASSAY_MUST_USE assay_code project_neighbours_open(const char *folder, const project_embedding *e,
                                                  size_t sample_count, project_neighbours *out,
                                                  assay_err *err);
void project_neighbours_clear(project_neighbours *n);

#endif
