#ifndef STORE_PROJECT_MEASURES_H
#define STORE_PROJECT_MEASURES_H

#include "frame/frame.h"
#include "store/duck.h"
#include "store/wanted.h"

/* The table `measures`: what decoding each image gave. */

/* The numbers of a row, in the order of the table's columns. */
enum { MEASURE_COLUMN_COUNT = 16 };

typedef struct measured_row {
    uint32_t sample;
    double value[MEASURE_COLUMN_COUNT]; /* NaN: none */
    uint64_t pixel_hash, perceptual_hash;
    uint64_t modified;       /* of the file, nanoseconds since 1970; 0: unknown */
    uint64_t thumbnail_hash; /* of its picture in thumbnails.npy; 0: none */
    char *unreadable;        /* the reason, or NULL; owned by whoever fills the row */
} measured_row;

/** Write rows in the open transaction; what was known of those samples is replaced. IO, NOMEM. */
ASSAY_MUST_USE assay_code project_put_measures(const duck *d, const measured_row *rows,
                                               size_t row_count, assay_err *err);

/** What a sample's row is like. */
typedef struct measured_state {
    uint64_t modified;
    uint64_t thumbnail_hash; /* 0: none */
    bool measured;           /* there is a row, be it of an unreadable image */
    bool unreadable;
} measured_state;

/** The state of each of `count` samples. O(N). */
ASSAY_MUST_USE assay_code project_read_measured(const duck *d, measured_state *state, size_t count,
                                                assay_err *err);

/** What tells whether two samples are the same picture. Arrays of one entry a sample, owned; 0
 * where a sample has not been measured or cannot be read. */
typedef struct image_identities {
    uint64_t *pixel_hash, *perceptual_hash;
    uint32_t *width, *height, *file_bytes; /* file_bytes: UINT32_MAX where larger */
    size_t count;
} image_identities;

/** Read those of `count` samples. NOMEM. O(N). */
ASSAY_MUST_USE assay_code project_read_identities(const duck *d, size_t count,
                                                  image_identities *out, assay_err *err);
void image_identities_clear(image_identities *i);
ASSAY_AUTO_CLEAR_DECLARE(image_identities)

/** Append the measures to f->metric, NaN where there is none; those that are not wanted without
 * values. Nothing is appended while no image has been measured. On failure f may only be freed.
 * O(N) for each that is wanted. */
ASSAY_MUST_USE assay_code project_read_measures(const duck *d, const wanted_columns *wanted,
                                                int thread_count, frame *f, assay_err *err);

/** One image that cannot be read. */
typedef struct unreadable_image {
    uint32_t sample;
    char *reason;
} unreadable_image;

/** Those of a project, by sample; freed with unreadable_images_free(). */
ASSAY_MUST_USE assay_code project_read_unreadable(const duck *d, unreadable_image **out,
                                                  size_t *count, assay_err *err);
void unreadable_images_free(unreadable_image *list, size_t count);

#endif
