#ifndef IMAGE_PIXELS_H
#define IMAGE_PIXELS_H

#include <stdint.h>

/** A decoded image: 8 bits a channel, rows without padding. A view: whoever hands it out owns the
 * bytes. */
typedef struct pixels {
    const uint8_t *at;      /* height × width × channels */
    uint32_t width, height; /* as shown, after EXIF rotation; at least 1 */
    uint32_t channels;      /* 1: grey, which counts as R = G = B; 3: RGB */
} pixels;

#endif
