/* Histograms of the directions of edges (after Dalal and Triggs), averaged with the mirror image's.
 */
#include "embed/descriptor_parts.h"

#include <math.h>
#include <string.h>

enum {
    SIDE = DESCRIPTOR_SIDE,
    BINS = 9,
    CELLS = 8,
    CELL_SIDE = SIDE / CELLS,
    PIXELS = SIDE * SIDE
};
enum { BLOCKS = CELLS - 1, BLOCK_CELLS = 4, BLOCK_VALUES = BLOCK_CELLS * BINS };

/* atan on [0, 1] to 4e-8: odd polynomial, least largest error, fitted for this purpose. */
static const float arc[] = {0.999999336f,  -0.333298608f,  0.199465655f,  -0.139086288f,
                            0.0964219536f, -0.0559123006f, 0.0218629402f, -0.00405456246f};

/* The direction of a gradient without its sign, in bins of 20 degrees: 0..9. */
static float direction_of(float dx, float dy)
{
    const float x = fabsf(dx), y = fabsf(dy);
    const float most = x > y ? x : y, least = x > y ? y : x;
    const float t = least / (most + 1e-30f), square = t * t;
    float angle = arc[7];
    for (int i = 6; i >= 0; i--)
        angle = angle * square + arc[i];
    angle *= t * (float)(BINS / M_PI);
    angle = y > x ? BINS / 2.0f - angle : angle;
    return dx * dy < 0.0f ? BINS - angle : angle;
}

/* Strength and direction of each pixel's gradient; 0 across the border. */
static void gradients_of(const uint8_t *image, float *restrict strength, float *restrict direction)
{
    float grey[SIDE + 2][SIDE + 2] = {0};
    for (size_t i = 0; i < PIXELS; i++) {
        const uint8_t *at = image + 3 * i;
        grey[i / SIDE + 1][i % SIDE + 1] =
            0.299f * (float)at[0] + 0.587f * (float)at[1] + 0.114f * (float)at[2];
    }
    for (size_t y = 1; y <= SIDE; y++) {
        grey[y][0] = grey[y][2];
        grey[y][SIDE + 1] = grey[y][SIDE - 1];
    }
    memcpy(grey[0], grey[2], sizeof grey[0]);
    memcpy(grey[SIDE + 1], grey[SIDE - 1], sizeof grey[0]);
    for (size_t y = 1; y <= SIDE; y++) {
        for (size_t x = 1; x <= SIDE; x++) {
            const float dx = grey[y][x + 1] - grey[y][x - 1];
            const float dy = grey[y + 1][x] - grey[y - 1][x];
            *strength++ = sqrtf(dx * dx + dy * dy);
            *direction++ = direction_of(dx, dy);
        }
    }
}

/* Each gradient goes to the two directions beside its own, by nearness. */
static void fill_cells(const float *strength, const float *direction,
                       float cell[CELLS][CELLS][BINS])
{
    memset(cell, 0, sizeof(float) * CELLS * CELLS * BINS);
    for (size_t i = 0; i < PIXELS; i++) {
        float *bins = cell[i / SIDE / CELL_SIDE][i % SIDE / CELL_SIDE];
        const int bin = (int)direction[i];
        const float beyond = direction[i] - (float)bin;
        const int own = bin >= BINS ? bin - BINS : bin, next = own + 1 == BINS ? 0 : own + 1;
        bins[own] += strength[i] * (1.0f - beyond);
        bins[next] += strength[i] * beyond;
    }
}

static void fill_block(float cell[CELLS][CELLS][BINS], size_t row, size_t column, float *out)
{
    float sum = 1.0f;
    for (size_t c = 0; c < BLOCK_CELLS; c++) {
        const float *bins = cell[row + c % 2][column + c / 2];
        for (size_t b = 0; b < BINS; b++) {
            out[c * BINS + b] = bins[b];
            sum += bins[b];
        }
    }
    const float scale = 1.0f / sum;
    for (size_t i = 0; i < BLOCK_VALUES; i++)
        out[i] = sqrtf(out[i] * scale);
}

/* In the mirror image the cells of a block change sides, and directions turn the other way. */
static void add_mirrored(const float *block, const float *opposite, float *out)
{
    for (size_t c = 0; c < BLOCK_CELLS; c++) {
        for (size_t b = 0; b < BINS; b++) {
            const size_t from = (c + 2) % BLOCK_CELLS * BINS + (BINS - b) % BINS;
            out[c * BINS + b] = (block[c * BINS + b] + opposite[from]) / 2.0f;
        }
    }
}

void gradient_features(const uint8_t *image, float *out)
{
    float strength[SIDE * SIDE], direction[SIDE * SIDE], cell[CELLS][CELLS][BINS];
    gradients_of(image, strength, direction);
    fill_cells(strength, direction, cell);
    for (size_t row = 0; row < BLOCKS; row++) {
        float block[BLOCKS][BLOCK_VALUES];
        for (size_t column = 0; column < BLOCKS; column++)
            fill_block(cell, row, column, block[column]);
        for (size_t column = 0; column <= BLOCKS / 2; column++) {
            add_mirrored(block[column], block[BLOCKS - 1 - column], out);
            out += BLOCK_VALUES;
        }
    }
}
