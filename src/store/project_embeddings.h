#ifndef STORE_PROJECT_EMBEDDINGS_H
#define STORE_PROJECT_EMBEDDINGS_H

#include "store/duck.h"

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/* Vectors that describe a project's samples, and their neighbours. */

/** The source of vectors that assay made. */
#define EMBEDDING_SOURCE_BUILT_IN "built-in"

/** One of them. Texts are owned. Hashes are of the files' whole bytes. */
typedef struct project_embedding {
    uint32_t number;
    char *name;
    char *source; /* EMBEDDING_SOURCE_BUILT_IN, or the file it came from */
    uint32_t dimensions;
    bool is_default;
    uint64_t made_from; /* a hash of what it was made from */
    char *vectors;      /* files in embeddings/ */
    uint64_t vectors_hash;
    char *neighbours; /* NULL: none yet */
    uint64_t neighbours_hash;
    char *distances;
    uint64_t distances_hash;
} project_embedding;

/** What an embedding's files in the project's folder begin with, and its byte 0: its name without
 * what would lead elsewhere or end it, cut to a length. Two names may have one stem. */
enum { EMBEDDING_STEM_BYTES = 100 };
void embedding_stem(const char *name, char out[EMBEDDING_STEM_BYTES]);

void project_embedding_clear(project_embedding *e);
ASSAY_AUTO_CLEAR_DECLARE(project_embedding)

/** The embedding of a name, or the default one (`name` NULL). *found: whether there is one. */
ASSAY_MUST_USE assay_code project_read_embedding(const duck *d, const char *name,
                                                 project_embedding *out, bool *found,
                                                 assay_err *err);

/** Whether an embedding of this name is the default, or is going to be because there is no other.
 * IO, NOMEM. */
ASSAY_MUST_USE assay_code project_embedding_is_default(const duck *d, const char *name, bool *out,
                                                       assay_err *err);

/** Write one in the open transaction; one of the same name is replaced. The first is the default,
 * and so is one that says so. IO, NOMEM. */
ASSAY_MUST_USE assay_code project_put_embedding(const duck *d, project_embedding *e,
                                                assay_err *err);

/** A hash of a whole file. NOT_FOUND, IO. O(bytes). */
ASSAY_MUST_USE assay_code file_hash(const char *path, uint64_t *out, assay_err *err);

#endif
