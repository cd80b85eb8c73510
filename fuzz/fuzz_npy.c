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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    npy_header header;
    memset(&header, 0, sizeof header);
    assay_err err = {0};
    const assay_code code =
        npy_parse_header((const char *)data, size, size, "fuzz.npy", &header, &err);
    if (code != ASSAY_OK) {
        must(err.code == code && err.msg[0] != '\0');
        return 0;
    }
    must(header.dimension_count == 1 || header.dimension_count == 2);
    must(header.dimension_count == 2 || header.shape[1] == 1);
    must(header.data_offset <= size);
    size_t items = 0;
    size_t bytes = 0;
    must(!__builtin_mul_overflow(header.shape[0], header.shape[1], &items));
    must(!__builtin_mul_overflow(items, header.item_bytes, &bytes));
    must(bytes <= size - header.data_offset);
    return 0;
}
