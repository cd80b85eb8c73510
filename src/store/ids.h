#ifndef STORE_IDS_H
#define STORE_IDS_H

#include "base/progress.h"
#include "store/table.h"

/**
 * False when no two of the hashes are equal; 0 stands for no id and equals nothing. True: perhaps
 * there are two, and the texts have to be compared. NOMEM. O(n), one copy of the hashes.
 */
ASSAY_MUST_USE assay_code ids_may_repeat(const uint64_t *hash, size_t count, int thread_count,
                                         bool *may, assay_err *err);

/** Ids as texts, one behind the other. */
typedef struct id_texts {
    const uint64_t *start; /* count + 1 offsets into `bytes` */
    const char *bytes;
    size_t count;
    const progress *progress; /* whether it may go on; nothing is shown. NULL: it may */
} id_texts;

/** Every row whose id (a text that is not empty) an earlier row has. NOMEM, CANCELLED. O(bytes). */
ASSAY_MUST_USE assay_code ids_find_repeats(const id_texts *ids, bad_rows *repeats, assay_err *err);

#endif
