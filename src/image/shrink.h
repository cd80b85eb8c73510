#ifndef IMAGE_SHRINK_H
#define IMAGE_SHRINK_H

#include "image/pixels.h"

#include "base/try.h"

/** The size of an image that fits a square of `side`: the longest side becomes `side`, the other
 * in proportion, rounded, at least 1. What fits already stays as it is. */
void image_fit(uint32_t side, uint32_t *width, uint32_t *height);

/**
 * A smaller image: each pixel is the average of the box that it covers, pixels that a box cuts
 * counting by the part of their area inside, rounded half up. Exact: sums are whole numbers.
 *
 * to  width × height × channels bytes that the caller owns; no side larger than the image's
 *
 * NOMEM (of the image's width). O(width·height of the image).
 */
ASSAY_MUST_USE assay_code image_shrink(const pixels *p, uint32_t width, uint32_t height,
                                       uint8_t *to, assay_err *err);

#endif
