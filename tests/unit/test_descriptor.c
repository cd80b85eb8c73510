/* The descriptor as a whole: few, equal and missing images, mirror images, threads. */
#include "embed/descriptor.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { COUNT = 150, DIMENSIONS_MOST = 256 };

static uint8_t image[COUNT][DESCRIPTOR_IMAGE_BYTES];
static float one[COUNT * DIMENSIONS_MOST], more[COUNT * DIMENSIONS_MOST];

/* Coloured slopes with a little noise. */
static void make_images(void)
{
    rng r;
    rng_init(&r, 41, 0);
    for (size_t i = 0; i < COUNT; i++) {
        const double dx = rng_normal(&r) * 4, dy = rng_normal(&r) * 4;
        for (size_t k = 0; k < DESCRIPTOR_IMAGE_BYTES; k++) {
            const size_t pixel = k / 3, row = pixel / 32;
            const double x = (double)(pixel % 32) - 16, y = (double)row - 16;
            const double value = 128 + dx * x + dy * y * (double)(k % 3) + 8 * rng_normal(&r);
            image[i][k] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
}

static size_t describe(const descriptor_images *images, int threads, float *out)
{
    ASSAY_AUTO(descriptor) d = NULL;
    const descriptor_options o = {.seed = 7, .thread_count = threads};
    assay_err err = {0};
    if (descriptor_fit(images, &o, &d, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(descriptor_describe(d, images, &o, out, NULL), ASSAY_OK);
    return descriptor_dimensions(d);
}

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    make_images();
    const descriptor_images images = {image[0], NULL, COUNT};
    const size_t d = describe(&images, 1, one);
    assert_int_equal(d, COUNT / 4);
    for (int threads = 2; threads <= 7; threads += 5) {
        assert_int_equal(describe(&images, threads, more), d);
        assert_memory_equal(one, more, COUNT * d * sizeof *one);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_true(fabs(dot(one + i * d, one + i * d, d) - 1.0) < 1e-6);
}

static void few_images_have_descriptions_of_length_one(void **state)
{
    (void)state;
    make_images();
    for (size_t n = 1; n <= 20; n += n < 4 ? 1 : 8) {
        const descriptor_images images = {image[0], NULL, n};
        const size_t d = describe(&images, 2, one);
        assert_int_equal(d, n / 4 > 2 ? n / 4 : 2);
        for (size_t i = 0; i < n; i++)
            assert_true(fabs(dot(one + i * d, one + i * d, d) - 1.0) < 1e-6);
    }
}

static void equal_images_are_described_equally(void **state)
{
    (void)state;
    static const int grey[] = {-1, 0, 255, 77};
    make_images();
    for (size_t g = 0; g < 4; g++) {
        for (size_t i = 0; i < 9; i++) {
            if (grey[g] < 0)
                memcpy(image[i], image[0], sizeof image[0]);
            else
                memset(image[i], grey[g], sizeof image[0]);
        }
        const descriptor_images images = {image[0], NULL, 9};
        const size_t d = describe(&images, 2, one);
        for (size_t i = 0; i < 9; i++)
            assert_true(fabs(dot(one, one + i * d, d) - 1.0) < 1e-6);
    }
}

static void mirror_images_are_described_alike(void **state)
{
    (void)state;
    make_images();
    for (size_t k = 0; k < DESCRIPTOR_IMAGE_BYTES; k++)
        image[1][k] = image[0][(k / 96 * 32 + 31 - k / 3 % 32) * 3 + k % 3];
    const descriptor_images images = {image[0], NULL, COUNT};
    const size_t d = describe(&images, 2, one);
    assert_true(dot(one, one + d, d) > 0.9999);
    assert_true(dot(one, one + 2 * d, d) < 0.9);
}

static void a_missing_image_has_no_description_and_changes_no_other(void **state)
{
    (void)state;
    make_images();
    uint8_t has[COUNT];
    memset(has, 1, sizeof has);
    has[0] = has[70] = has[COUNT - 1] = 0;
    const descriptor_images images = {image[0], has, COUNT};
    const size_t d = describe(&images, 2, one);
    /* What lies in its place is not looked at. */
    memset(image[70], 99, sizeof image[70]);
    assert_int_equal(describe(&images, 1, more), d);
    for (size_t i = 0; i < COUNT; i++) {
        if (has[i])
            assert_memory_equal(one + i * d, more + i * d, d * sizeof *one);
        for (size_t v = 0; v < d; v++)
            assert_int_equal(isfinite(one[i * d + v]), has[i]);
    }
}

static void learning_without_an_image_is_refused(void **state)
{
    (void)state;
    const uint8_t has[2] = {0, 0};
    const struct {
        const char *name;
        descriptor_images images;
        const char *message;
    } rows[] = {
        {"none", {image[0], NULL, 0}, "there is no image to learn from (of 0 samples)"},
        {"all missing", {image[0], has, 2}, "there is no image to learn from (of 2 samples)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        descriptor *d = NULL;
        assay_err err;
        assert_int_equal(descriptor_fit(&rows[i].images, &(descriptor_options){0}, &d, &err),
                         ASSAY_E_INPUT);
        assert_string_equal(err.msg, rows[i].message);
        assert_null(d);
    }
}

static atomic_bool stop;

static void stop_at_describing(void *context, const char *what, uint64_t done, uint64_t total)
{
    (void)context;
    assert_true(done <= total);
    if (!strcmp(what, "describing"))
        stop = true;
}

static void it_may_be_interrupted(void **state)
{
    (void)state;
    make_images();
    const descriptor_images images = {image[0], NULL, COUNT};
    progress p = {.stop = &stop};
    const descriptor_options o = {.thread_count = 2, .progress = &p};
    descriptor *d = NULL;
    assay_err err;
    stop = true;
    assert_int_equal(descriptor_fit(&images, &o, &d, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "clustering was interrupted");
    stop = false;
    p.show = stop_at_describing;
    assert_int_equal(descriptor_fit(&images, &(descriptor_options){.progress = &p}, &d, &err),
                     ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "learning to describe images was interrupted");
    assert_null(d);
    assert_int_equal(descriptor_fit(&images, &(descriptor_options){0}, &d, &err), ASSAY_OK);
    assert_int_equal(descriptor_describe(d, &images, &o, one, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "describing images was interrupted");
    descriptor_free(d);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    make_images();
    const descriptor_images images = {image[0], NULL, 3};
    const descriptor_options o = {0};
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        descriptor *d = NULL;
        mem_fail_after(n);
        code = descriptor_fit(&images, &o, &d, NULL);
        if (code == ASSAY_OK)
            code = descriptor_describe(d, &images, &o, one, NULL);
        mem_fail_after(UINT64_MAX);
        descriptor_free(d);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
        cmocka_unit_test(few_images_have_descriptions_of_length_one),
        cmocka_unit_test(equal_images_are_described_equally),
        cmocka_unit_test(mirror_images_are_described_alike),
        cmocka_unit_test(a_missing_image_has_no_description_and_changes_no_other),
        cmocka_unit_test(learning_without_an_image_is_refused),
        cmocka_unit_test(it_may_be_interrupted),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
