/* Open containers: items of IDX and .npy files are read when they are asked for, a few at a time;
 * those of Parquet, and of IDX that was inflated, lie in memory. */
#include "store/image_bytes_parts.h"

#include "base/file.h"
#include "store/idx.h"
#include "store/npy.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

struct image_container_reader {
    container_kind kind;
    uint64_t number; /* no other reader has it */
    idx_file idx;
    int npy; /* a descriptor, or -1 */
    parquet_reader *parquet;
    const uint8_t *data; /* all items; NULL: they are read from fd, data_offset on */
    int fd;              /* of idx or npy */
    uint64_t data_offset;
    uint64_t item_count, item_bytes;
    uint32_t width, height, channels;
};

static assay_code open_idx(image_container_reader *r, const char *path, assay_err *err)
{
    ASSAY_TRY(idx_open(path, IDX_IMAGES, &r->idx, err));
    const idx_header *h = &r->idx.header;
    r->data = r->idx.data;
    r->fd = r->idx.fd;
    r->data_offset = h->data_offset;
    r->item_count = h->item_count;
    r->item_bytes = h->item_bytes;
    r->width = h->width;
    r->height = h->height;
    r->channels = h->channels;
    return ASSAY_OK;
}

static assay_code open_npy(image_container_reader *r, const char *path, assay_err *err)
{
    npy_header h;
    ASSAY_TRY(npy_open_images(path, &h, &r->npy, err));
    r->fd = r->npy;
    r->data_offset = h.data_offset;
    r->item_count = h.shape[0];
    r->height = (uint32_t)h.shape[1];
    r->width = (uint32_t)h.shape[2];
    r->channels = (uint32_t)h.shape[3];
    r->item_bytes = (uint64_t)r->height * r->width * r->channels;
    return ASSAY_OK;
}

static assay_code open_kind(image_container_reader *r, const char *path, assay_err *err)
{
    switch (r->kind) {
    case CONTAINER_IDX:
        return open_idx(r, path, err);
    case CONTAINER_NPY:
        return open_npy(r, path, err);
    case CONTAINER_PARQUET:
        return parquet_reader_open(path, &r->parquet, &r->item_count, err);
    }
    return assay_fail(err, ASSAY_E_INTERNAL, "%s: a container of no known kind", path);
}

assay_code image_container_open(const char *path, container_kind kind, uint64_t item_count,
                                int thread_count, image_container_reader **out, assay_err *err)
{
    static atomic_uint_least64_t readers;
    *out = NULL;
    (void)thread_count; /* what there is to do in parallel is decoding */
    image_container_reader *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    r->kind = kind;
    r->npy = -1;
    r->number = ++readers;
    assay_code code = open_kind(r, path, err);
    if (code == ASSAY_OK && r->item_count != item_count)
        code = assay_fail(err, ASSAY_E_INPUT,
                          "%s: has %" PRIu64 " images, and had %" PRIu64 " when they were listed",
                          path, r->item_count, item_count);
    if (code != ASSAY_OK) {
        image_container_close(r);
        return code;
    }
    *out = r;
    return ASSAY_OK;
}

void image_container_close(image_container_reader *r)
{
    if (!r)
        return;
    idx_close(&r->idx);
    if (r->npy >= 0)
        close(r->npy);
    parquet_reader_free(r->parquet);
    mem_free(r);
}

assay_code image_container_prefetch(image_container_reader *r, uint64_t first, uint64_t count,
                                    assay_err *err)
{
    if (first > r->item_count || count > r->item_count - first)
        return assay_fail(err, ASSAY_E_INTERNAL,
                          "items %" PRIu64 " to %" PRIu64 " of a container of %" PRIu64, first,
                          first + count, r->item_count);
    return r->parquet ? parquet_reader_fetch(r->parquet, first, count, err) : ASSAY_OK;
}

void image_item_room_clear(image_item_room *room)
{
    mem_free(room->at);
    *room = (image_item_room){0};
}

static assay_code grow(image_item_room *room, uint64_t bytes, assay_err *err)
{
    if (bytes <= room->bytes)
        return ASSAY_OK;
    image_item_room_clear(room);
    room->at = mem_alloc((size_t)bytes, 1);
    if (!room->at)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %" PRIu64 " bytes", bytes);
    room->bytes = (size_t)bytes;
    return ASSAY_OK;
}

/* What is read at once: an item, and small ones that follow it, since whoever asks for one asks for
 * the next most often. */
enum { AHEAD_BYTES = 1 << 16 };

static uint64_t items_at_once(const image_container_reader *r, uint64_t item)
{
    const uint64_t fit = AHEAD_BYTES / r->item_bytes, left = r->item_count - item;
    const uint64_t wanted = fit > 1 ? fit : 1;
    return wanted < left ? wanted : left;
}

/* Reads item and what follows it. A file that was cut since it was opened has only the items that
 * are whole. */
static assay_code read_items(const image_container_reader *r, uint64_t item, image_item_room *room,
                             assay_err *err)
{
    const uint64_t bytes = items_at_once(r, item) * r->item_bytes;
    size_t got;
    room->count = 0;
    ASSAY_TRY(grow(room, bytes, err));
    const int error =
        file_read_at(r->fd, room->at, (size_t)bytes, r->data_offset + item * r->item_bytes, &got);
    if (error)
        return file_fail(error, err);
    if (got < r->item_bytes)
        return assay_fail(err, ASSAY_E_INPUT,
                          "the file that it is in was cut short: %zu of the %" PRIu64
                          " bytes of item %" PRIu64 " are left",
                          got, r->item_bytes, item);
    room->of = r->number;
    room->first = item;
    room->count = got / r->item_bytes;
    return ASSAY_OK;
}

static bool has_item(const image_item_room *room, const image_container_reader *r, uint64_t item)
{
    return room->of == r->number && item >= room->first && item - room->first < room->count;
}

/* Where a raw item's bytes are. */
static assay_code find_item(const image_container_reader *r, uint64_t item, image_item_room *room,
                            const uint8_t **at, assay_err *err)
{
    if (r->data) {
        *at = r->data + item * r->item_bytes;
        return ASSAY_OK;
    }
    if (!has_item(room, r, item))
        ASSAY_TRY(read_items(r, item, room, err));
    *at = room->at + (item - room->first) * r->item_bytes;
    return ASSAY_OK;
}

assay_code image_container_item(const image_container_reader *r, uint64_t item,
                                image_item_room *room, image_item *out, assay_err *err)
{
    const uint8_t *at;
    *out = (image_item){0};
    if (item >= r->item_count)
        return assay_fail(err, ASSAY_E_INPUT,
                          "there is no item %" PRIu64 " in a container of %" PRIu64, item,
                          r->item_count);
    if (r->parquet)
        return parquet_reader_item(r->parquet, item, out, err);
    ASSAY_TRY(find_item(r, item, room, &at, err));
    *out = (image_item){.at = at,
                        .length = (size_t)r->item_bytes,
                        .raw = true,
                        .width = r->width,
                        .height = r->height,
                        .channels = r->channels};
    return ASSAY_OK;
}

static bool lies_in(const image_item_room *room, const uint8_t *at)
{
    return room->at && at >= room->at && at < room->at + room->bytes;
}

assay_code image_container_copy(const image_container_reader *r, uint64_t item,
                                image_item_room *room, image_item *out, assay_err *err)
{
    image_item found;
    *out = (image_item){0};
    ASSAY_TRY(image_container_item(r, item, room, &found, err));
    if (found.at && !lies_in(room, found.at)) {
        room->count = 0;
        ASSAY_TRY(grow(room, found.length, err));
        memcpy(room->at, found.at, found.length);
        found.at = room->at;
    }
    *out = found;
    return ASSAY_OK;
}
