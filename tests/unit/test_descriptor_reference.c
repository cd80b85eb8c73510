/* Features and descriptions against those of tests/reference/descriptor_plain.py, which
 * make_descriptor_golden.py wrote down. */
#include "embed/descriptor_parts.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 32, SHOWN = 6, DIMENSIONS = 8 };

typedef struct golden {
    float mean[PATCH_VALUES], white[PATCH_VALUES * PATCH_WHITE], atom[ATOMS * PATCH_WHITE];
    float feature_mean[FEATURES], weight[BLOCK_COUNT], projection[FEATURES * DIMENSIONS];
    float features[SHOWN][FEATURES], description[COUNT][DIMENSIONS];
} golden;

static golden expected;
static uint8_t image[COUNT][DESCRIPTOR_IMAGE_BYTES];
static const descriptor_images images = {image[0], NULL, COUNT};

/* Ten rectangles over each other; the script makes the same. */
static void make_image(uint64_t number, uint8_t *out)
{
    for (uint64_t i = 0; i < 10; i++) {
        const uint64_t bits = rng_mix(number * 10 + i + 1);
        const uint64_t top = bits % 32, left = (bits >> 8) % 32;
        const uint64_t bottom = top + (bits >> 16) % 16 + 1, right = left + (bits >> 24) % 16 + 1;
        for (uint64_t y = top; y < bottom && y < DESCRIPTOR_SIDE; y++) {
            for (uint64_t x = left; x < right && x < DESCRIPTOR_SIDE; x++) {
                for (uint64_t c = 0; c < 3; c++)
                    out[(y * DESCRIPTOR_SIDE + x) * 3 + c] = (uint8_t)(bits >> (32 + 8 * c));
            }
        }
    }
}

static int read_golden(void **state)
{
    (void)state;
    FILE *file = fopen(getenv("ASSAY_TEST_DESCRIPTOR"), "rb");
    if (!file)
        return 1;
    const size_t read = fread(&expected, sizeof expected, 1, file);
    fclose(file);
    for (size_t i = 0; i < COUNT; i++)
        make_image(i, image[i]);
    return read != 1;
}

static void take_patch_model(patch_model *m)
{
    memset(m, 0, sizeof *m);
    memcpy(m->mean, expected.mean, sizeof m->mean);
    memcpy(m->white, expected.white, sizeof m->white);
    memcpy(m->atom, expected.atom, sizeof m->atom);
}

static descriptor *load(void)
{
    static descriptor given = {.dimensions = DIMENSIONS, .projection = expected.projection};
    descriptor *d = NULL;
    take_patch_model(&given.patch);
    memcpy(given.mean, expected.feature_mean, sizeof given.mean);
    memcpy(given.weight, expected.weight, sizeof given.weight);
    assert_int_equal(descriptor_load(&given, &d, NULL), ASSAY_OK);
    return d;
}

static void expect_near(const char *what, const float *a, const float *b, size_t n, double most)
{
    for (size_t i = 0; i < n; i++) {
        if (!(fabs((double)a[i] - (double)b[i]) <= most))
            fail_msg("%s %zu: %.9g, not %.9g", what, i, (double)a[i], (double)b[i]);
    }
}

static void features_are_the_references(void **state)
{
    (void)state;
    ASSAY_AUTO(descriptor) d = load();
    static float features[FEATURES];
    for (size_t i = 0; i < SHOWN; i++) {
        assert_int_equal(descriptor_features(d, image[i], features, NULL), ASSAY_OK);
        const float *plain = expected.features[i];
        enum { COLOUR = PATCH_FEATURES + GRADIENT_FEATURES };
        /* A root has no slope at zero: what is nearly nothing is compared loosely. */
        for (size_t v = 0; v < PATCH_FEATURES; v++) {
            const double a = (double)features[v], b = (double)plain[v];
            assert_true(fabs(a * a - b * b) < 1e-4);
        }
        expect_near("gradient", features + PATCH_FEATURES, plain + PATCH_FEATURES,
                    GRADIENT_FEATURES, 2e-4);
        expect_near("colour", features + COLOUR, plain + COLOUR, COLOUR_FEATURES, 1e-4);
    }
}

static void descriptions_are_the_references(void **state)
{
    (void)state;
    ASSAY_AUTO(descriptor) d = load();
    static float out[COUNT][DIMENSIONS];
    assert_int_equal(descriptor_dimensions(d), DIMENSIONS);
    assert_int_equal(descriptor_describe(d, &images, &(descriptor_options){0}, out[0], NULL),
                     ASSAY_OK);
    expect_near("description", out[0], expected.description[0], COUNT * DIMENSIONS, 2e-4);
}

/* Directions may be rotated among nearly equal ones; angles between images may not. */
static void what_is_learned_on_the_references_dictionary_gives_the_same_angles(void **state)
{
    (void)state;
    static patch_model m;
    static float out[COUNT][DIMENSIONS];
    uint32_t all[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        all[i] = i;
    take_patch_model(&m);
    patch_model_finish(&m);
    ASSAY_AUTO(descriptor) d = NULL;
    const descriptor_options o = {.seed = 5, .thread_count = 2};
    assert_int_equal(descriptor_fit_rest(&(chosen_images){&images, all, COUNT}, &m, &o, &d, NULL),
                     ASSAY_OK);
    assert_int_equal(descriptor_dimensions(d), DIMENSIONS);
    assert_int_equal(descriptor_describe(d, &images, &o, out[0], NULL), ASSAY_OK);
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            double a = 0.0, b = 0.0;
            for (size_t v = 0; v < DIMENSIONS; v++) {
                a += (double)out[i][v] * (double)out[j][v];
                b += (double)expected.description[i][v] * (double)expected.description[j][v];
            }
            assert_true(fabs(a - b) < 1e-3);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_the_references),
        cmocka_unit_test(descriptions_are_the_references),
        cmocka_unit_test(what_is_learned_on_the_references_dictionary_gives_the_same_angles),
    };
    return cmocka_run_group_tests(tests, read_golden, NULL);
}
