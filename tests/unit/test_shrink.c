/* Smaller images: against averages in floating point, and through the files that are sent. */
#include "image/shrink.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "image/decode.h"
#include "image/encode_image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 120, SIDE_BYTES = SIDE * SIDE * 3 };

static double overlap(double from, double to, double pixel)
{
    const double low = fmax(from, pixel), high = fmin(to, pixel + 1);
    return high > low ? high - low : 0.0;
}

static double average(const pixels *p, const uint32_t size[2], uint32_t x, uint32_t y, uint32_t c)
{
    const double wide = (double)p->width / size[0], high = (double)p->height / size[1];
    double sum = 0.0;
    for (uint32_t v = 0; v < p->height; v++) {
        for (uint32_t u = 0; u < p->width; u++)
            sum += overlap(y * high, (y + 1) * high, v) * overlap(x * wide, (x + 1) * wide, u) *
                   p->at[((size_t)v * p->width + u) * p->channels + c];
    }
    return sum / (high * wide);
}

static void expect(const pixels *p, uint32_t width, uint32_t height)
{
    static uint8_t out[SIDE_BYTES];
    const uint32_t size[2] = {width, height};
    assert_int_equal(image_shrink(p, width, height, out, NULL), ASSAY_OK);
    for (uint32_t i = 0; i < width * height * p->channels; i++) {
        const uint32_t at = i / p->channels;
        const double value = average(p, size, at % width, at / width, i % p->channels) + 0.5;
        /* Where floating point cannot tell a half, either side may be right. */
        if (fabs(value - round(value)) > 1e-6)
            assert_int_equal(out[i], (int)floor(value));
    }
}

static void boxes_of_every_shape_are_averaged(void **state)
{
    (void)state;
    static uint8_t at[SIDE_BYTES];
    static const uint32_t shape[][5] = {
        {1, 1, 1, 1, 1},   {7, 5, 3, 7, 5},     {9, 4, 3, 3, 2},     {100, 3, 1, 33, 1},
        {3, 100, 3, 1, 9}, {64, 64, 3, 32, 32}, {65, 63, 1, 64, 62}, {120, 90, 3, 64, 48}};
    rng r;
    rng_init(&r, 4, 0);
    for (size_t i = 0; i < sizeof at; i++)
        at[i] = (uint8_t)rng_next(&r);
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        const pixels p = {at, shape[i][0], shape[i][1], shape[i][2]};
        expect(&p, shape[i][3], shape[i][4]);
    }
}

static void the_longest_side_fits(void **state)
{
    (void)state;
    static const uint32_t cases[][5] = {{64, 28, 28, 28, 28},      {64, 64, 10, 64, 10},
                                        {64, 128, 10, 64, 5},      {128, 1280, 960, 128, 96},
                                        {256, 333, 1000, 85, 256}, {64, 65535, 1, 64, 1},
                                        {64, 1, 65535, 1, 64},     {64, 65535, 65535, 64, 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t width = cases[i][1], height = cases[i][2];
        image_fit(cases[i][0], &width, &height);
        assert_int_equal(width, cases[i][3]);
        assert_int_equal(height, cases[i][4]);
    }
}

/* A slope, which every way of making it smaller leaves a slope. */
static void make_slope(uint8_t *at, uint32_t channels)
{
    for (uint32_t y = 0; y < SIDE; y++) {
        for (uint32_t i = 0; i < SIDE * channels; i++)
            at[(size_t)y * SIDE * channels + i] = (uint8_t)(y + i / channels);
    }
}

static void png_keeps_every_value_and_jpeg_nearly(void **state)
{
    (void)state;
    static uint8_t at[SIDE_BYTES];
    image_decoder *d;
    assert_int_equal(image_decoder_new(&d, NULL), ASSAY_OK);
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        make_slope(at, channels);
        const pixels p = {at, SIDE, SIDE, channels};
        text file;
        pixels back;
        text_init(&file, 1 << 20);
        assert_int_equal(image_encode_png(&p, &file, NULL), ASSAY_OK);
        assert_int_equal(image_decode(d, (const uint8_t *)file.at, file.length, &back, NULL),
                         ASSAY_OK);
        assert_int_equal(back.channels, channels);
        assert_memory_equal(back.at, at, (size_t)SIDE * SIDE * channels);
        text_clear(&file);
        text_init(&file, 1 << 20);
        assert_int_equal(image_encode_jpeg(&p, 90, &file, NULL), ASSAY_OK);
        assert_int_equal(image_decode(d, (const uint8_t *)file.at, file.length, &back, NULL),
                         ASSAY_OK);
        assert_int_equal(back.channels, channels);
        for (size_t i = 0; i < (size_t)SIDE * SIDE * channels; i++)
            assert_true(abs(back.at[i] - at[i]) <= 4);
        text_clear(&file);
    }
    image_decoder_free(d);
}

static void jpeg_is_decoded_at_a_fraction_and_made_smaller(void **state)
{
    (void)state;
    static uint8_t at[SIDE_BYTES], exact[SIDE_BYTES];
    static const uint32_t sides[] = {SIDE + 1, SIDE, 64, 60, 59, 15, 8, 1};
    make_slope(at, 3);
    const pixels p = {at, SIDE, SIDE, 3};
    text file;
    image_decoder *d;
    text_init(&file, 1 << 20);
    assert_int_equal(image_encode_jpeg(&p, 95, &file, NULL), ASSAY_OK);
    assert_int_equal(image_decoder_new(&d, NULL), ASSAY_OK);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        const uint32_t side = sides[i] < SIDE ? sides[i] : SIDE;
        pixels back;
        assert_int_equal(
            image_decode_small(d, (const uint8_t *)file.at, file.length, sides[i], &back, NULL),
            ASSAY_OK);
        assert_int_equal(back.width, side);
        assert_int_equal(back.height, side);
        assert_int_equal(image_shrink(&p, side, side, exact, NULL), ASSAY_OK);
        for (size_t k = 0; k < (size_t)side * side * 3; k++)
            assert_true(abs(back.at[k] - exact[k]) <= 8);
    }
    assert_int_equal(image_make_small(d, &p, 30, &(pixels){0}, NULL), ASSAY_OK);
    image_decoder_free(d);
    text_clear(&file);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    static uint8_t at[SIDE_BYTES];
    const pixels p = {at, SIDE, SIDE, 3};
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        image_decoder *d = NULL;
        pixels back;
        text file;
        text_init(&file, 1 << 20);
        mem_fail_after(n);
        assay_code code = image_encode_jpeg(&p, 90, &file, NULL);
        if (code == ASSAY_OK)
            code = image_decoder_new(&d, NULL);
        if (code == ASSAY_OK)
            code = image_decode_small(d, (const uint8_t *)file.at, file.length, 20, &back, NULL);
        file.length = 0;
        if (code == ASSAY_OK)
            code = image_encode_png(&back, &file, NULL);
        mem_fail_after(UINT64_MAX);
        image_decoder_free(d);
        text_clear(&file);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_of_every_shape_are_averaged),
        cmocka_unit_test(the_longest_side_fits),
        cmocka_unit_test(png_keeps_every_value_and_jpeg_nearly),
        cmocka_unit_test(jpeg_is_decoded_at_a_fraction_and_made_smaller),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
