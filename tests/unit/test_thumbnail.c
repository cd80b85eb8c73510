/* Small pictures against averages of boxes in floating point. */
#include "image/thumbnail.h"
#include "support/check.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double overlap(double from, double to, double pixel)
{
    const double low = from > pixel ? from : pixel, high = to < pixel + 1 ? to : pixel + 1;
    return high > low ? high - low : 0.0;
}

static double average(const pixels *p, uint32_t side, uint32_t row, uint32_t column, uint32_t c)
{
    const double high = (double)p->height / side, wide = (double)p->width / side;
    double sum = 0.0;
    for (uint32_t y = 0; y < p->height; y++) {
        const double v = overlap(row * high, (row + 1) * high, y);
        if (!(v > 0.0))
            continue;
        for (uint32_t x = 0; x < p->width; x++) {
            const double h = overlap(column * wide, (column + 1) * wide, x);
            sum += v * h * p->at[((size_t)y * p->width + x) * p->channels + c % p->channels];
        }
    }
    return sum / (high * wide);
}

static void expect(uint32_t width, uint32_t height, uint32_t channels, uint32_t side, rng *r)
{
    const size_t n = (size_t)width * height * channels;
    uint8_t *at = malloc(n), *out = malloc((size_t)side * side * 3);
    assert_true(at && out);
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)rng_next(r);
    const pixels p = {at, width, height, channels};
    image_thumbnail(&p, side, out);
    for (uint32_t i = 0; i < side * side; i++) {
        for (uint32_t c = 0; c < 3; c++) {
            const double value = average(&p, side, i / side, i % side, c) + 0.5;
            /* Where floating point cannot tell a half, either side may be right. */
            if (fabs(value - round(value)) > 1e-6)
                assert_int_equal(out[i * 3 + c], (int)floor(value));
        }
    }
    free(at);
    free(out);
}

static void boxes_of_every_shape_are_averaged(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 3, 0);
    static const uint32_t shape[][4] = {
        {32, 32, 3, 32}, {28, 28, 1, 32},   {1, 1, 1, 32},   {1, 1, 3, 64},   {33, 31, 3, 32},
        {64, 96, 3, 32}, {100, 7, 3, 32},   {7, 100, 1, 16}, {1025, 9, 3, 5}, {3073, 3, 1, 32},
        {2, 700, 3, 1},  {2049, 70, 3, 64}, {5, 5, 3, 1},    {95, 64, 1, 9}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        expect(shape[i][0], shape[i][1], shape[i][2], shape[i][3], &r);
}

static void halves_are_rounded_up(void **state)
{
    (void)state;
    const uint8_t at[] = {0, 1};
    uint8_t out[3];
    image_thumbnail(&(pixels){at, 2, 1, 1}, 1, out);
    assert_memory_equal(out, ((uint8_t[]){1, 1, 1}), 3);
}

static void the_longest_white_images_do_not_overflow(void **state)
{
    (void)state;
    enum { LONG = 65535 };
    uint8_t *at = malloc(3 * (size_t)LONG), out[32 * 32 * 3], white[32 * 32 * 3];
    assert_non_null(at);
    memset(at, 255, 3 * (size_t)LONG);
    memset(white, 255, sizeof white);
    image_thumbnail(&(pixels){at, LONG, 1, 3}, 32, out);
    assert_memory_equal(out, white, sizeof white);
    image_thumbnail(&(pixels){at, 1, LONG, 3}, 32, out);
    assert_memory_equal(out, white, sizeof white);
    image_thumbnail(&(pixels){at, 1, LONG, 1}, 1, out);
    assert_memory_equal(out, white, 3);
    free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_of_every_shape_are_averaged),
        cmocka_unit_test(halves_are_rounded_up),
        cmocka_unit_test(the_longest_white_images_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
