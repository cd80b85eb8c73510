#ifndef STORE_IMAGE_BYTES_H
#define STORE_IMAGE_BYTES_H

#include "store/image_list.h"

/** One image of a container. */
typedef struct image_item {
    const uint8_t *at; /* a view: until the next prefetch or close */
    size_t length;
    bool raw; /* pixels, not a file: height × width × channels bytes */
    uint32_t width, height, channels;
} image_item;

/** An open container. */
typedef struct image_container_reader image_container_reader;

/** Open a container (`path` as it can be opened). INPUT: damaged, or not `item_count` items long
 * (it changed); NOT_FOUND, IO, LIMIT, NOMEM. */
ASSAY_MUST_USE assay_code image_container_open(const char *path, container_kind kind,
                                               uint64_t item_count, int thread_count,
                                               image_container_reader **out, assay_err *err);
void image_container_close(image_container_reader *r);

/** Make items first..first + count ready; one thread. Free of cost where they lie in memory; in
 * Parquet going forward reads each row once, and a step back begins a new query. INPUT, IO, NOMEM;
 * LIMIT: the items are more than PREFETCH_BYTES_MOST together (ask for fewer). */
ASSAY_MUST_USE assay_code image_container_prefetch(image_container_reader *r, uint64_t first,
                                                   uint64_t count, assay_err *err);

/** An item that was made ready; any thread. INPUT: the item has no bytes (a null in the table);
 * LIMIT: more than IMAGE_FILE_BYTES_MOST. The message does not name the file. */
ASSAY_MUST_USE assay_code image_container_item(const image_container_reader *r, uint64_t item,
                                               image_item *out, assay_err *err);

#endif
