/* The eight ways in which an image can lie, as one walk with a start and two steps. */
#include "image/orient.h"

#include <assert.h>
#include <stddef.h>

/* Small enough that the lines which a turn reads crosswise stay in the first cache. */
enum { TILE = 32 };

/* Where the upright image's pixel (0, 0) lies, and how far it is to the next in its row and in its
 * column, in pixels of the stored image. */
typedef struct walk {
    ptrdiff_t start, right, down;
} walk;

static walk walk_of(uint32_t orientation, ptrdiff_t width, ptrdiff_t height)
{
    const ptrdiff_t last_column = width - 1, last_row = (height - 1) * width;
    switch (orientation) {
    case 2: /* mirrored left to right */
        return (walk){last_column, -1, width};
    case 3: /* upside down */
        return (walk){last_row + last_column, -1, -width};
    case 4: /* mirrored top to bottom */
        return (walk){last_row, 1, -width};
    case 5: /* rows and columns swapped */
        return (walk){0, width, 1};
    case 6: /* to be turned right */
        return (walk){last_row, -width, 1};
    case 7: /* swapped along the other diagonal */
        return (walk){last_row + last_column, -width, -1};
    case 8: /* to be turned left */
        return (walk){last_column, width, -1};
    default:
        return (walk){0, 1, width};
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A stretch of one upright row. */
static void copy_stretch(const uint8_t *in, ptrdiff_t step, uint8_t *out, size_t n, size_t channels)
{
    for (size_t x = 0; x < n; x++, in += step, out += channels) {
        for (size_t c = 0; c < channels; c++)
            out[c] = in[c];
    }
}

pixels orient_upright(const pixels *from, uint32_t orientation, uint8_t *to)
{
    assert(orientation >= 1 && orientation <= 8);
    const ptrdiff_t channels = from->channels;
    const uint32_t width = orientation < ORIENTATION_TURNED ? from->width : from->height;
    const uint32_t height = orientation < ORIENTATION_TURNED ? from->height : from->width;
    const walk w = walk_of(orientation, from->width, from->height);
    for (uint32_t top = 0; top < height; top += TILE) {
        for (uint32_t left = 0; left < width; left += TILE) {
            for (uint32_t y = top; y < least(top + TILE, height); y++) {
                const ptrdiff_t source = w.start + left * w.right + y * w.down;
                copy_stretch(from->at + source * channels, w.right * channels,
                             to + ((size_t)y * width + left) * from->channels,
                             least(TILE, width - left), from->channels);
            }
        }
    }
    return (pixels){.at = to, .width = width, .height = height, .channels = from->channels};
}
