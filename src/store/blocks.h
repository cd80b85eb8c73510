#ifndef STORE_BLOCKS_H
#define STORE_BLOCKS_H

#include "store/source.h"

#include <stdbool.h>

/* A text file, plain or gzip, as blocks that hold whole records. */

/** How many bytes of at[0..length) are whole records, their ends included; 0: not one. */
typedef size_t block_cut(const char *at, size_t length);

typedef struct block {
    char *at;
    size_t length, room;
} block;

typedef struct block_reader block_reader;

/** Begin to read an open source; `path` and `s` stay borrowed. NOMEM. */
ASSAY_MUST_USE assay_code block_reader_new(const char *path, const source *s, block_reader **out,
                                           assay_err *err);
void block_reader_free(block_reader *r);

/** How much of the file was read, 0 to 1. */
double block_reader_share(const block_reader *r);

/**
 * The next records into `b` (its memory is reused); length 0 at the end of the file. The last
 * record need not have an end. LIMIT: a record longer than LINE_BYTES_MOST; INPUT: a damaged or cut
 * gzip stream; IO; NOMEM.
 */
ASSAY_MUST_USE assay_code block_reader_next(block_reader *r, block_cut *cut, block *b,
                                            assay_err *err);

void block_clear(block *b);

#endif
