/* Files of every kind, decoded and measured, against NumPy and OpenCV on Pillow's pixels:
 * tests/reference/make_image_golden.py made both. */
#include "image/decode.h"
#include "image/measure.h"
#include "support/check.h"

#include "base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FILE_BYTES and RANDOM are the caller's. */
enum {
    PATH_BYTES = 4096,
    LINE_BYTES = 4096,
    EXPECTED_MEASURES = MEASURE_FILE_BYTES,
    IMAGES_LEAST = 59
};

static const char *folder(void)
{
    const char *at = getenv("ASSAY_TEST_IMAGES");
    return at ? at : "tests/images";
}

/* The next field of a line; moves past it. */
static const char *field(char **line)
{
    char *const at = strsep(line, ",\n");
    assert_non_null(at);
    return at;
}

static void compare_hash(const char *name, const char *which, const char *expected, uint64_t found)
{
    char shown[17];
    snprintf(shown, sizeof shown, "%016" PRIx64, found);
    if (strcmp(expected, "-") != 0 && strcmp(expected, shown) != 0)
        fail_msg("%s: %s is %s; expected %s", name, which, shown, expected);
}

static void compare(const char *name, char *rest, const image_measures *found)
{
    const double tolerance = strtod(field(&rest), NULL);
    for (size_t m = 0; m < EXPECTED_MEASURES; m++) {
        const double expected = strtod(field(&rest), NULL);
        const double off = fabs(found->value[m] - expected);
        if (!(off <= tolerance * fmax(1e-3, fabs(expected))))
            fail_msg("%s: %s is %.17g; expected %.17g", name, image_measure_name((image_measure)m),
                     found->value[m], expected);
    }
    assert_true(isnan(found->value[MEASURE_FILE_BYTES]) && isnan(found->value[MEASURE_RANDOM]));
    compare_hash(name, "pixel_hash", field(&rest), found->pixel_hash);
    compare_hash(name, "perceptual_hash", field(&rest), found->perceptual_hash);
}

static void every_image_measures_as_expected(void **state)
{
    (void)state;
    image_decoder *d;
    image_meter *m;
    assert_int_equal(image_decoder_new(&d, NULL), ASSAY_OK);
    assert_int_equal(image_meter_new(&m, NULL), ASSAY_OK);
    char path[PATH_BYTES], line[LINE_BYTES];
    snprintf(path, sizeof path, "%s/expected.csv", folder());
    FILE *expected = fopen(path, "r");
    assert_non_null(expected);
    int count = 0;
    for (; fgets(line, sizeof line, expected); count++) {
        char *rest = line;
        const char *name = field(&rest);
        snprintf(path, sizeof path, "%s/%s", folder(), name);
        const uint8_t *at;
        size_t length;
        pixels p;
        image_measures found;
        assay_err err = {0};
        if (image_decoder_read(d, path, &at, &length, &err) != ASSAY_OK ||
            image_decode(d, at, length, &p, &err) != ASSAY_OK)
            fail_msg("%s %s", name, err.msg);
        assert_int_equal(image_measure_all(m, &p, &found, &err), ASSAY_OK);
        compare(name, rest, &found);
    }
    fclose(expected);
    assert_true(count >= IMAGES_LEAST);
    image_meter_free(m);
    image_decoder_free(d);
    image_thread_end();
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_image_measures_as_expected)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
