/* Box averages to a size of one's own, row by row. Lengths are counted in parts of a pixel, as many
 * to a pixel as there are boxes, so that every edge is a whole number. */
#include "image/shrink.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

void image_fit(uint32_t side, uint32_t *width, uint32_t *height)
{
    const uint64_t w = *width, h = *height, longest = w > h ? w : h;
    if (longest <= side)
        return;
    const uint64_t fit_w = (2 * w * side + longest) / (2 * longest);
    const uint64_t fit_h = (2 * h * side + longest) / (2 * longest);
    *width = fit_w > 0 ? (uint32_t)fit_w : 1;
    *height = fit_h > 0 ? (uint32_t)fit_h : 1;
}

/* The part of pixel `at`, cut into `parts`, that lies in [from, to). */
static uint32_t part_inside(uint64_t at, uint64_t parts, uint64_t from, uint64_t to)
{
    const uint64_t begin = at * parts > from ? at * parts : from;
    const uint64_t end = (at + 1) * parts < to ? (at + 1) * parts : to;
    return (uint32_t)(end - begin);
}

static void add_weighed(const uint8_t *restrict row, size_t n, uint32_t weight,
                        uint32_t *restrict sum)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += weight * row[i];
}

/* The rows of the image that box `y` of `height` covers, added up. */
static void add_rows(const pixels *p, uint32_t y, uint32_t height, uint32_t *sum)
{
    const size_t stride = (size_t)p->width * p->channels;
    const uint64_t from = (uint64_t)y * p->height, to = from + p->height;
    memset(sum, 0, stride * sizeof *sum);
    for (uint64_t at = from / height; at * height < to; at++)
        add_weighed(p->at + at * stride, stride, part_inside(at, height, from, to), sum);
}

/* One row of boxes, of rows that were added up. */
static void average_row(const pixels *p, const uint32_t *sum, uint32_t width, uint8_t *to)
{
    const uint64_t area = (uint64_t)p->width * p->height;
    for (uint32_t x = 0; x < width; x++) {
        const uint64_t from = (uint64_t)x * p->width, end = from + p->width;
        uint64_t total[3] = {0};
        for (uint64_t at = from / width; at * width < end; at++) {
            const uint64_t part = part_inside(at, width, from, end);
            for (uint32_t c = 0; c < p->channels; c++)
                total[c] += part * sum[at * p->channels + c];
        }
        for (uint32_t c = 0; c < p->channels; c++)
            *to++ = (uint8_t)((2 * total[c] + area) / (2 * area));
    }
}

assay_code image_shrink(const pixels *p, uint32_t width, uint32_t height, uint8_t *to,
                        assay_err *err)
{
    assert(width >= 1 && width <= p->width && height >= 1 && height <= p->height);
    assert(p->channels == 1 || p->channels == 3);
    const size_t stride = (size_t)p->width * p->channels;
    ASSAY_AUTO_MEM uint32_t *sum = mem_alloc(stride, sizeof *sum);
    if (!sum)
        return assay_fail(err, ASSAY_E_NOMEM, "needs %zu bytes of memory, which there are not",
                          stride * sizeof *sum);
    for (uint32_t y = 0; y < height; y++) {
        add_rows(p, y, height, sum);
        average_row(p, sum, width, to + (size_t)y * width * p->channels);
    }
    return ASSAY_OK;
}
