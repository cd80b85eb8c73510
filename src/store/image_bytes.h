#ifndef STORE_IMAGE_BYTES_H
#define STORE_IMAGE_BYTES_H

#include "store/image_list.h"

/** One image of a container. */
typedef struct image_item {
    const uint8_t *at; /* a view */
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

/** Memory that items are read into, of one thread. Zeroed: empty. What is in it is its own affair.
 */
typedef struct image_item_room {
    uint8_t *at;
    size_t bytes;
    uint64_t of;           /* the reader's number */
    uint64_t first, count; /* items that it holds */
} image_item_room;

void image_item_room_clear(image_item_room *room);

/**
 * An item that was made ready; any thread, with a room of its own. `out` is a view, until the
 * room's next use, the next prefetch or close. Small pixels that follow each other are read several
 * at a time.
 *
 * INPUT: the item has no bytes (a null in the table), or the file was cut short since it was
 * opened; LIMIT: more than IMAGE_FILE_BYTES_MOST; IO, NOMEM. The message does not name the file.
 */
ASSAY_MUST_USE assay_code image_container_item(const image_container_reader *r, uint64_t item,
                                               image_item_room *room, image_item *out,
                                               assay_err *err);

/** The same, but always in the room: what is done with the reader meanwhile does not matter. */
ASSAY_MUST_USE assay_code image_container_copy(const image_container_reader *r, uint64_t item,
                                               image_item_room *room, image_item *out,
                                               assay_err *err);

#endif
