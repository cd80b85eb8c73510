#ifndef PROJECT_OPEN_EMBEDDING_H
#define PROJECT_OPEN_EMBEDDING_H

#include "store/project_folder.h"
#include "store/project_neighbours.h"

/** An embedding of a project with its files; views into them. */
typedef struct opened_embedding {
    project_embedding embedding;
    project_neighbours files;
} opened_embedding;

typedef struct open_embedding_request {
    const char *project; /* the folder */
    const char *name;    /* NULL: the default one */
    size_t sample_count;
    int thread_count;
    database_moment moment;
    bool optional; /* where there is none at all, succeed with nothing opened: files.k is 0 */
} open_embedding_request;

/** Whether a user brought its vectors, of which assay does not know what they see. */
bool embedding_is_own(const project_embedding *e);

/** Open an embedding that has neighbours. USAGE: none of that name; INPUT: none at all, with the
 * command that makes one; failures of project_neighbours_open(). O(bytes). */
ASSAY_MUST_USE assay_code open_embedding(const open_embedding_request *request,
                                         opened_embedding *out, assay_err *err);
void opened_embedding_clear(opened_embedding *opened);
ASSAY_AUTO_CLEAR_DECLARE(opened_embedding)

#endif
