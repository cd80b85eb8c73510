#ifndef IMAGE_MEASURE_H
#define IMAGE_MEASURE_H

#include "image/pixels.h"

#include "base/try.h"

#include <stddef.h>

/* X(enumerator, name, unit, what it says): every measure of an image, in the order in which they
 * are stored and shown. docs/measures.md defines each. */
#define IMAGE_MEASURE_MAP(X)                                                                       \
    X(WIDTH, "width", "pixels", "width of the image")                                              \
    X(HEIGHT, "height", "pixels", "height of the image")                                           \
    X(AREA, "area", "pixels", "width times height")                                                \
    X(ASPECT_RATIO, "aspect_ratio", "", "width over height")                                       \
    X(BRIGHTNESS, "brightness", "0..1", "mean of all channels")                                    \
    X(CONTRAST, "contrast", "0..0.5", "standard deviation of all channels")                        \
    X(SHARPNESS, "sharpness", "0..1", "spread of the Laplacian: low means blurred")                \
    X(RED_VALUES, "red_values", "share", "pixels whose colour is red")                             \
    X(GREEN_VALUES, "green_values", "share", "pixels whose colour is green")                       \
    X(BLUE_VALUES, "blue_values", "share", "pixels whose colour is blue")                          \
    X(IMAGE_ENTROPY, "image_entropy", "bits", "entropy of the grey histogram")                     \
    X(DARK, "dark", "0..1", "brightest percentile: low means dark")                                \
    X(LIGHT, "light", "0..1", "how far the darkest are from white: low means light")               \
    X(COLOUR_SHARE, "colour_share", "share", "pixels that are not grey")                           \
    X(FILE_BYTES, "file_bytes", "bytes", "size of the file")                                       \
    X(RANDOM, "random", "0..1", "a number made from the path: goes with nothing")

typedef enum image_measure {
#define X(enumerator, name, unit, meaning) MEASURE_##enumerator,
    IMAGE_MEASURE_MAP(X)
#undef X
} image_measure;
#define X(enumerator, name, unit, meaning) +1
enum { IMAGE_MEASURE_COUNT = 0 IMAGE_MEASURE_MAP(X) };
#undef X

/** Everything that is measured of one image. */
typedef struct image_measures {
    double value[IMAGE_MEASURE_COUNT];
    uint64_t pixel_hash; /* equal pixels and equal shape give equal hashes; grey as R = G = B */
    uint64_t
        perceptual_hash; /* 64 bits of a DCT: few bits differ between pictures that look alike */
} image_measures;

/** The name of a measure, everywhere; static text. */
const char *image_measure_name(image_measure m);
const char *image_measure_unit(image_measure m);
const char *image_measure_meaning(image_measure m);

/** Memory that measuring reuses from one image to the next. Owned by one thread. */
typedef struct image_meter image_meter;

ASSAY_MUST_USE assay_code image_meter_new(image_meter **out, assay_err *err);
void image_meter_free(image_meter *m);
ASSAY_AUTO_DECLARE(image_meter)

/**
 * Every measure that the pixels decide, and both hashes; FILE_BYTES and RANDOM are left NaN for the
 * caller. The same bits on every processor, whichever instructions it has. NOMEM. O(pixels).
 */
ASSAY_MUST_USE assay_code image_measure_all(image_meter *m, const pixels *p, image_measures *out,
                                            assay_err *err);

/** The measure `random`: a hash of the sample's path to [0, 1). */
double image_measure_random(const char *path, size_t length);

#endif
