/* Times decoding and measuring on images that it makes itself: bench_images [THREADS] prints, for
 * photos of 1280 × 960, bare TurboJPEG decoding against decoding and measuring, side by side in one
 * run, then pictures of 28 × 28 as PNG files and as plain pixels. bench_images write FOLDER writes
 * the photos, for bench/images_opencv.py. */
#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"
#include "image/decode.h"
#include "image/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <spng.h>
#include <turbojpeg.h>

enum {
    WIDTH = 1280,
    HEIGHT = 960,
    PHOTOS = 24,
    SMALL = 28,
    SMALL_COUNT = 4000,
    ROUNDS = 11,
    DISCS = 40,
    WAVES = 5,
    QUALITY = 85,
    PATH_BYTES = 4096
};

typedef struct encoded {
    uint8_t *at;
    size_t length;
} encoded;

static void stop(const char *why)
{
    fprintf(stderr, "bench_images: %s\n", why);
    exit(1);
}

static void *take(size_t count, size_t size)
{
    void *p = mem_alloc(count, size);
    if (!p)
        stop("out of memory");
    return p;
}

static double seconds_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

/* ---- pictures */

static uint8_t clipped(double x)
{
    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

typedef struct wave {
    double across, down, phase, height;
} wave;

static void make_waves(wave waves[WAVES], rng *r)
{
    for (int k = 0; k < WAVES; k++)
        waves[k] = (wave){.across = (rng_unit(r) - 0.5) * 0.02 * (k + 1),
                          .down = (rng_unit(r) - 0.5) * 0.02 * (k + 1),
                          .phase = rng_unit(r) * 6.28,
                          .height = 70.0 / (k + 1)};
}

static double sum_of(const wave waves[WAVES], int x, int y)
{
    double sum = 0;
    for (int k = 0; k < WAVES; k++)
        sum += waves[k].height * sin(x * waves[k].across + y * waves[k].down + waves[k].phase);
    return sum;
}

/* A smooth ground of a few waves, a fine texture over part of it, a little noise. */
static void paint_ground(uint8_t *rgb, rng *r)
{
    wave waves[3][WAVES];
    for (int c = 0; c < 3; c++)
        make_waves(waves[c], r);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const double texture = (x ^ y) & 256 ? 9 * sin(x * 0.9) * sin(y * 0.7) : 0;
            const double noise = rng_unit(r) * 5 + rng_unit(r) * 5;
            for (int c = 0; c < 3; c++)
                *rgb++ = clipped(110 + texture + noise + sum_of(waves[c], x, y));
        }
    }
}

static void paint_disc(uint8_t *rgb, int cx, int cy, int radius, const double ink[3])
{
    for (int y = cy - radius; y <= cy + radius; y++) {
        for (int x = cx - radius; x <= cx + radius; x++) {
            const int dx = x - cx, dy = y - cy;
            if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT || dx * dx + dy * dy > radius * radius)
                continue;
            uint8_t *at = rgb + (ptrdiff_t)3 * (y * WIDTH + x);
            for (int c = 0; c < 3; c++)
                at[c] = clipped(at[c] + ink[c]);
        }
    }
}

static void paint_discs(uint8_t *rgb, rng *r)
{
    for (int i = 0; i < DISCS; i++) {
        const int cx = (int)rng_below(r, WIDTH), cy = (int)rng_below(r, HEIGHT);
        const int radius = 8 + (int)rng_below(r, 90);
        double ink[3];
        for (int c = 0; c < 3; c++)
            ink[c] = rng_unit(r) * 220 - 110;
        paint_disc(rgb, cx, cy, radius, ink);
    }
}

static encoded make_photo(uint64_t seed, uint8_t *rgb)
{
    rng r;
    rng_init(&r, seed, 0);
    paint_ground(rgb, &r);
    paint_discs(rgb, &r);
    tjhandle jpeg = tjInitCompress();
    unsigned char *out = NULL;
    unsigned long length = 0;
    if (!jpeg ||
        tjCompress2(jpeg, rgb, WIDTH, 0, HEIGHT, TJPF_RGB, &out, &length, TJSAMP_420, QUALITY, 0))
        stop("a photo cannot be compressed");
    encoded e = {.at = take(length, 1), .length = length};
    memcpy(e.at, out, length);
    tjFree(out);
    tjDestroy(jpeg);
    return e;
}

static void make_small(uint64_t seed, uint8_t grey[SMALL * SMALL])
{
    rng r;
    rng_init(&r, seed, 1);
    const double cx = 8 + 12 * rng_unit(&r), cy = 8 + 12 * rng_unit(&r);
    for (int y = 0; y < SMALL; y++) {
        for (int x = 0; x < SMALL; x++) {
            const double away = hypot(x - cx, y - cy);
            grey[y * SMALL + x] = away > 9 ? 0 : clipped(250 - 20 * away + 30 * rng_unit(&r));
        }
    }
}

static encoded make_png(const uint8_t *grey)
{
    spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
    struct spng_ihdr header = {.width = SMALL, .height = SMALL, .bit_depth = 8};
    int error = spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
    if (!error)
        error = spng_set_ihdr(png, &header);
    if (!error)
        error =
            spng_encode_image(png, grey, (size_t)SMALL * SMALL, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
    size_t length = 0;
    uint8_t *out = error ? NULL : spng_get_png_buffer(png, &length, &error);
    if (!out)
        stop("a PNG cannot be compressed");
    encoded e = {.at = take(length, 1), .length = length};
    memcpy(e.at, out, length);
    free(out);
    spng_ctx_free(png);
    return e;
}

/* ---- what is timed */

typedef struct worker {
    image_decoder *decoder;
    image_meter *meter;
    tjhandle jpeg;
    uint8_t *rgb;
} worker;

typedef struct bench {
    const encoded *files;
    const uint8_t *raw;
    size_t count;
    worker workers[THREADS_MOST];
} bench;

static int decode_bare(void *context, size_t i, int w)
{
    bench *b = context;
    worker *own = &b->workers[w];
    return tjDecompress2(own->jpeg, b->files[i].at, b->files[i].length, own->rgb, WIDTH, 0, HEIGHT,
                         TJPF_RGB, 0);
}

static int measure_file(void *context, size_t i, int w)
{
    bench *b = context;
    worker *own = &b->workers[w];
    pixels p;
    image_measures found;
    return image_decode(own->decoder, b->files[i].at, b->files[i].length, &p, NULL) != ASSAY_OK ||
           image_measure_all(own->meter, &p, &found, NULL) != ASSAY_OK;
}

static int decode_file(void *context, size_t i, int w)
{
    bench *b = context;
    pixels p;
    return image_decode(b->workers[w].decoder, b->files[i].at, b->files[i].length, &p, NULL) !=
           ASSAY_OK;
}

static int measure_raw(void *context, size_t i, int w)
{
    bench *b = context;
    image_measures found;
    const pixels p = {
        .at = b->raw + i * SMALL * SMALL, .width = SMALL, .height = SMALL, .channels = 1};
    return image_measure_all(b->workers[w].meter, &p, &found, NULL) != ASSAY_OK;
}

static double rate(bench *b, threads_work *work, int threads)
{
    const double start = seconds_now();
    if (threads_run(b->count, threads, work, b))
        stop("an image cannot be decoded or measured");
    return (double)b->count / (seconds_now() - start);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

/* Two kinds of work in turn, so that what else the machine does meets both. */
static void compare(bench *b, const char *what, const char *const names[2],
                    threads_work *const works[2], int threads)
{
    double rates[2][ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
        for (int k = 0; k < 2; k++) {
            const double found = rate(b, works[k], threads);
            if (round >= 0)
                rates[k][round] = found;
        }
    }
    const double first = median(rates[0]), second = median(rates[1]);
    printf("%s, %d thread%s: %s %.0f/s, %s %.0f/s, ratio %.2f\n", what, threads,
           threads == 1 ? "" : "s", names[0], first, names[1], second, second / first);
}

static void open_workers(bench *b, int threads)
{
    for (int w = 0; w < threads; w++) {
        worker *own = &b->workers[w];
        if (image_decoder_new(&own->decoder, NULL) != ASSAY_OK ||
            image_meter_new(&own->meter, NULL) != ASSAY_OK)
            stop("out of memory");
        own->jpeg = tjInitDecompress();
        own->rgb = take((size_t)WIDTH * HEIGHT * 3, 1);
    }
}

static encoded *make_photos(void)
{
    encoded *files = take(PHOTOS, sizeof *files);
    uint8_t *rgb = take((size_t)WIDTH * HEIGHT * 3, 1);
    size_t bytes = 0;
    for (size_t i = 0; i < PHOTOS; i++) {
        files[i] = make_photo(i + 1, rgb);
        bytes += files[i].length;
    }
    fprintf(stderr, "photos: %.2f bits a pixel\n", 8.0 * (double)bytes / PHOTOS / WIDTH / HEIGHT);
    mem_free(rgb);
    return files;
}

static int write_photos(const char *folder)
{
    const encoded *files = make_photos();
    for (size_t i = 0; i < PHOTOS; i++) {
        char path[PATH_BYTES];
        snprintf(path, sizeof path, "%s/photo_%02zu.jpg", folder, i);
        FILE *out = fopen(path, "wb");
        if (!out || fwrite(files[i].at, 1, files[i].length, out) != files[i].length || fclose(out))
            stop("a photo cannot be written");
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        return write_photos(argv[2]);
    const int most = argc > 1 ? atoi(argv[1]) : 2;
    if (most < 1 || most > THREADS_MOST)
        stop("usage: bench_images [THREADS] | write FOLDER");
    static bench b;
    open_workers(&b, most);
    const encoded *photos = make_photos();
    uint8_t *raw = take((size_t)SMALL_COUNT * SMALL * SMALL, 1);
    encoded *small = take(SMALL_COUNT, sizeof *small);
    for (size_t i = 0; i < SMALL_COUNT; i++) {
        make_small(i + 1, raw + i * SMALL * SMALL);
        small[i] = make_png(raw + i * SMALL * SMALL);
    }
    for (int threads = 1; threads <= most; threads++) {
        b.files = photos;
        b.count = PHOTOS;
        compare(&b, "JPEG of 1280 × 960", (const char *const[]){"TurboJPEG alone", "all measures"},
                (threads_work *const[]){decode_bare, measure_file}, threads);
        b.files = small;
        b.raw = raw;
        b.count = SMALL_COUNT;
        compare(&b, "PNG of 28 × 28", (const char *const[]){"decoding", "all measures"},
                (threads_work *const[]){decode_file, measure_file}, threads);
        compare(&b, "28 × 28 pixels", (const char *const[]){"all measures", "again"},
                (threads_work *const[]){measure_raw, measure_raw}, threads);
    }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("peak of memory: %ld MiB\n", used.ru_maxrss / 1024);
    return 0;
}
