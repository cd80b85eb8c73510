/* Opponent colours of 8×8 cells: brightness, red against green, yellow against blue. */
#include "embed/descriptor_parts.h"

enum { CELLS = 8, CELL_SIDE = DESCRIPTOR_SIDE / CELLS, CELL_ROW = 3 * CELL_SIDE };

static void opponents(const uint8_t *image, size_t row, size_t column, float out[3])
{
    uint32_t sum[3] = {0};
    for (size_t y = row * CELL_SIDE; y < (row + 1) * CELL_SIDE; y++) {
        const uint8_t *at = image + (y * DESCRIPTOR_SIDE + column * CELL_SIDE) * 3;
        for (size_t i = 0; i < CELL_ROW; i++)
            sum[i % 3] += at[i];
    }
    const float n = CELL_SIDE * CELL_SIDE;
    const float r = (float)sum[0] / n, g = (float)sum[1] / n, b = (float)sum[2] / n;
    out[0] = (r + g + b) / 3.0f;
    out[1] = r - g;
    out[2] = (r + g) / 2.0f - b;
}

void colour_features(const uint8_t *image, float *out)
{
    for (size_t row = 0; row < CELLS; row++) {
        for (size_t column = 0; column < CELLS / 2; column++) {
            float left[3], right[3];
            opponents(image, row, column, left);
            opponents(image, row, CELLS - 1 - column, right);
            for (size_t c = 0; c < 3; c++)
                *out++ = (left[c] + right[c]) / 2.0f;
        }
    }
}
