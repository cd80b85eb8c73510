/* Describes the images of a file: bench_embed IMAGES OUT THREADS [MODEL], where IMAGES holds 32×32
 * RGB images one after the other, OUT becomes their descriptions (float32), and MODEL holds another
 * implementation's model to describe with (float32: patch mean, whitening, atoms, feature mean,
 * block weights, projection). Prints dimensions, seconds to learn, and images described a second
 * (the best of three runs). tests/simulation/check_descriptor.py drives it, and prints its rate
 * with --rate. */
#include "base/mem.h"
#include "embed/descriptor_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void stop(const char *why)
{
    fprintf(stderr, "bench_embed: %s\n", why);
    exit(1);
}

static double seconds_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static void *read_whole(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END))
        stop(path);
    const long end = ftell(file);
    rewind(file);
    *length = end < 0 ? 0 : (size_t)end;
    void *at = mem_alloc(*length, 1);
    if (!at || fread(at, 1, *length, file) != *length)
        stop(path);
    fclose(file);
    return at;
}

static descriptor *load(const char *path)
{
    size_t length;
    float *at = read_whole(path, &length);
    const size_t fixed =
        PATCH_VALUES + PATCH_VALUES * PATCH_WHITE + ATOMS * PATCH_WHITE + FEATURES + BLOCK_COUNT;
    if (length / sizeof *at <= fixed)
        stop("the model is cut short");
    descriptor *given = mem_zalloc(1, sizeof *given), *d = NULL;
    if (!given)
        stop("out of memory");
    given->dimensions = (length / sizeof *at - fixed) / FEATURES;
    float *next = at;
    memcpy(given->patch.mean, next, sizeof given->patch.mean);
    next += PATCH_VALUES;
    memcpy(given->patch.white, next, sizeof given->patch.white);
    next += (size_t)PATCH_VALUES * PATCH_WHITE;
    memcpy(given->patch.atom, next, sizeof given->patch.atom);
    next += (size_t)ATOMS * PATCH_WHITE;
    memcpy(given->mean, next, sizeof given->mean);
    next += FEATURES;
    memcpy(given->weight, next, sizeof given->weight);
    given->projection = next + BLOCK_COUNT;
    if (descriptor_load(given, &d, NULL) != ASSAY_OK)
        stop("out of memory");
    mem_free(given);
    mem_free(at);
    return d;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        stop("IMAGES OUT THREADS [MODEL]");
    size_t length;
    uint8_t *at = read_whole(argv[1], &length);
    const descriptor_images images = {.at = at, .count = length / DESCRIPTOR_IMAGE_BYTES};
    const descriptor_options o = {.seed = 1, .thread_count = (int)strtol(argv[3], NULL, 10)};
    descriptor *d = NULL;
    assay_err err;
    const double begin = seconds_now();
    if (argc > 4)
        d = load(argv[4]);
    else if (descriptor_fit(&images, &o, &d, &err) != ASSAY_OK)
        stop(err.msg);
    const double learned = seconds_now() - begin;
    const size_t dimensions = descriptor_dimensions(d);
    float *out = mem_alloc(images.count * dimensions, sizeof *out);
    if (!out)
        stop("out of memory");
    double best = 1e9;
    for (int run = 0; run < 3; run++) {
        const double from = seconds_now();
        if (descriptor_describe(d, &images, &o, out, &err) != ASSAY_OK)
            stop(err.msg);
        const double took = seconds_now() - from;
        best = took < best ? took : best;
    }
    FILE *file = fopen(argv[2], "wb");
    if (!file ||
        fwrite(out, sizeof *out, images.count * dimensions, file) != images.count * dimensions ||
        fclose(file))
        stop(argv[2]);
    printf("%zu %.3f %.0f\n", dimensions, learned, (double)images.count / best);
    mem_free(out);
    mem_free(at);
    descriptor_free(d);
    return 0;
}
