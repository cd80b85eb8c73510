/* Brightness, contrast and sharpness: sums and sums of squares, kept whole until the last line. */
#include "image/measure_parts.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

/* n · Σx² − (Σx)² is exact in 128 bits, so nothing cancels. */
static double deviation(uint64_t n, uint64_t squares, uint64_t sum)
{
    const wide spread = (wide)n * squares - (wide)sum * sum;
    return sqrt((double)spread) / (double)n;
}

double spread_deviation(const byte_sums *sums, uint64_t n)
{
    return deviation(n, sums->squares, sums->sum);
}

double sharpness_of(const laplace_sums *sums, uint64_t n)
{
    const int64_t sum = sums->sum;
    return deviation(n, sums->squares, (uint64_t)(sum < 0 ? -sum : sum)) / (8.0 * 255.0);
}

/* The column beside the border, or the border itself where there is no other. */
static void add_border(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t at,
                       size_t beside, laplace_sums *sums)
{
    const int32_t l = up[at] + down[at] + 2 * row[beside] - 4 * row[at];
    sums->sum += l;
    sums->squares += (uint32_t)(l * l);
}

void sharpness_add_row(const pixel_kernels *k, const pixels *p, uint32_t y, laplace_sums *sums)
{
    const size_t step = p->channels, bytes = (size_t)p->width * step;
    const uint32_t last = p->height - 1;
    const uint8_t *row = p->at + y * bytes;
    const uint8_t *up = y > 0 ? row - bytes : last > 0 ? row + bytes : row;
    const uint8_t *down = y < last ? row + bytes : last > 0 ? row - bytes : row;
    const size_t inside = p->width > 1 ? step : 0;
    for (size_t c = 0; c < step; c++) {
        add_border(up, row, down, c, c + inside, sums);
        if (p->width > 1)
            add_border(up, row, down, bytes - step + c, bytes - 2 * step + c, sums);
    }
    if (p->width > 2)
        k->laplace(up + step, row + step, down + step, bytes - 2 * step, step, sums);
}
