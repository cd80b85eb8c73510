#ifndef IMAGE_DECODER_H
#define IMAGE_DECODER_H

#include "image/decode.h"

#include "base/mem.h"

#include <stdbool.h>

/* What the formats' decoders share. Each takes a file's bytes, and gives pixels as they are stored
 * (not yet turned upright) in the decoder's memory; the failures are those of image_decode(). */

/** Memory that grows and is kept. */
typedef struct image_room {
    uint8_t *at;
    size_t bytes;
} image_room;

struct image_decoder {
    image_room file;   /* of image_decoder_read() */
    image_room stored; /* pixels as the file has them */
    image_room turned; /* pixels after a rotation */
    image_room small;  /* pixels after they were made smaller */
    uint32_t side;     /* that the longest side must still have; 0: the image is wanted whole */
    uint32_t width, height; /* of the whole image, as shown, however small it was decoded */
    void *foreign;          /* pixels that libvips allocated */
    bool holds_turn;        /* no other decoder decodes a large image meanwhile */
};

/** The bytes of the file, seen by one decoder. */
typedef struct image_file {
    const uint8_t *at;
    size_t length;
} image_file;

/** At least `bytes` bytes; what they held is lost. NOMEM. */
ASSAY_MUST_USE assay_code image_room_take(image_room *room, size_t bytes, assay_err *err);

/** INPUT: an image without pixels; LIMIT: a larger one than is read. */
ASSAY_MUST_USE assay_code image_check_size(uint64_t width, uint64_t height, assay_err *err);

/**
 * Begin to decode an image of this size, as it is stored and whole: it is checked, a large one
 * waits until no other is decoded. LIMIT, INPUT.
 */
ASSAY_MUST_USE assay_code image_begin(image_decoder *d, uint64_t width, uint64_t height,
                                      assay_err *err);

/** image_begin(), and room for the pixels in d->stored. */
ASSAY_MUST_USE assay_code image_begin_stored(image_decoder *d, const pixels *shape, assay_err *err);

ASSAY_MUST_USE assay_code jpeg_decode(image_decoder *d, image_file file, pixels *out,
                                      uint32_t *orientation, assay_err *err);

ASSAY_MUST_USE assay_code png_decode(image_decoder *d, image_file file, pixels *out,
                                     assay_err *err);

ASSAY_MUST_USE assay_code bmp_decode(image_decoder *d, image_file file, pixels *out,
                                     assay_err *err);

#endif
