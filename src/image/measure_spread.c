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

/* The column beside the border, or the border itself where there is no other. */
static uint32_t border_square(const uint8_t *up, const uint8_t *row, const uint8_t *down, size_t at,
                              size_t beside)
{
    const int32_t l = up[at] + down[at] + 2 * row[beside] - 4 * row[at];
    return (uint32_t)(l * l);
}

/* Rows come from far caches, whose hardware looks ahead within a page of memory only. */
enum { ROWS_AHEAD = 3 };

/* The first and the last pixel, while they are in the cache. */
static void add_borders(const lines *l, line_sums *sums)
{
    const size_t last = l->n - l->step, inside = l->n > l->step ? l->step : 0;
    for (size_t c = 0; c < l->step; c++) {
        const size_t left = c, right = last + c;
        sums->laplace += border_square(l->up, l->row, l->down, left, left + inside);
        if (!inside)
            continue;
        sums->laplace += border_square(l->up, l->row, l->down, right, right - inside);
        sums->borders += l->row[left + inside] - l->row[left];
        sums->borders += l->row[right - inside] - l->row[right];
    }
}

void spread_row(const pixel_kernels *k, const pixels *p, uint32_t y, line_sums *sums)
{
    const size_t step = p->channels, bytes = (size_t)p->width * step;
    const uint32_t last = p->height - 1;
    const uint8_t *row = p->at + y * bytes;
    const lines l = {.up = y > 0      ? row - bytes
                           : last > 0 ? row + bytes
                                      : row,
                     .row = row,
                     .down = y < last   ? row + bytes
                             : last > 0 ? row - bytes
                                        : row,
                     .ahead = p->height - y > ROWS_AHEAD ? row + ROWS_AHEAD * bytes : row,
                     .n = bytes,
                     .step = step};
    add_borders(&l, sums);
    if (step == 3)
        k->line(&l, sums);
    else if (bytes > 2)
        sums->laplace += k->laplace(l.up + 1, row + 1, l.down + 1, bytes - 2, 1);
}

/* One row against its neighbour further in. */
static int64_t difference(const uint8_t *inner, const uint8_t *outer, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += inner[i] - outer[i];
    return sum;
}

/* Inside, every pixel is taken four times and given four times, so only the lines along the border
 * are left of the sum of the Laplacian. */
static int64_t laplace_sum(const pixels *p, const line_sums *sums)
{
    const size_t bytes = (size_t)p->width * p->channels;
    const uint8_t *last_row = p->at + (p->height - 1) * bytes;
    if (p->height == 1)
        return sums->borders;
    return sums->borders + difference(p->at + bytes, p->at, bytes) +
           difference(last_row - bytes, last_row, bytes);
}

double sharpness_of(const pixels *p, const line_sums *sums)
{
    const int64_t sum = laplace_sum(p, sums);
    const uint64_t n = (uint64_t)p->width * p->height * p->channels;
    return deviation(n, sums->laplace, (uint64_t)(sum < 0 ? -sum : sum)) / (8.0 * 255.0);
}
