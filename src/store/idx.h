#ifndef STORE_IDX_H
#define STORE_IDX_H

#include "assay/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IDX files, as the MNIST family comes in: two zero bytes, an element type, the number of
 * dimensions, a big-endian 32-bit extent for each, then the elements. */

enum { IDX_DIMENSIONS_MOST = 4, IDX_HEADER_BYTES_MOST = 4 + 4 * IDX_DIMENSIONS_MOST };

/** What is expected in the file. */
typedef enum idx_content { IDX_IMAGES, IDX_LABELS } idx_content;

typedef struct idx_header {
    uint64_t item_count;             /* at least 1 */
    uint32_t height, width;          /* 1 × 1 for labels; else 1..65,535 */
    uint32_t channels;               /* 1 or 3 */
    uint64_t item_bytes, data_bytes; /* of one item; of all */
    size_t data_offset;
} idx_header;

/** Whether the first bytes of a file look like IDX: two zeroes, a known type, 1 to 4 dimensions. */
bool idx_is_magic(const uint8_t *at, size_t length);

/**
 * Read the header in at[0..length). `name` is for messages. INPUT: not unsigned bytes of N×H×W or
 * N×H×W×3 (images) or N (labels), cut off, or with extents of nothing; LIMIT: an extent beyond what
 * an image may have, or too many items. Whether the data is all there is idx_check_length()'s to
 * say. O(1).
 */
ASSAY_MUST_USE assay_code idx_parse_header(const uint8_t *at, size_t length, idx_content content,
                                           const char *name, idx_header *out, assay_err *err);

/** INPUT unless a file of `file_bytes` (inflated) holds the header's data and nothing else. */
ASSAY_MUST_USE assay_code idx_check_length(const idx_header *h, uint64_t file_bytes,
                                           const char *name, assay_err *err);

/** An IDX file: in memory, or open where images lie in it unpacked. It is not mapped, for others
 * may cut it short at any time. */
typedef struct idx_file {
    idx_header header;
    uint8_t
        *data; /* header.data_bytes, owned; NULL: they are read from fd, header.data_offset on */
    int fd;    /* open where `data` is NULL */
    bool open;
} idx_file;

/** Open and check a file. Labels are always in memory. NOT_FOUND, IO, INPUT, LIMIT
 * (IDX_INFLATED_BYTES_MOST), NOMEM. */
ASSAY_MUST_USE assay_code idx_open(const char *path, idx_content content, idx_file *out,
                                   assay_err *err);
void idx_close(idx_file *f);

/** Whether a file (gzip or not) begins as IDX. False where it cannot be read. */
bool idx_is_file(const char *path);

#endif
