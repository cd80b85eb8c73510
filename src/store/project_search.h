#ifndef STORE_PROJECT_SEARCH_H
#define STORE_PROJECT_SEARCH_H

#include "store/project_folder.h"

#include <stddef.h>

/* A search for neighbours that takes long, kept in the project until it has ended, in
 * embeddings/NAME.search: bytes whose meaning, and whose checks, are the search's own. */

/** What was kept, mapped; `at` NULL: nothing. */
typedef struct kept_search {
    const void *at;
    size_t bytes;
} kept_search;

/** Keep the state of the search for an embedding's neighbours in place of an older one, whole or
 * not at all. IO: a full disk; LIMIT, NOMEM. O(bytes). */
ASSAY_MUST_USE assay_code project_search_keep(const project_writer *w, const char *embedding,
                                              const kept_search *state, assay_err *err);

/** Map what was kept. Nothing in it is checked but that it is a file. INPUT, IO, LIMIT, NOMEM. */
ASSAY_MUST_USE assay_code project_search_open(const project_writer *w, const char *embedding,
                                              kept_search *out, assay_err *err);
void kept_search_clear(kept_search *kept);
ASSAY_AUTO_CLEAR_DECLARE(kept_search)

/** It has ended, or is of no use. Nothing where there is none. */
void project_search_remove(const project_writer *w, const char *embedding);

#endif
