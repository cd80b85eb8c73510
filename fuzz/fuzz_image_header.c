/* Images from bytes: what is decoded is within the limits and has its pixels, and measures; what is
 * refused says why. */
#include "base/limits.h"
#include "image/decode.h"
#include "image/measure.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

/* Larger ones are decoded as well, but measuring them would only slow the search down. */
enum { MEASURED_PIXELS = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static image_decoder *decoder;
    static image_meter *meter;
    if (!decoder)
        must(image_decoder_new(&decoder, NULL) == ASSAY_OK &&
             image_meter_new(&meter, NULL) == ASSAY_OK);
    pixels p;
    assay_err err = {0};
    const assay_code code = image_decode(decoder, data, size, &p, &err);
    if (code != ASSAY_OK) {
        must(err.code == code && err.msg[0] != '\0' && !p.at);
        return 0;
    }
    const uint64_t pixel_count = (uint64_t)p.width * p.height;
    must(p.at && pixel_count >= 1 && pixel_count <= IMAGE_PIXELS_MOST);
    must(p.width <= IMAGE_SIDE_MOST && p.height <= IMAGE_SIDE_MOST);
    must(p.channels == 1 || p.channels == 3);
    /* A sum reads every byte: a sanitizer sees one that is not there. */
    uint64_t sum = 0;
    for (uint64_t i = 0; i < pixel_count * p.channels; i++)
        sum += p.at[i];
    image_measures found;
    if (pixel_count <= MEASURED_PIXELS) {
        must(image_measure_all(meter, &p, &found, NULL) == ASSAY_OK);
        must(found.value[MEASURE_BRIGHTNESS] >= 0 && found.value[MEASURE_BRIGHTNESS] <= 1);
        must((sum == 0) == (found.value[MEASURE_BRIGHTNESS] == 0));
    }
    image_decoder_rest(decoder);
    return 0;
}
