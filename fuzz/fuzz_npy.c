/* The header of an .npy file from bytes. What is accepted must lie within the file, so that whoever
 * maps it reads nothing else. */
#include "store/npy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

/* The data, which all of shape and type describe, fills the rest of the file. */
static void check_data(const npy_header *h, size_t size)
{
    must(h->data_offset <= size);
    size_t bytes = h->item_bytes;
    for (size_t i = 0; i < sizeof h->shape / sizeof *h->shape; i++) {
        must(i < h->dimension_count || h->shape[i] == 1);
        must(!__builtin_mul_overflow(bytes, h->shape[i], &bytes));
    }
    must(bytes == size - h->data_offset);
}

static void check_images(const uint8_t *data, size_t size)
{
    npy_header header;
    memset(&header, 0, sizeof header);
    assay_err err = {0};
    if (npy_parse_images((const char *)data, size, size, "fuzz.npy", &header, &err) != ASSAY_OK) {
        must(err.msg[0] != '\0');
        return;
    }
    must(header.kind == NPY_UINT && header.item_bytes == 1 && !header.by_column);
    must(header.dimension_count == 3 || header.dimension_count == 4);
    check_data(&header, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npy_header header;
    memset(&header, 0, sizeof header);
    assay_err err = {0};
    check_images(data, size);
    const assay_code code =
        npy_parse_header((const char *)data, size, size, "fuzz.npy", &header, &err);
    if (code != ASSAY_OK) {
        must(err.code == code && err.msg[0] != '\0');
        return 0;
    }
    must(header.dimension_count == 1 || header.dimension_count == 2);
    check_data(&header, size);
    return 0;
}
