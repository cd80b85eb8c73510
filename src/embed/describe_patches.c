/* How much each place of an image looks like each learned patch. The mean over all atoms is taken
 * off the atoms, and the mean patch off the result, so that encoding is two products and one pass
 * that adds up what is above zero. */
#include "embed/descriptor_parts.h"
#include "linear/product.h"

#include <math.h>
#include <string.h>

/* Added to the mean square of a patch: below it, contrast is noise. */
static const double contrast_floor = 100.0;

enum { CHANNEL_VALUES = PATCH_SIDE * PATCH_SIDE };

/* Where cells of patches begin; the same from both sides. */
static const size_t edge[PATCH_CELLS + 1] = {0, 4, 7, 10, 14};

/* Mean, and one over the root of (mean square + floor), from whole sums. */
static void scaling_of(uint32_t sum, uint32_t squares, float *mean, float *scale)
{
    const double n = PATCH_VALUES, m = sum / n;
    *mean = (float)m;
    *scale = (float)(1.0 / sqrt(squares / n - m * m + contrast_floor));
}

void patch_take(const uint8_t *image, size_t x, size_t y, float out[PATCH_VALUES])
{
    uint32_t sum = 0, squares = 0;
    for (size_t c = 0; c < 3; c++) {
        for (size_t i = 0; i < CHANNEL_VALUES; i++) {
            const size_t at = (y + i / PATCH_SIDE) * DESCRIPTOR_SIDE + x + i % PATCH_SIDE;
            const uint8_t value = image[at * 3 + c];
            out[c * CHANNEL_VALUES + i] = value;
            sum += value;
            squares += (uint32_t)value * value;
        }
    }
    float mean, scale;
    scaling_of(sum, squares, &mean, &scale);
    for (size_t i = 0; i < PATCH_VALUES; i++)
        out[i] = (out[i] - mean) * scale;
}

void patch_model_finish(patch_model *m)
{
    double mean[PATCH_WHITE] = {0};
    for (size_t a = 0; a < ATOMS; a++) {
        for (size_t i = 0; i < PATCH_WHITE; i++)
            mean[i] += (double)m->atom[a * PATCH_WHITE + i] / ATOMS;
    }
    double white[PATCH_WHITE] = {0};
    for (size_t v = 0; v < PATCH_VALUES; v++) {
        for (size_t i = 0; i < PATCH_WHITE; i++)
            white[i] += (double)m->mean[v] * (double)m->white[v * PATCH_WHITE + i];
    }
    for (size_t a = 0; a < ATOMS; a++) {
        double offset = 0.0;
        for (size_t i = 0; i < PATCH_WHITE; i++) {
            const double apart = (double)m->atom[a * PATCH_WHITE + i] - mean[i];
            m->apart[a * PATCH_WHITE + i] = (float)apart;
            offset -= apart * white[i];
        }
        m->offset[a] = (float)offset;
    }
}

/* ---- all patches of an image */

enum { PAIRS = DESCRIPTOR_SIDE / PATCH_STEP };

typedef struct pair_sums {
    uint32_t sum[PAIRS][PAIRS], squares[PAIRS][PAIRS]; /* of squares of 2×2 pixels */
} pair_sums;

static void add_pairs(const uint8_t *image, pair_sums *out)
{
    memset(out, 0, sizeof *out);
    for (size_t y = 0; y < DESCRIPTOR_SIDE; y++) {
        const uint8_t *row = image + y * DESCRIPTOR_SIDE * 3;
        for (size_t x = 0; x < PAIRS; x++) {
            const uint8_t *at = row + 6 * x;
            uint32_t sum = 0, squares = 0;
            for (size_t i = 0; i < 6; i++) {
                sum += at[i];
                squares += (uint32_t)at[i] * at[i];
            }
            out->sum[y / 2][x] += sum;
            out->squares[y / 2][x] += squares;
        }
    }
}

/* The patch whose first pixel is at `plane`, scaled. */
static void cut_patch(const float *restrict plane, float mean, float scale, float *restrict out)
{
    for (size_t c = 0; c < 3; c++) {
        for (size_t y = 0; y < PATCH_SIDE; y++) {
            const float *row = plane + (c * DESCRIPTOR_SIDE + y) * DESCRIPTOR_SIDE;
            for (size_t x = 0; x < PATCH_SIDE; x++)
                *out++ = (row[x] - mean) * scale;
        }
    }
}

static void cut_patches(const uint8_t *image, patch_scratch *s, float *out)
{
    float *plane = &s->plane[0][0][0];
    enum { PIXELS = DESCRIPTOR_SIDE * DESCRIPTOR_SIDE };
    for (size_t i = 0; i < PIXELS; i++) {
        for (size_t c = 0; c < 3; c++)
            plane[c * PIXELS + i] = image[3 * i + c];
    }
    pair_sums sums;
    add_pairs(image, &sums);
    for (size_t y = 0; y < PATCH_GRID; y++) {
        for (size_t x = 0; x < PATCH_GRID; x++) {
            uint32_t sum = 0, squares = 0;
            for (size_t i = 0; i < 9; i++) {
                sum += sums.sum[y + i / 3][x + i % 3];
                squares += sums.squares[y + i / 3][x + i % 3];
            }
            float mean, scale;
            scaling_of(sum, squares, &mean, &scale);
            cut_patch(plane + PATCH_STEP * (y * DESCRIPTOR_SIDE + x), mean, scale, out);
            out += PATCH_VALUES;
        }
    }
}

/* ---- pooling */

static void add_above_zero(const float *restrict likeness, const float *restrict offset,
                           float *restrict sum)
{
    for (size_t k = 0; k < ATOMS; k++) {
        const float value = likeness[k] + offset[k];
        sum[k] += value > 0.0f ? value : 0.0f;
    }
}

/* Likenesses above the average atom's, averaged over a cell. */
static void pool_cell(const patch_model *m, const float *likeness, size_t row, size_t column,
                      float *out)
{
    memset(out, 0, ATOMS * sizeof *out);
    for (size_t y = edge[row]; y < edge[row + 1]; y++) {
        for (size_t x = edge[column]; x < edge[column + 1]; x++)
            add_above_zero(likeness + (y * PATCH_GRID + x) * ATOMS, m->offset, out);
    }
    const size_t count = (edge[row + 1] - edge[row]) * (edge[column + 1] - edge[column]);
    const float scale = 1.0f / (float)count;
    for (size_t k = 0; k < ATOMS; k++)
        out[k] *= scale;
}

static void pool(const patch_model *m, const float *likeness, float *out)
{
    for (size_t row = 0; row < PATCH_CELLS; row++) {
        float cell[PATCH_CELLS][ATOMS];
        for (size_t column = 0; column < PATCH_CELLS; column++)
            pool_cell(m, likeness, row, column, cell[column]);
        for (size_t column = 0; column < PATCH_CELLS; column++) {
            const float *mirrored = cell[PATCH_CELLS - 1 - column] + ATOM_PAIRS;
            for (size_t k = 0; k < ATOM_PAIRS; k++)
                out[k] = sqrtf(cell[column][k] + mirrored[k]);
            out += ATOM_PAIRS;
        }
    }
}

void patch_features(const patch_model *m, const uint8_t *const *image, size_t count,
                    patch_scratch *scratch, float *out, size_t stride)
{
    for (size_t i = 0; i < count; i++)
        cut_patches(image[i], scratch, scratch->patch + i * PATCHES * PATCH_VALUES);
    const linear_matrix patch = {scratch->patch, count * PATCHES, PATCH_VALUES, PATCH_VALUES};
    const linear_matrix whiten = {m->white, PATCH_VALUES, PATCH_WHITE, PATCH_WHITE};
    linear_product_nn(&patch, &whiten, scratch->white, PATCH_WHITE);
    const linear_matrix white = {scratch->white, count * PATCHES, PATCH_WHITE, PATCH_WHITE};
    const linear_matrix apart = {m->apart, ATOMS, PATCH_WHITE, PATCH_WHITE};
    linear_product_nt(&white, &apart, scratch->likeness, ATOMS);
    for (size_t i = 0; i < count; i++)
        pool(m, scratch->likeness + i * PATCHES * ATOMS, out + i * stride);
}
