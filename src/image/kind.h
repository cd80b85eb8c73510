#ifndef IMAGE_KIND_H
#define IMAGE_KIND_H

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/** What the first bytes say that a file is. */
typedef enum image_kind {
    KIND_UNKNOWN,
    KIND_JPEG,
    KIND_PNG,
    KIND_BMP,
    KIND_WEBP,
    KIND_GIF,
    KIND_TIFF,
    KIND_HEIF, /* HEIC and AVIF */
    KIND_JP2
} image_kind;

/** Never fails: what nobody reads is KIND_UNKNOWN. O(1). */
image_kind image_kind_of(const uint8_t *at, size_t length);

/** The failure for bytes of KIND_UNKNOWN: INPUT, naming what they are or how they begin. */
ASSAY_MUST_USE assay_code image_kind_fail(const uint8_t *at, size_t length, assay_err *err);

#endif
