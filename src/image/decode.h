#ifndef IMAGE_DECODE_H
#define IMAGE_DECODE_H

#include "image/pixels.h"

#include "base/try.h"

#include <stddef.h>

/** Turns files' bytes into pixels; keeps its memory from one image to the next. Owned by one
 * thread. */
typedef struct image_decoder image_decoder;

ASSAY_MUST_USE assay_code image_decoder_new(image_decoder **out, assay_err *err);
void image_decoder_free(image_decoder *d);
ASSAY_AUTO_DECLARE(image_decoder)

/**
 * Decode the first picture in at[0..length): JPEG, PNG, and whatever libvips reads (WebP, TIFF,
 * GIF, HEIC, AVIF, JPEG 2000, BMP); the first bytes decide, never a name. Stored RGB as 8 bits:
 * EXIF rotation applied, colour profiles not, alpha dropped, 16 bits and CMYK converted by libvips.
 *
 * out  a view into the decoder, valid until its next call
 *
 * An image above IMAGE_PIXELS_LARGE waits until no other decoder of the process holds one; the
 * decoder then holds its turn until its next call, image_decoder_rest() or image_decoder_free().
 *
 * INPUT: not an image, cut short, damaged, a format that is not read (SVG, PDF, …); LIMIT: larger
 * than base/limits.h allows, judged by its header before a pixel is decoded; NOMEM. The message is
 * the reason alone ("is cut short: …"), for the caller knows the name. O(pixels).
 */
ASSAY_MUST_USE assay_code image_decode(image_decoder *d, const uint8_t *at, size_t length,
                                       pixels *out, assay_err *err);

/**
 * The same, made smaller: no side is longer than `side` (image/shrink.h), which is at least 1. What
 * a format has at smaller sizes is made use of, where it shows the same picture but for roundings:
 * JPEG at fractions, WebP without alpha at any size, JPEG 2000 at its resolutions, TIFF at the
 * levels of a pyramid; that is several times as fast. Limits are those of the whole image. Of a
 * damaged JPEG 2000 or TIFF, what is small may be whole.
 */
ASSAY_MUST_USE assay_code image_decode_small(image_decoder *d, const uint8_t *at, size_t length,
                                             uint32_t side, pixels *out, assay_err *err);

/** Pixels that somebody else holds, made smaller in the decoder's memory where they are too large.
 * NOMEM. */
ASSAY_MUST_USE assay_code image_make_small(image_decoder *d, const pixels *from, uint32_t side,
                                           pixels *out, assay_err *err);

/**
 * The bytes of an image file, in the decoder's memory until its next call. Regular files only, at
 * most IMAGE_FILE_BYTES_MOST. NOT_FOUND, INPUT (a folder, pipe, …, or empty), IO, LIMIT, NOMEM; the
 * message is the reason alone.
 */
ASSAY_MUST_USE assay_code image_decoder_read(image_decoder *d, const char *path, const uint8_t **at,
                                             size_t *length, assay_err *err);

/** Give back what the last image took that is too large to keep, its pixels among it, and let other
 * decoders' large images go on. Call it when an image was measured and the next may be long in
 * coming: a thread that stops decoding with a large image in its hands would hold up the others. */
void image_decoder_rest(image_decoder *d);

/** Call once as each thread that decoded ends: libvips keeps state a thread. */
void image_thread_end(void);

#endif
