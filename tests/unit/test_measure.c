/* Measures against slow, obvious ones; every variant of the inner loops against the plain one. */
#include "image/kernels.h"
#include "image/measure_parts.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_MOST = 700, SPARE = 64 };

static void fill(uint8_t *at, size_t n, rng *r)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)rng_next(r);
}

/* ---- variants */

typedef struct rows {
    uint8_t rgb[3 * (ROW_MOST + SPARE)];
    uint8_t up[3 * (ROW_MOST + SPARE)], down[3 * (ROW_MOST + SPARE)];
} rows;

enum { PICKS = 4 };

typedef struct answers {
    uint8_t plane[4][ROW_MOST + SPARE], kept[3][2 * ROW_MOST + SPARE];
    uint32_t keys[ROW_MOST];
    uint32_t picked[PICKS][ROW_MOST + PICK_SPARE];
    size_t picked_count[PICKS];
    uint16_t columns[ROW_MOST];
    line_sums lines;
    uint64_t laplace;
    survey survey;
} answers;

/* Out of the keys to another place, the last time in place; what lies behind is anything. */
static void answer_picks(const pixel_kernels *k, size_t n, answers *out)
{
    static const uint32_t range[PICKS][2] = {
        {0, UINT32_MAX}, {20000000, 39999999}, {30000000, UINT32_MAX}, {7, 7}};
    for (size_t i = 0; i < PICKS; i++) {
        uint32_t *to = out->picked[i];
        const uint32_t *from = out->keys;
        if (i == 2 && n > 0) {
            memcpy(to, from, n * sizeof *to);
            from = to;
        }
        const size_t count = k->pick(from, n, range[i][0], range[i][1], to);
        memset(to + count, 0, (ROW_MOST + PICK_SPARE - count) * sizeof *to);
        out->picked_count[i] = count;
    }
}

static void answer(const pixel_kernels *k, const rows *in, size_t n, size_t offset, answers *out)
{
    memset(out, 0, sizeof *out);
    const uint8_t *rgb = in->rgb + 3 + offset;
    k->split(rgb, n, out->plane[0], out->plane[1], out->plane[2]);
    const planes p = {out->plane[0], out->plane[1], out->plane[2], n};
    if (n > 0)
        k->line(&(lines){in->up + offset, rgb, in->down + offset, rgb, 3 * n, 3}, &out->lines);
    out->laplace = k->laplace(in->up + offset, rgb, in->down + offset, 3 * n, offset % 2 ? 1 : 3);
    out->survey.grey = out->plane[3];
    out->survey.light = (light_sieve){.from = {9000, 40000},
                                      .to = {15000, LIGHT_ESTIMATE_MOST},
                                      .calm_above = 128,
                                      .calm_below = 202};
    for (size_t c = 0; c < 3; c++)
        out->survey.light.kept[c] = out->kept[c];
    k->survey(&p, &out->survey);
    k->keys(&p, out->keys);
    answer_picks(k, n, out);
    for (int i = 0; i < 2; i++)
        k->columns(rgb, n, out->columns);
}

static void compare_greys(const grey_counts *a, const grey_counts *b)
{
    for (size_t level = 0; level < GREY_LEVELS; level++) {
        uint32_t sums[2] = {0, 0};
        for (size_t t = 0; t < GREY_TABLES; t++) {
            sums[0] += a->of[t][level];
            sums[1] += b->of[t][level];
        }
        assert_int_equal(sums[0], sums[1]);
    }
}

static void compare(const char *name, const answers *a, const answers *b, size_t n)
{
    for (size_t c = 0; c < 4; c++) {
        if (memcmp(a->plane[c], b->plane[c], n) != 0)
            fail_msg("%s: plane %zu of %zu pixels differs", name, c, n);
    }
    const light_sieve *one = &a->survey.light, *other = &b->survey.light;
    assert_int_equal(one->count, other->count);
    for (size_t c = 0; c < 3; c++)
        assert_memory_equal(a->kept[c], b->kept[c], other->count);
    assert_memory_equal(one->below, other->below, sizeof one->below);
    compare_greys(&a->survey.greys, &b->survey.greys);
    assert_memory_equal(a->keys, b->keys, sizeof a->keys);
    assert_memory_equal(a->picked, b->picked, sizeof a->picked);
    assert_memory_equal(a->picked_count, b->picked_count, sizeof a->picked_count);
    assert_memory_equal(a->columns, b->columns, sizeof a->columns);
    assert_memory_equal(&a->lines, &b->lines, sizeof a->lines);
    assert_memory_equal(&a->survey.colours, &b->survey.colours, sizeof a->survey.colours);
    assert_int_equal(a->laplace, b->laplace);
}

static void a_range_is_picked_in_order(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {5, 9, 10, 4, 0, UINT32_MAX, 10, 7};
    for (size_t v = 0; kernels_at(v); v++) {
        uint32_t out[8 + PICK_SPARE];
        assert_int_equal(kernels_at(v)->pick(numbers, 8, 5, 10, out), 5);
        assert_memory_equal(out, ((const uint32_t[]){0, 4, 5, 5, 2}), 5 * sizeof *out);
        assert_int_equal(kernels_at(v)->pick(numbers, 8, 11, UINT32_MAX, out), 1);
        assert_int_equal(out[0], UINT32_MAX - 11);
        assert_int_equal(kernels_at(v)->pick(numbers, 0, 0, UINT32_MAX, out), 0);
    }
}

static void every_variant_agrees_with_the_plain_one(void **state)
{
    (void)state;
    static rows in;
    static answers plain, other;
    rng r;
    rng_init(&r, 7, 0);
    size_t variants = 0;
    for (const pixel_kernels *k; (k = kernels_at(variants)) != NULL; variants++) {
        print_message("# variant: %s\n", k->name);
        for (size_t n = 0; n < ROW_MOST; n += n < 200 ? 1 : 37) {
            fill(in.rgb, sizeof in.rgb, &r);
            fill(in.up, sizeof in.up, &r);
            fill(in.down, sizeof in.down, &r);
            /* Extremes overflow where something can: rows of black and of white. */
            if (n % 5 == 1)
                memset(in.rgb, 0xFF, sizeof in.rgb);
            if (n % 5 == 2)
                memset(in.up, 0, sizeof in.up), memset(in.down, 0, sizeof in.down);
            /* Neither dark nor light, up to one vector. */
            for (size_t i = 0; n % 5 == 3 && i < 3 * n; i++)
                in.rgb[i] = i / 192 == 2 ? in.rgb[i] : (uint8_t)(140 + in.rgb[i] % 62);
            answer(&kernels_plain, &in, n, n % 7, &plain);
            answer(k, &in, n, n % 7, &other);
            compare(k->name, &other, &plain, n);
        }
    }
    assert_true(variants >= 1);
}

/* Every colour that a sieve takes for certain lies between its windows. */
static size_t count_certain(const light_sieve *s)
{
    size_t certain = 0;
    for (uint32_t colour = 0; colour < 1U << 24; colour++) {
        const uint32_t r = colour >> 16, g = colour >> 8 & 255, b = colour & 255;
        const uint32_t grey = (299 * r + 587 * g + 114 * b + 500) / 1000;
        if (grey <= s->calm_above || r >= s->calm_below || g >= s->calm_below || b >= s->calm_below)
            continue;
        const uint32_t estimate = light_estimate(r, g, b);
        if (estimate <= s->to[0] || estimate >= s->from[1])
            fail_msg("%u %u %u: %u is not between %u and %u", r, g, b, estimate, s->to[0],
                     s->from[1]);
        certain++;
    }
    return certain;
}

static void what_is_certain_by_grey_and_channels_is_between_the_windows(void **state)
{
    (void)state;
    static const struct {
        uint8_t from, span; /* of every channel */
        bool any;           /* whether anything can be certain */
    } images[] = {{0, 255, true}, {40, 160, true}, {0, 1, false}, {0, 90, true}, {254, 1, false}};
    enum { SIDE = 200 };
    static uint8_t rgb[3 * SIDE * SIDE];
    rng r;
    rng_init(&r, 11, 0);
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        for (size_t k = 0; k < sizeof rgb; k++)
            rgb[k] = (uint8_t)(images[i].from + rng_below(&r, images[i].span + 1U));
        light_meter m = {.kernels = kernels_at(0)};
        light_sieve s;
        assert_int_equal(light_begin(&m, &(pixels){rgb, SIDE, SIDE, 3}, &s, NULL), ASSAY_OK);
        assert_int_equal(count_certain(&s) > 0, images[i].any);
        light_meter_clear(&m);
    }
}

static void the_longest_rows_do_not_overflow(void **state)
{
    (void)state;
    enum { SIDE = 65535, BYTES = 3 * SIDE };
    uint8_t *row = malloc(BYTES + 6), *dark = calloc(BYTES + 6, 1);
    assert_true(row && dark);
    for (size_t i = 0; i < BYTES + 6; i++)
        row[i] = i / 3 % 2 ? 255 : 0; /* black and white columns: the largest Laplacian */
    const pixel_kernels *k;
    for (size_t v = 0; (k = kernels_at(v)) != NULL; v++) {
        line_sums sums = {0}, plain = {0};
        memset(dark, 255, BYTES + 6);
        k->line(&(lines){row, dark, row, dark, BYTES, 3}, &sums);
        assert_int_equal(sums.bytes.sum, 255ULL * BYTES);
        assert_int_equal(sums.bytes.squares, 65025ULL * BYTES);
        memset(dark, 0, BYTES + 6);
        sums = (line_sums){0};
        k->line(&(lines){dark, row, dark, row, BYTES, 3}, &sums);
        kernels_plain.line(&(lines){dark, row, dark, row, BYTES, 3}, &plain);
        assert_memory_equal(&sums, &plain, sizeof sums);
        assert_int_equal(k->laplace(dark, row + 3, dark, BYTES, 3),
                         kernels_plain.laplace(dark, row + 3, dark, BYTES, 3));
    }
    free(row);
    free(dark);
}

/* ---- colours: the definition is OpenCV's, whose tables of rounded reciprocals are remade here;
 * tests/reference/make_image_golden.py --prove holds them against OpenCV itself */

typedef struct hsv {
    int h, s, v;
} hsv;

static hsv hsv_of(int r, int g, int b)
{
    const int v = r > g ? (r > b ? r : b) : (g > b ? g : b);
    const int low = r < g ? (r < b ? r : b) : (g < b ? g : b), d = v - low;
    const int by_v = v ? (int)lrint((255 << 12) / (double)v) : 0;
    const int by_d = d ? (int)lrint((180 << 12) / (6.0 * d)) : 0;
    int h = v == r ? g - b : v == g ? b - r + 2 * d : r - g + 4 * d;
    h = (h * by_d + (1 << 11)) >> 12;
    return (hsv){h < 0 ? h + 180 : h, (d * by_v + (1 << 11)) >> 12, v};
}

/* 256 pixels, of which none is kept. */
static survey survey_of(const pixel_kernels *k, const planes *p)
{
    static uint8_t grey[256], kept[256 + LIGHT_SPARE];
    survey s = {.grey = grey, .light = {.from = {1, 1}, .kept = {kept, kept, kept}}};
    k->survey(p, &s);
    return s;
}

static void every_colour_is_counted_as_its_hue_and_saturation_say(void **state)
{
    (void)state;
    const pixel_kernels *k;
    static uint8_t r[256], g[256], b[256];
    for (size_t v = 0; (k = kernels_at(v)) != NULL; v++) {
        /* The slow definition once is enough. */
        const int step = v == 0 ? 1 : 5;
        for (int first = 0; first < 256; first += step) {
            for (int second = 0; second < 256; second++) {
                colour_counts expected = {0};
                for (int third = 0; third < 256; third++) {
                    r[third] = (uint8_t)first;
                    g[third] = (uint8_t)second;
                    b[third] = (uint8_t)third;
                    const hsv c = hsv_of(first, second, third);
                    const bool strong = c.s >= 50 && c.v >= 40;
                    expected.red += strong && (c.h <= 10 || c.h >= 170);
                    expected.green += strong && c.h >= 35 && c.h <= 75;
                    expected.blue += strong && c.h >= 90 && c.h <= 130;
                }
                colour_counts found = survey_of(k, &(planes){r, g, b, 256}).colours;
                found.coloured = 0;
                if (memcmp(&expected, &found, sizeof found) != 0)
                    fail_msg("%s: colours (%d, %d, 0..255)", k->name, first, second);
            }
        }
    }
}

static void every_grey_is_rounded_half_up(void **state)
{
    (void)state;
    const pixel_kernels *k;
    static uint8_t r[256], g[256], b[256];
    for (size_t v = 0; (k = kernels_at(v)) != NULL; v++) {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                memset(r, first, sizeof r);
                memset(g, second, sizeof g);
                for (int third = 0; third < 256; third++)
                    b[third] = (uint8_t)third;
                const uint8_t *out = survey_of(k, &(planes){r, g, b, 256}).grey;
                for (int third = 0; third < 256; third++) {
                    const int sum = 299 * first + 587 * second + 114 * third;
                    if (out[third] != (sum + 500) / 1000)
                        fail_msg("%s: grey of (%d, %d, %d)", k->name, first, second, third);
                }
            }
        }
    }
}

static void an_estimate_of_light_never_errs_by_more_than_it_says(void **state)
{
    (void)state;
    for (uint32_t r = 0; r < 256; r++) {
        for (uint32_t g = 0; g < 256; g++) {
            for (uint32_t b = 0; b < 256; b++) {
                const uint32_t key = light_key(r, g, b), low = 1024 * light_estimate(r, g, b);
                if (key < low || key >= low + 3 * 1024)
                    fail_msg("(%u, %u, %u)", r, g, b);
            }
        }
    }
    assert_int_equal(light_estimate(255, 255, 255), LIGHT_ESTIMATE_MOST);
}

/* ---- whole images */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(const double *sorted, size_t n, double q)
{
    const double at = q * (double)(n - 1);
    const size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (sorted[high] - sorted[low]) * (at - (double)low);
}

static image_measures measure(image_meter *m, const pixels *p)
{
    image_measures found;
    assay_err err = {0};
    assert_int_equal(image_measure_all(m, p, &found, &err), ASSAY_OK);
    return found;
}

static void check_light(image_meter *m, const pixels *p)
{
    const size_t n = (size_t)p->width * p->height;
    double *light = malloc(n * sizeof *light);
    assert_non_null(light);
    for (size_t i = 0; i < n; i++) {
        const double r = p->at[3 * i], g = p->at[3 * i + 1], b = p->at[3 * i + 2];
        light[i] = sqrt(0.241 * r * r + 0.691 * g * g + 0.068 * b * b) / 255;
    }
    qsort(light, n, sizeof *light, ascending);
    const image_measures found = measure(m, p);
    const double dark = percentile(light, n, 0.99), bright = 1 - percentile(light, n, 0.05);
    assert_true(fabs(found.value[MEASURE_DARK] - dark) <= 1e-12);
    assert_true(fabs(found.value[MEASURE_LIGHT] - bright) <= 1e-12);
    free(light);
}

/* Pictures that a sample judges well, badly, or not at all. */
static void paint(uint8_t *rgb, size_t n, int kind, rng *r)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t x = rng_next(r);
        uint8_t *at = rgb + 3 * i;
        switch (kind) {
        case 0: /* noise */
            at[0] = (uint8_t)x, at[1] = (uint8_t)(x >> 8), at[2] = (uint8_t)(x >> 16);
            break;
        case 1: /* flat */
            at[0] = 12, at[1] = 200, at[2] = 31;
            break;
        case 2: /* two levels, with the percentile on the edge between them */
            memset(at, i * 100 / n < 5 ? 10 : 240, 3);
            break;
        case 3: /* white, with a few darker pixels where the sample does not look evenly */
            memset(at, x % 97 ? 255 : (uint8_t)(x >> 32), 3);
            break;
        case 4: /* nearly all within one window: too many to keep */
            at[0] = 100, at[1] = (uint8_t)(100 + x % 2), at[2] = 100;
            break;
        case 5: /* one per cent of highlights in one corner */
            memset(at, i < n / 100 + 3 ? 200 + (int)(x % 50) : (int)(x % 90), 3);
            break;
        default: /* a ramp */
            memset(at, (int)(i * 256 / n), 3);
            break;
        }
    }
}

static void percentiles_are_exact_whatever_the_picture(void **state)
{
    (void)state;
    enum { SIZES = 5 };
    static const uint32_t size[SIZES][2] = {{1, 1}, {2, 1}, {31, 7}, {128, 128}, {401, 157}};
    image_meter *m;
    assert_int_equal(image_meter_new(&m, NULL), ASSAY_OK);
    rng r;
    rng_init(&r, 3, 0);
    uint8_t *rgb = malloc((size_t)3 * 401 * 157);
    assert_non_null(rgb);
    for (int kind = 0; kind < 7; kind++) {
        for (size_t s = 0; s < SIZES; s++) {
            const pixels p = {.at = rgb, .width = size[s][0], .height = size[s][1], .channels = 3};
            paint(rgb, (size_t)p.width * p.height, kind, &r);
            check_light(m, &p);
        }
    }
    free(rgb);
    image_meter_free(m);
    assert_int_equal(mem_live(), 0);
}

static void a_grey_picture_measures_as_the_same_picture_in_rgb(void **state)
{
    (void)state;
    static const uint32_t size[][2] = {{1, 1}, {28, 28}, {3, 90}, {90, 3}, {230, 180}};
    image_meter *m;
    assert_int_equal(image_meter_new(&m, NULL), ASSAY_OK);
    rng r;
    rng_init(&r, 4, 0);
    static uint8_t grey[230 * 180], rgb[3 * 230 * 180];
    for (size_t s = 0; s < sizeof size / sizeof *size; s++) {
        const pixels one = {.at = grey, .width = size[s][0], .height = size[s][1], .channels = 1};
        const pixels three = {.at = rgb, .width = size[s][0], .height = size[s][1], .channels = 3};
        fill(grey, sizeof grey, &r);
        for (size_t i = 0; i < sizeof grey; i++)
            memset(rgb + 3 * i, grey[i], 3);
        const image_measures a = measure(m, &one), b = measure(m, &three);
        /* The same sums over three times as many numbers: rounded elsewhere. */
        for (size_t k = 0; k < MEASURE_FILE_BYTES; k++) {
            if (!(fabs(a.value[k] - b.value[k]) <= 1e-14))
                fail_msg("%s: %.17g, %.17g", image_measure_name((image_measure)k), a.value[k],
                         b.value[k]);
        }
        assert_int_equal(a.pixel_hash, b.pixel_hash);
        assert_int_equal(a.perceptual_hash, b.perceptual_hash);
    }
    image_meter_free(m);
}

static void a_single_pixel_has_an_answer_to_everything(void **state)
{
    (void)state;
    image_meter *m;
    assert_int_equal(image_meter_new(&m, NULL), ASSAY_OK);
    const uint8_t red[3] = {255, 0, 0};
    const image_measures found = measure(m, &(pixels){red, 1, 1, 3});
    const double *v = found.value;
    assert_true(v[MEASURE_WIDTH] == 1 && v[MEASURE_AREA] == 1 && v[MEASURE_ASPECT_RATIO] == 1);
    assert_true(v[MEASURE_RED_VALUES] == 1 && v[MEASURE_GREEN_VALUES] == 0);
    assert_true(v[MEASURE_COLOUR_SHARE] == 1 && v[MEASURE_SHARPNESS] == 0);
    assert_true(v[MEASURE_IMAGE_ENTROPY] == 0 && fabs(v[MEASURE_BRIGHTNESS] - 1 / 3.0) < 1e-15);
    assert_true(isnan(v[MEASURE_FILE_BYTES]) && isnan(v[MEASURE_RANDOM]));
    image_meter_free(m);
}

static void every_measure_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = 0; a < IMAGE_MEASURE_COUNT; a++) {
        for (int b = 0; b < a; b++)
            assert_string_not_equal(image_measure_name((image_measure)a),
                                    image_measure_name((image_measure)b));
        assert_true(strlen(image_measure_meaning((image_measure)a)) > 0);
        assert_non_null(image_measure_unit((image_measure)a));
    }
}

static void a_shortage_of_memory_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    static uint8_t rgb[3 * 200 * 200];
    const pixels p = {rgb, 200, 200, 3};
    /* Two levels whose window is crowded, so that the tables of the slow way are needed as well. */
    for (size_t i = 0; i < sizeof rgb; i++)
        rgb[i] = (uint8_t)(100 + i % 2);
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code != ASSAY_OK; n++) {
        image_meter *m = NULL;
        image_measures found;
        assay_err err = {0};
        mem_fail_after(n);
        code = image_meter_new(&m, &err);
        if (code == ASSAY_OK)
            code = image_measure_all(m, &p, &found, &err);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || (code == ASSAY_E_NOMEM && err.msg[0]));
        image_meter_free(m);
        assert_int_equal(mem_live(), 0);
    }
    assert_true(n >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_is_picked_in_order),
        cmocka_unit_test(every_variant_agrees_with_the_plain_one),
        cmocka_unit_test(the_longest_rows_do_not_overflow),
        cmocka_unit_test(what_is_certain_by_grey_and_channels_is_between_the_windows),
        cmocka_unit_test(every_colour_is_counted_as_its_hue_and_saturation_say),
        cmocka_unit_test(every_grey_is_rounded_half_up),
        cmocka_unit_test(an_estimate_of_light_never_errs_by_more_than_it_says),
        cmocka_unit_test(percentiles_are_exact_whatever_the_picture),
        cmocka_unit_test(a_grey_picture_measures_as_the_same_picture_in_rgb),
        cmocka_unit_test(a_single_pixel_has_an_answer_to_everything),
        cmocka_unit_test(every_measure_has_a_name_of_its_own),
        cmocka_unit_test(a_shortage_of_memory_is_said_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
