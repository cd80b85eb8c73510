#ifndef SERVER_SHOWN_SAMPLE_H
#define SERVER_SHOWN_SAMPLE_H

#include "server/workspace.h"

#include "image/measure.h"

enum { PICTURE_VERSION_BYTES = 20 };

/** The columns of a view that a Sample of docs/workbench.schema.json is made of. Borrowed. */
typedef struct shown_columns {
    const frame *frame;
    const double *width, *height; /* NULL: not measured */
    const attribute_column *split, *unreadable;
    const double *measure[IMAGE_MEASURE_COUNT]; /* those there are */
    size_t measure_count;
    bool has_images;
    uint64_t revision;
} shown_columns;

void shown_columns_find(const workspace_view *v, shown_columns *out);

/**
 * The version of a sample's image, for addresses that may be kept for ever: a hash of its measures;
 * while it has none, of the project's revision. False: it cannot be shown.
 */
bool picture_version(const shown_columns *c, size_t row, char out[PICTURE_VERSION_BYTES]);

/** One Sample as a JSON object. `value`: of the list's order; NaN: none. O(tags). */
void put_sample(text *out, const shown_columns *c, uint32_t row, double value);

/** A list of them as a JSON array, one a line; `value` NULL: none has one. */
void put_samples(text *out, const shown_columns *c, const uint32_t *row, const double *value,
                 size_t count);

#endif
