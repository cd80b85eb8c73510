/* EXIF data, a JPEG's segments and a PNG's chunks from bytes: whatever they say, an orientation is
 * 1..8 and a scan lies within the file. */
#include "image/exif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint32_t exif = exif_orientation(data, size), png = png_orientation(data, size);
    const jpeg_outline jpeg = jpeg_outline_of(data, size);
    must(exif >= 1 && exif <= 8);
    must(png >= 1 && png <= 8);
    must(jpeg.orientation >= 1 && jpeg.orientation <= 8);
    must(jpeg.scan <= size);
    return 0;
}
