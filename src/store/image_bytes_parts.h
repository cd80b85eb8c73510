#ifndef STORE_IMAGE_BYTES_PARTS_H
#define STORE_IMAGE_BYTES_PARTS_H

#include "store/image_bytes.h"

/** The images of one Parquet file; owned by one thread, but for parquet_reader_item(). */
typedef struct parquet_reader parquet_reader;

ASSAY_MUST_USE assay_code parquet_reader_open(const char *path, parquet_reader **out,
                                              uint64_t *item_count, assay_err *err);
void parquet_reader_free(parquet_reader *r);

/** Copy the images of rows first..first + count; what was ready before is gone. INPUT, NOMEM;
 * LIMIT: they are more than PREFETCH_BYTES_MOST. Going forward costs no more than reading them. */
ASSAY_MUST_USE assay_code parquet_reader_fetch(parquet_reader *r, uint64_t first, uint64_t count,
                                               assay_err *err);

/** One of them. INPUT: a null; LIMIT: larger than an image file may be. */
ASSAY_MUST_USE assay_code parquet_reader_item(const parquet_reader *r, uint64_t item,
                                              image_item *out, assay_err *err);

#endif
