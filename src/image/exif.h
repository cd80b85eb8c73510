#ifndef IMAGE_EXIF_H
#define IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* How a camera was held, from an image file's EXIF data: 1 (upright) to 8, as the EXIF standard
 * numbers them; 1 where nothing is said or nothing makes sense. None of these fails. */

/** From a TIFF structure ("II*" or "MM" and so on), which is what EXIF data are. O(entries). */
uint32_t exif_orientation(const uint8_t *at, size_t length);

/** What stands before the pixels of a JPEG file. */
typedef struct jpeg_outline {
    uint32_t orientation; /* 1..8 */
    size_t scan;          /* where the first scan begins; 0: the file ends before one */
} jpeg_outline;

/** O(bytes before the scan). */
jpeg_outline jpeg_outline_of(const uint8_t *at, size_t length);

/** From the first eXIf chunk of a PNG file. O(chunks). */
uint32_t png_orientation(const uint8_t *at, size_t length);

#endif
