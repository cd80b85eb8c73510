/* The header of an IDX file from bytes, as images and as labels. What is accepted has extents that
 * an image may have, and its length is checked against the file's before anything is read. */
#include "base/limits.h"
#include "store/idx.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static void check(const uint8_t *data, size_t size, idx_content content)
{
    idx_header h;
    memset(&h, 0xFF, sizeof h);
    assay_err err = {0};
    const assay_code code = idx_parse_header(data, size, content, "fuzz.idx", &h, &err);
    if (code != ASSAY_OK) {
        must(err.code == code && err.msg[0] != '\0' && h.item_count == 0 && h.data_bytes == 0);
        return;
    }
    must(idx_is_magic(data, size) && h.data_offset <= size);
    must(h.item_count >= 1 && h.item_count <= ROWS_MOST);
    must(h.height >= 1 && h.height <= IMAGE_SIDE_MOST && h.width >= 1 &&
         h.width <= IMAGE_SIDE_MOST);
    must(h.channels == 1 || h.channels == 3);
    must((uint64_t)h.height * h.width <= IMAGE_PIXELS_MOST);
    must(content == IDX_IMAGES || h.item_bytes == 1);
    uint64_t bytes = 0;
    must(h.item_bytes == (uint64_t)h.height * h.width * h.channels);
    must(!__builtin_mul_overflow(h.item_bytes, h.item_count, &bytes) && bytes == h.data_bytes);
    const bool whole = idx_check_length(&h, size, "fuzz.idx", &err) == ASSAY_OK;
    must(whole == (h.data_offset + h.data_bytes == size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, IDX_IMAGES);
    check(data, size, IDX_LABELS);
    return 0;
}
