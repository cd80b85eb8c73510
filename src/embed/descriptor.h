#ifndef EMBED_DESCRIPTOR_H
#define EMBED_DESCRIPTOR_H

#include "base/progress.h"
#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/* The built-in description of what an image looks like: layout, edges, colours; not what it shows.
 * Learned from the project's own images, without labels. */

/* An image as it is described: 32×32 RGB, 8 bits, squashed to a square. */
enum { DESCRIPTOR_SIDE = 32, DESCRIPTOR_IMAGE_BYTES = 32 * 32 * 3 };

/** Small images of N samples, DESCRIPTOR_IMAGE_BYTES each; `has` tells which are there (NULL: all).
 */
typedef struct descriptor_images {
    const uint8_t *at;
    const uint8_t *has;
    size_t count;
} descriptor_images;

/** What was learned. Immutable: share it freely. */
typedef struct descriptor descriptor;

typedef struct descriptor_options {
    uint64_t seed;
    int thread_count;
    const progress *progress;
} descriptor_options;

/** Learn from up to 20,000 of the images (a seeded sample of more). INPUT: no image at all;
 * CANCELLED, NOMEM. The same bits at any thread count. */
ASSAY_MUST_USE assay_code descriptor_fit(const descriptor_images *images,
                                         const descriptor_options *options, descriptor **out,
                                         assay_err *err);
void descriptor_free(descriptor *d);
ASSAY_AUTO_DECLARE(descriptor)

/** Values of one description: 256, fewer where there are few images. */
size_t descriptor_dimensions(const descriptor *d);

/** Describe every image into out[count × dimensions], each of length 1; NaN where there is none.
 * CANCELLED, NOMEM. */
ASSAY_MUST_USE assay_code descriptor_describe(const descriptor *d, const descriptor_images *images,
                                              const descriptor_options *options, float *out,
                                              assay_err *err);

#endif
