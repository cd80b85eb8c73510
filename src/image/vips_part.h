#ifndef IMAGE_VIPS_PART_H
#define IMAGE_VIPS_PART_H

#include "image/decoder.h"
#include "image/kind.h"

#include <vips/vips.h>

/** NULL is allowed, and becomes NULL. */
static inline void vips_unref(VipsImage **image)
{
    if (*image)
        g_object_unref(*image);
    *image = NULL;
}
#define VIPS_AUTO __attribute__((cleanup(vips_unref))) VipsImage

/** How a loader is asked for less than the whole picture: by the name of one of its options and the
 * option's value. Zeroed: the whole. */
typedef struct vips_part {
    const char *option;
    double value;
} vips_part;

/** Open a picture with the loader of its kind, without decoding: false where it cannot be, and
 * libvips has the reason. */
bool vips_open(image_kind kind, image_file file, const vips_part *part, VipsImage **out);

/**
 * The least of a picture, opened whole as `stored`, whose longest side still has `side` pixels, or
 * twice as many where fewer would be seen to lie aside: JPEG at a half, a quarter or an eighth,
 * WebP at any size, JPEG 2000 at one of its resolutions, TIFF at a level of its pyramid. Zeroed
 * where there is nothing smaller, or nothing that is sure to look like the whole. Opens other pages
 * of a TIFF, decodes none.
 */
vips_part vips_part_for(image_kind kind, image_file file, VipsImage *stored, uint32_t side);

#endif
