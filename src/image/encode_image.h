#ifndef IMAGE_ENCODE_IMAGE_H
#define IMAGE_ENCODE_IMAGE_H

#include "image/pixels.h"

#include "base/text.h"

/** A JPEG file (quality 1..100), grey or RGB, at the end of `out`. A failure of `out` shows in
 * text_check(). NOMEM, INTERNAL. O(pixels). */
ASSAY_MUST_USE assay_code image_encode_jpeg(const pixels *p, int quality, text *out,
                                            assay_err *err);

/** A PNG file that keeps every value. The same failures. O(pixels). */
ASSAY_MUST_USE assay_code image_encode_png(const pixels *p, text *out, assay_err *err);

#endif
