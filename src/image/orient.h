#ifndef IMAGE_ORIENT_H
#define IMAGE_ORIENT_H

#include "image/pixels.h"

/** EXIF's numbers from here on swap width and height. */
enum { ORIENTATION_TURNED = 5 };

/**
 * Turn and mirror an image until it is upright.
 *
 * orientation  EXIF's number, 1..8
 * to           width × height × channels bytes that the caller owns, apart from `from`
 *
 * Returns the upright image, a view of `to`; width and height are swapped for 5..8. O(pixels).
 */
pixels orient_upright(const pixels *from, uint32_t orientation, uint8_t *to);

#endif
