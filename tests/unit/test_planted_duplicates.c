/* Copies of pictures, planted and looked for: compressed again at quality 40, halved and brought
 * back, brightened, cropped by 5 % and mirrored. With the name of an .npy file of N×H×W×3 bytes it
 * plants among those instead and prints the rates. */
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "eval/near_duplicates.h"
#include "image/measure.h"
#include "store/npy.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <turbojpeg.h>

enum { SIDE = 96, MADE = 1500, QUALITY = 40 };

enum { COMPRESSED, HALVED, BRIGHTENED, CROPPED, MIRRORED, KINDS };
static const char *const kind_name[KINDS] = {"quality 40", "halved", "brightened", "cropped",
                                             "mirrored"};

/* Pictures of one size, RGB. */
typedef struct album {
    const uint8_t *at;
    size_t count, side, copies; /* copies of each kind */
} album;

static size_t bytes_of(size_t side)
{
    return side * side * 3;
}

/* The box of `from` (side × side, its part that begins at `skip` and is `part` wide and high),
 * averaged to size × size. */
static void resize(const uint8_t *from, size_t side, double skip, double part, uint8_t *to,
                   size_t size)
{
    for (size_t y = 0; y < size; y++) {
        for (size_t x = 0; x < size; x++) {
            double sum[3] = {0}, weight = 0;
            const double step = part / (double)size;
            const double top = skip + (double)y * step, left = skip + (double)x * step;
            for (size_t v = (size_t)top; v < side && (double)v < top + step; v++) {
                for (size_t u = (size_t)left; u < side && (double)u < left + step; u++) {
                    const double w = (fmin(top + step, (double)v + 1) - fmax(top, (double)v)) *
                                     (fmin(left + step, (double)u + 1) - fmax(left, (double)u));
                    weight += w;
                    for (size_t c = 0; c < 3; c++)
                        sum[c] += w * from[(v * side + u) * 3 + c];
                }
            }
            for (size_t c = 0; c < 3; c++)
                to[(y * size + x) * 3 + c] = (uint8_t)(sum[c] / weight + 0.5);
        }
    }
}

static void compress(const uint8_t *from, size_t side, uint8_t *to)
{
    unsigned char *jpeg = NULL;
    unsigned long length = 0;
    tjhandle out = tjInitCompress(), in = tjInitDecompress();
    const int n = (int)side;
    assert_int_equal(
        tjCompress2(out, from, n, 0, n, TJPF_RGB, &jpeg, &length, TJSAMP_420, QUALITY, 0), 0);
    assert_int_equal(tjDecompress2(in, jpeg, length, to, n, 0, n, TJPF_RGB, 0), 0);
    tjFree(jpeg);
    tjDestroy(out);
    tjDestroy(in);
}

static void make_copy(const uint8_t *from, size_t side, int kind, uint8_t *to)
{
    uint8_t *const half = mem_alloc(bytes_of(side), 1);
    const size_t small = side / 2;
    switch (kind) {
    case COMPRESSED:
        compress(from, side, to);
        break;
    case HALVED:
        resize(from, side, 0, (double)side, half, small);
        resize(half, small, 0, (double)small, to, side);
        break;
    case BRIGHTENED:
        for (size_t i = 0; i < bytes_of(side); i++)
            to[i] = (uint8_t)fmin(255.0, from[i] * 1.2 + 0.5);
        break;
    case CROPPED:
        resize(from, side, 0.025 * (double)side, 0.95 * (double)side, to, side);
        break;
    default:
        for (size_t i = 0; i < side * side; i++)
            memcpy(to + i * 3, from + (i / side * side + side - 1 - i % side) * 3, 3);
        break;
    }
    mem_free(half);
}

/* Smooth spots and hard edges on a slope of colour. */
static void draw(rng *r, uint8_t *to)
{
    double canvas[SIDE * SIDE * 3];
    double slope[3][3];
    for (size_t c = 0; c < 9; c++)
        slope[c / 3][c % 3] = rng_unit(r) - 0.5;
    for (size_t i = 0; i < (size_t)SIDE * SIDE * 3; i++) {
        const size_t column = i / 3 % SIDE, row = i / 3 / SIDE;
        canvas[i] = 110 + 100 * slope[i % 3][0] + slope[i % 3][1] * (double)column +
                    slope[i % 3][2] * (double)row;
    }
    for (int shape = 0; shape < 12; shape++) {
        const double x0 = rng_unit(r) * SIDE, y0 = rng_unit(r) * SIDE;
        const double size = 4 + 24 * rng_unit(r), tall = 0.4 + 1.2 * rng_unit(r);
        const double colour[] = {100 * rng_unit(r) - 50, 100 * rng_unit(r) - 50,
                                 100 * rng_unit(r) - 50};
        for (size_t i = 0; i < (size_t)SIDE * SIDE; i++) {
            const size_t column = i % SIDE, row = i / SIDE;
            const double x = ((double)column - x0) / size;
            const double y = ((double)row - y0) / (size * tall);
            const double amount = shape % 2 ? exp(-x * x - y * y) : fabs(x) < 1 && fabs(y) < 1;
            for (size_t c = 0; c < 3; c++)
                canvas[i * 3 + c] += amount * colour[c];
        }
    }
    for (size_t i = 0; i < (size_t)SIDE * SIDE * 3; i++)
        to[i] = (uint8_t)fmax(0.0, fmin(255.0, canvas[i]));
}

/* What is kept of each picture: originals first, then the copies kind by kind. */
typedef struct known {
    uint8_t *small;
    uint64_t *perceptual, *pixel;
    uint32_t *side;
} known;

static void measure(image_meter *meter, const uint8_t *at, size_t side, const known *k, size_t i)
{
    const pixels p = {at, (uint32_t)side, (uint32_t)side, 3};
    image_measures m;
    assert_int_equal(image_measure_all(meter, &p, &m, NULL), ASSAY_OK);
    k->perceptual[i] = m.perceptual_hash;
    k->pixel[i] = m.pixel_hash;
    k->side[i] = (uint32_t)side;
    resize(at, side, 0, (double)side, k->small + i * SMALL_BYTES, SMALL_SIDE);
}

static void measure_all(const album *a, const known *k)
{
    image_meter *meter = NULL;
    assert_int_equal(image_meter_new(&meter, NULL), ASSAY_OK);
    uint8_t *const copy = mem_alloc(bytes_of(a->side), 1);
    for (size_t i = 0; i < a->count; i++)
        measure(meter, a->at + i * bytes_of(a->side), a->side, k, i);
    for (size_t i = 0; i < KINDS * a->copies; i++) {
        const uint8_t *const from = a->at + i % a->copies * bytes_of(a->side);
        make_copy(from, a->side, (int)(i / a->copies), copy);
        measure(meter, copy, a->side, k, a->count + i);
    }
    mem_free(copy);
    image_meter_free(meter);
}

typedef struct rates {
    double suspected[KINDS], found[KINDS]; /* shares of the copies */
    size_t strangers;                      /* pairs of two originals that were taken for copies */
} rates;

static rates search(const album *a, const known *k)
{
    const size_t total = a->count + KINDS * a->copies;
    const hash_pairs_options options = {.mirrored = true};
    sample_pairs pairs = {0};
    assert_int_equal(hash_pairs_find(k->perceptual, NULL, total, &options, &pairs, NULL), ASSAY_OK);
    assert_int_equal(sample_pairs_order(&pairs, NULL), ASSAY_OK);
    float *const strength = mem_alloc(pairs.count, sizeof *strength);
    uint8_t *const mirrored = mem_alloc(pairs.count, 1);
    const pair_looks looks = {strength, mirrored};
    const pixel_identity identity = {k->pixel, k->side, k->side};
    const pair_view view = {{k->small, NULL}, &identity, 2, NULL};
    assert_int_equal(look_at_pairs(&pairs, &view, &looks, NULL), ASSAY_OK);
    rates r = {.strangers = 0};
    for (size_t i = 0; i < pairs.count; i++) {
        const sample_pair p = pairs.at[i];
        const bool found = strength[i] >= NEAR_DUPLICATE_STRENGTH;
        if (p.second < a->count)
            r.strangers += found;
        else if (p.first == (p.second - a->count) % a->copies) {
            const size_t kind = (p.second - a->count) / a->copies;
            r.suspected[kind] += 1.0 / (double)a->copies;
            r.found[kind] += found / (double)a->copies;
        }
    }
    mem_free(strength);
    mem_free(mirrored);
    sample_pairs_clear(&pairs);
    return r;
}

static rates rates_of(const album *a)
{
    const size_t total = a->count + KINDS * a->copies;
    const known k = {mem_alloc(total, SMALL_BYTES), mem_alloc(total, sizeof(uint64_t)),
                     mem_alloc(total, sizeof(uint64_t)), mem_alloc(total, sizeof(uint32_t))};
    measure_all(a, &k);
    const rates r = search(a, &k);
    mem_free(k.small);
    mem_free(k.perceptual);
    mem_free(k.pixel);
    mem_free(k.side);
    return r;
}

static void planted_copies_are_found(void **state)
{
    (void)state;
    uint8_t *const at = mem_alloc(MADE, bytes_of(SIDE));
    rng r;
    rng_init(&r, 20, 0);
    for (size_t i = 0; i < MADE; i++)
        draw(&r, at + i * bytes_of(SIDE));
    const album a = {at, MADE, SIDE, 100};
    const rates found = rates_of(&a);
    for (int kind = 0; kind < KINDS; kind++)
        print_message("# %s: suspected %.3f, found %.3f\n", kind_name[kind], found.suspected[kind],
                      found.found[kind]);
    /* By hashes alone; neighbours in the embedding add to them. Brightening by a fifth burns the
     * brightest parts out, and cropping moves everything. */
    static const double least[KINDS] = {0.98, 0.98, 0.90, 0.80, 0.98};
    for (int kind = 0; kind < KINDS; kind++)
        assert_true(found.found[kind] >= least[kind]);
    assert_int_equal(found.strangers, 0);
    mem_free(at);
}

static int print_rates(const char *path)
{
    npy_header h;
    int fd;
    if (npy_open_images(path, &h, &fd, NULL) != ASSAY_OK || h.shape[1] != h.shape[2] ||
        h.dimension_count != 4)
        return fprintf(stderr, "%s: not N×H×H×3 bytes\n", path) < 0 ? 2 : 1;
    const size_t bytes = h.shape[0] * h.shape[1] * h.shape[2] * h.shape[3];
    size_t got = 0;
    uint8_t *at = mem_alloc(bytes, 1);
    if (!at || file_read_at(fd, at, bytes, h.data_offset, &got) || got < bytes)
        return fprintf(stderr, "%s: cannot be read\n", path) < 0 ? 2 : 1;
    close(fd);
    const album a = {at, h.shape[0], h.shape[1], h.shape[0] < 300 ? h.shape[0] : 300};
    const rates r = rates_of(&a);
    for (int kind = 0; kind < KINDS; kind++)
        printf("%s: suspected %.3f, found %.3f\n", kind_name[kind], r.suspected[kind],
               r.found[kind]);
    printf("pairs of originals taken for copies: %zu\n", r.strangers);
    mem_free(at);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return print_rates(argv[1]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(planted_copies_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
