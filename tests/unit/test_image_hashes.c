/* Equal pictures hash alike, others do not; pictures that look alike differ in few bits. */
#include "image/measure.h"
#include "support/check.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 96, NEAR_BITS = 6, FAR_BITS = 16 };

static image_meter *meter;

static image_measures measure(const uint8_t *at, uint32_t width, uint32_t height, uint32_t channels)
{
    image_measures found;
    const pixels p = {at, width, height, channels};
    assert_int_equal(image_measure_all(meter, &p, &found, NULL), ASSAY_OK);
    return found;
}

static void shape_counts(void **state)
{
    (void)state;
    static const uint8_t black[200];
    const uint64_t wide = measure(black, 20, 10, 1).pixel_hash;
    assert_int_not_equal(wide, measure(black, 10, 20, 1).pixel_hash);
    assert_int_not_equal(wide, measure(black, 200, 1, 1).pixel_hash);
    assert_int_equal(wide, measure(black, 20, 10, 1).pixel_hash);
}

static void every_byte_counts_wherever_it_stands(void **state)
{
    (void)state;
    enum { WIDTH = 43, HEIGHT = 3, BYTES = 3 * WIDTH * HEIGHT };
    static uint8_t rgb[BYTES];
    static uint64_t seen[BYTES * 8 + 1];
    size_t count = 0;
    seen[count++] = measure(rgb, WIDTH, HEIGHT, 3).pixel_hash;
    for (size_t i = 0; i < BYTES; i++) {
        for (int bit = 0; bit < 8; bit++) {
            rgb[i] = (uint8_t)(1U << bit);
            const uint64_t hash = measure(rgb, WIDTH, HEIGHT, 3).pixel_hash;
            for (size_t k = 0; k < count; k++)
                assert_int_not_equal(hash, seen[k]);
            seen[count++] = hash;
        }
        rgb[i] = 0;
    }
}

/* Half of the bits of a good hash turn when one bit of the picture does. */
static void hashes_are_spread(void **state)
{
    (void)state;
    static uint8_t rgb[3 * 28 * 28];
    const uint64_t before = measure(rgb, 28, 28, 3).pixel_hash;
    int turned = 0;
    for (size_t i = 0; i < sizeof rgb; i++) {
        rgb[i] ^= 1;
        turned += __builtin_popcountll(before ^ measure(rgb, 28, 28, 3).pixel_hash);
        rgb[i] ^= 1;
    }
    const double mean = (double)turned / sizeof rgb;
    assert_true(mean > 30 && mean < 34);
}

/* A picture of a few discs, sampled at any size and changed a little. */
static void draw(uint8_t *grey, uint32_t side, uint64_t seed, double gain, double noise)
{
    rng r, n;
    rng_init(&r, seed, 0);
    rng_init(&n, seed, 1);
    double disc[12][4];
    for (size_t i = 0; i < 12; i++) {
        for (size_t k = 0; k < 4; k++)
            disc[i][k] = rng_unit(&r);
    }
    for (uint32_t y = 0; y < side; y++) {
        for (uint32_t x = 0; x < side; x++) {
            const double u = (x + 0.5) / side, v = (y + 0.5) / side;
            double value = 60 + 80 * u;
            for (size_t i = 0; i < 12; i++) {
                if (hypot(u - disc[i][0], v - disc[i][1]) < 0.05 + 0.2 * disc[i][2])
                    value = 230 * disc[i][3];
            }
            value = value * gain + noise * (rng_unit(&n) - 0.5);
            grey[y * side + x] = (uint8_t)fmax(0, fmin(255, value));
        }
    }
}

static int bits_apart(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

static void pictures_that_look_alike_differ_in_few_bits(void **state)
{
    (void)state;
    static uint8_t a[SIDE * SIDE], b[4 * SIDE * SIDE];
    uint64_t previous = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        draw(a, SIDE, seed, 1, 0);
        const uint64_t hash = measure(a, SIDE, SIDE, 1).perceptual_hash;
        draw(b, 2 * SIDE, seed, 1, 0);
        assert_true(bits_apart(hash, measure(b, 2 * SIDE, 2 * SIDE, 1).perceptual_hash) <=
                    NEAR_BITS);
        draw(b, SIDE, seed, 0.9, 12);
        assert_true(bits_apart(hash, measure(b, SIDE, SIDE, 1).perceptual_hash) <= NEAR_BITS);
        assert_true(seed == 1 || bits_apart(hash, previous) >= FAR_BITS);
        previous = hash;
    }
}

static void a_flat_picture_has_no_frequencies(void **state)
{
    (void)state;
    static uint8_t grey[77 * 50];
    for (int level = 0; level < 256; level++) {
        memset(grey, level, sizeof grey);
        assert_int_equal(measure(grey, 77, 50, 1).perceptual_hash, level >= 128);
        assert_int_equal(measure(grey, 3, 2, 1).perceptual_hash, level >= 128);
    }
}

static void tall_pictures_sum_up_without_overflow(void **state)
{
    (void)state;
    enum { WIDTH = 2, HEIGHT = 40000 };
    uint8_t *grey = malloc((size_t)WIDTH * HEIGHT);
    assert_non_null(grey);
    memset(grey, 255, (size_t)WIDTH * HEIGHT);
    assert_int_equal(measure(grey, WIDTH, HEIGHT, 1).perceptual_hash, 1);
    free(grey);
}

static void random_goes_with_the_path_alone(void **state)
{
    (void)state;
    double sum = 0;
    char path[] = "photos/cat_0000.jpg";
    for (int i = 0; i < 4000; i++) {
        for (int digit = 0, rest = i; digit < 4; digit++, rest /= 10)
            path[14 - digit] = (char)('0' + rest % 10);
        const double x = image_measure_random(path, strlen(path));
        assert_true(x >= 0 && x < 1);
        assert_true(x == image_measure_random(path, strlen(path)));
        sum += x;
    }
    assert_true(fabs(sum / 4000 - 0.5) < 0.02);
    assert_true(image_measure_random("", 0) != image_measure_random("\0", 1));
}

static int open_meter(void **state)
{
    (void)state;
    return image_meter_new(&meter, NULL) != ASSAY_OK;
}

static int close_meter(void **state)
{
    (void)state;
    image_meter_free(meter);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_counts),
        cmocka_unit_test(every_byte_counts_wherever_it_stands),
        cmocka_unit_test(hashes_are_spread),
        cmocka_unit_test(pictures_that_look_alike_differ_in_few_bits),
        cmocka_unit_test(a_flat_picture_has_no_frequencies),
        cmocka_unit_test(tall_pictures_sum_up_without_overflow),
        cmocka_unit_test(random_goes_with_the_path_alone),
    };
    return cmocka_run_group_tests(tests, open_meter, close_meter);
}
