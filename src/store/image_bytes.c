/* Open containers: items of IDX and .npy files are views into memory, those of Parquet are fetched
 * in runs. */
#include "store/image_bytes_parts.h"

#include "store/idx.h"
#include "store/npy.h"

#include <inttypes.h>

struct image_container_reader {
    container_kind kind;
    idx_file idx;
    npy_file npy;
    parquet_reader *parquet;
    const uint8_t *data; /* IDX, .npy */
    uint64_t item_count, item_bytes;
    uint32_t width, height, channels;
};

static assay_code open_idx(image_container_reader *r, const char *path, assay_err *err)
{
    ASSAY_TRY(idx_open(path, IDX_IMAGES, &r->idx, err));
    const idx_header *h = &r->idx.header;
    r->data = r->idx.data;
    r->item_count = h->item_count;
    r->item_bytes = h->item_bytes;
    r->width = h->width;
    r->height = h->height;
    r->channels = h->channels;
    return ASSAY_OK;
}

static assay_code open_npy(image_container_reader *r, const char *path, assay_err *err)
{
    ASSAY_TRY(npy_open_images(path, &r->npy, err));
    const npy_header *h = &r->npy.header;
    r->data = (const uint8_t *)r->npy.data;
    r->item_count = h->shape[0];
    r->height = (uint32_t)h->shape[1];
    r->width = (uint32_t)h->shape[2];
    r->channels = (uint32_t)h->shape[3];
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
    *out = NULL;
    (void)thread_count; /* what there is to do in parallel is decoding */
    image_container_reader *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    r->kind = kind;
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
    npy_close(&r->npy);
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

assay_code image_container_item(const image_container_reader *r, uint64_t item, image_item *out,
                                assay_err *err)
{
    *out = (image_item){0};
    if (item >= r->item_count)
        return assay_fail(err, ASSAY_E_INPUT,
                          "there is no item %" PRIu64 " in a container of %" PRIu64, item,
                          r->item_count);
    if (r->parquet)
        return parquet_reader_item(r->parquet, item, out, err);
    *out = (image_item){.at = r->data + item * r->item_bytes,
                        .length = (size_t)r->item_bytes,
                        .raw = true,
                        .width = r->width,
                        .height = r->height,
                        .channels = r->channels};
    return ASSAY_OK;
}
