#ifndef IMAGE_THUMBNAIL_H
#define IMAGE_THUMBNAIL_H

#include "image/pixels.h"

/* The largest side of a small picture. */
enum { IMAGE_THUMBNAIL_MOST = 64 };

/**
 * Squash an image to side × side RGB pixels: each is the average of the box of the image that it
 * covers, pixels that a box cuts counting by the part of their area inside, rounded half up. Exact:
 * sums are whole numbers. An image smaller than `side` is enlarged by the same rule; grey becomes
 * R = G = B.
 *
 * side  1..IMAGE_THUMBNAIL_MOST
 * rgb   side × side × 3 bytes, written
 *
 * Neither allocates nor fails. O(width·height + side²).
 */
void image_thumbnail(const pixels *p, uint32_t side, uint8_t *rgb);

#endif
