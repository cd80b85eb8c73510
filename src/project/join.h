#ifndef PROJECT_JOIN_H
#define PROJECT_JOIN_H

#include "base/progress.h"
#include "store/image_list.h"
#include "store/table.h"

/* Which sample a table's row is about. Never by the order of the rows. */

#define SAMPLE_NONE UINT32_MAX

typedef struct join_request {
    const image_list *images; /* of the project */
    const text_column *key;   /* the table's ids or paths */
    size_t row_count;
    const char *table; /* the table's path: for messages, and paths may be relative to its folder */
    const char *folder; /* a folder below the root that the keys are relative to; NULL: none */
    const progress *progress; /* whether it may go on; nothing is shown. NULL: it may */
} join_request;

typedef struct joined {
    uint32_t *sample;   /* row_count samples; SAMPLE_NONE: no such sample, or a later double */
    const char *by;     /* "id", "path", "file name"; static text */
    size_t matched;     /* samples that have a row */
    bad_rows unmatched; /* rows that no sample has */
    bad_rows doubled;   /* rows of a sample that an earlier row has */
} joined;

void joined_clear(joined *j);

/**
 * Join rows with samples. The keys are tried as ids, as paths below the root (relative to it,
 * absolute, or relative to the working folder or the table's), and as file names where those are
 * unique in the project; the first of these ways by which any row finds a sample serves the whole
 * table, so that no row is taken for a namesake's. NOMEM, CANCELLED. O(N + rows).
 */
ASSAY_MUST_USE assay_code join_rows(const join_request *request, joined *out, assay_err *err);

#endif
