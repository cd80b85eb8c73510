#ifndef IMAGE_VIPS_LOADER_H
#define IMAGE_VIPS_LOADER_H

#include "image/decoder.h"
#include "image/kind.h"

/** Decode through libvips, which is started at the first call of the process. The failures are
 * those of image_decode(). */
ASSAY_MUST_USE assay_code vips_decode(image_decoder *d, image_kind kind, image_file file,
                                      pixels *out, uint32_t *orientation, assay_err *err);

/** Free what the last vips_decode() gave. */
void vips_drop(image_decoder *d);

/** What libvips keeps for the calling thread. Nothing where it was never started. */
void vips_end_thread(void);

#endif
