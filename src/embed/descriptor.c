/* Learning the descriptor and describing with it. Images are taken in fixed chunks, so that the
 * bits do not depend on who takes which. */
#include "embed/descriptor.h"
#include "embed/descriptor_parts.h"
#include "linear/principal.h"
#include "linear/product.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { CHUNK = 64, IMAGES_LEARNED = 20000, SAMPLE_STREAM = 1 };
enum { DIMENSIONS = 256, DIMENSIONS_FEW = 64, IMAGES_FEW = 2000 };

/* How much each block counts, and where it begins. */
static const double block_share[BLOCK_COUNT] = {1.0, 0.7, 0.4};
static const size_t block_start[BLOCK_COUNT + 1] = {0, PATCH_FEATURES,
                                                    PATCH_FEATURES + GRADIENT_FEATURES, FEATURES};

/* A block whose mean squared distance from its mean is below this tells nothing apart. */
static const double spread_least = 1e-12;

void descriptor_free(descriptor *d)
{
    if (d)
        mem_free(d->projection);
    mem_free(d);
}

size_t descriptor_dimensions(const descriptor *d)
{
    return d->dimensions;
}

static bool is_there(const descriptor_images *images, size_t i)
{
    return !images->has || images->has[i];
}

/* ---- features */

static void fill_features(const patch_model *m, const uint8_t *const *image, size_t count,
                          patch_scratch *scratch, float *out)
{
    for (size_t i = 0; i < count; i += PATCH_BATCH) {
        const size_t some = count - i < PATCH_BATCH ? count - i : PATCH_BATCH;
        patch_features(m, image + i, some, scratch, out + i * FEATURES, FEATURES);
    }
    for (size_t i = 0; i < count; i++) {
        gradient_features(image[i], out + i * FEATURES + PATCH_FEATURES);
        colour_features(image[i], out + i * FEATURES + PATCH_FEATURES + GRADIENT_FEATURES);
    }
}

assay_code descriptor_features(const descriptor *d, const uint8_t *image, float *out,
                               assay_err *err)
{
    ASSAY_AUTO_MEM patch_scratch *scratch = mem_alloc(1, sizeof *scratch);
    if (!scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the features of an image");
    fill_features(&d->patch, &image, 1, scratch, out);
    return ASSAY_OK;
}

/* Less the mean, each block times its weight. */
static void weigh(const descriptor *d, float *restrict features)
{
    for (size_t b = 0; b < BLOCK_COUNT; b++) {
        const float weight = d->weight[b];
        for (size_t v = block_start[b]; v < block_start[b + 1]; v++)
            features[v] = (features[v] - d->mean[v]) * weight;
    }
}

static size_t chunks_of(size_t count)
{
    return (count + CHUNK - 1) / CHUNK;
}

static size_t workers_of(const descriptor_options *o)
{
    return o->thread_count > THREADS_MOST ? THREADS_MOST
           : o->thread_count > 1          ? (size_t)o->thread_count
                                          : 1;
}

/* ---- learning */

typedef struct learning {
    const descriptor_images *images;
    const uint32_t *image; /* those learned from */
    size_t count;
    const descriptor_options *options;
    descriptor *d;
    float *features;        /* count × FEATURES */
    patch_scratch *scratch; /* one a worker */
    double *spread;         /* BLOCK_COUNT a chunk */
} learning;

static void learning_clear(learning *l)
{
    mem_free(l->features);
    mem_free(l->scratch);
    mem_free(l->spread);
}
ASSAY_AUTO_CLEAR_DECLARE(learning)

static size_t chunk_end(size_t chunk, size_t count)
{
    return (chunk + 1) * CHUNK < count ? (chunk + 1) * CHUNK : count;
}

static int take_features(void *context, size_t chunk, int worker)
{
    const learning *l = context;
    const size_t from = chunk * CHUNK, to = chunk_end(chunk, l->count);
    const uint8_t *image[CHUNK];
    for (size_t i = from; i < to; i++)
        image[i - from] = l->images->at + (size_t)l->image[i] * DESCRIPTOR_IMAGE_BYTES;
    fill_features(&l->d->patch, image, to - from, l->scratch + worker,
                  l->features + from * FEATURES);
    if (worker == 0)
        progress_show(l->options->progress, "describing", from, l->count);
    return progress_stopped(l->options->progress);
}

/* Sums over all images of a strip of features, in order. */
enum { STRIP = 208 };

static int average(void *context, size_t strip, int worker)
{
    (void)worker;
    const learning *l = context;
    double sum[STRIP] = {0};
    for (size_t i = 0; i < l->count; i++) {
        const float *row = l->features + i * FEATURES + strip * STRIP;
        for (size_t v = 0; v < STRIP; v++)
            sum[v] += (double)row[v];
    }
    for (size_t v = 0; v < STRIP; v++)
        l->d->mean[strip * STRIP + v] = (float)(sum[v] / (double)l->count);
    return 0;
}

static int spread_chunk(void *context, size_t chunk, int worker)
{
    (void)worker;
    const learning *l = context;
    double *spread = l->spread + chunk * BLOCK_COUNT;
    for (size_t i = chunk * CHUNK; i < chunk_end(chunk, l->count); i++) {
        const float *row = l->features + i * FEATURES;
        for (size_t b = 0; b < BLOCK_COUNT; b++) {
            for (size_t v = block_start[b]; v < block_start[b + 1]; v++) {
                const double apart = (double)row[v] - (double)l->d->mean[v];
                spread[b] += apart * apart;
            }
        }
    }
    return 0;
}

static int weigh_chunk(void *context, size_t chunk, int worker)
{
    (void)worker;
    const learning *l = context;
    for (size_t i = chunk * CHUNK; i < chunk_end(chunk, l->count); i++)
        weigh(l->d, l->features + i * FEATURES);
    return 0;
}

static void learn_weights(learning *l)
{
    const int threads = l->options->thread_count;
    const size_t chunks = chunks_of(l->count);
    _Static_assert(FEATURES % STRIP == 0, "whole strips");
    threads_run(FEATURES / STRIP, threads, average, l);
    threads_run(chunks, threads, spread_chunk, l);
    for (size_t b = 0; b < BLOCK_COUNT; b++) {
        double spread = 0.0;
        for (size_t c = 0; c < chunks; c++)
            spread += l->spread[c * BLOCK_COUNT + b];
        spread /= (double)l->count;
        l->d->weight[b] = spread < spread_least ? 0.0f : (float)(block_share[b] / sqrt(spread));
    }
    threads_run(chunks, threads, weigh_chunk, l);
}

/* A quarter as many as images where these are few, lest every image be a direction of its own. */
static size_t dimensions_for(size_t count)
{
    if (count >= IMAGES_FEW)
        return DIMENSIONS;
    if (count / 4 >= DIMENSIONS_FEW)
        return DIMENSIONS_FEW;
    return count / 4 > 2 ? count / 4 : 2;
}

/* NULL: out of memory. */
static descriptor *make(const patch_model *patch, size_t dimensions)
{
    descriptor *d = mem_zalloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->projection = mem_alloc(FEATURES * dimensions, sizeof *d->projection);
    d->patch = *patch;
    d->dimensions = dimensions;
    if (!d->projection) {
        descriptor_free(d);
        return NULL;
    }
    return d;
}

static assay_code no_room(size_t dimensions, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a descriptor of %zu values",
                      dimensions);
}

assay_code descriptor_fit_rest(const chosen_images *chosen, const patch_model *patch,
                               const descriptor_options *options, descriptor **out, assay_err *err)
{
    const size_t count = chosen->count;
    *out = NULL;
    ASSAY_AUTO(descriptor) d = make(patch, dimensions_for(count));
    if (!d)
        return no_room(dimensions_for(count), err);
    ASSAY_AUTO_CLEAR(learning)
    l = {.images = chosen->images, .image = chosen->at, .count = count, .options = options, .d = d};
    l.features = mem_alloc_large(count * FEATURES, sizeof *l.features);
    l.scratch = mem_alloc(workers_of(options), sizeof *l.scratch);
    l.spread = mem_zalloc(chunks_of(count) * BLOCK_COUNT, sizeof *l.spread);
    if (!l.features || !l.scratch || !l.spread)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory to learn from %zu images", count);
    if (threads_run(chunks_of(count), options->thread_count, take_features, &l))
        return assay_fail(err, ASSAY_E_CANCELLED, "learning to describe images was interrupted");
    learn_weights(&l);
    const linear_matrix rows = {l.features, count, FEATURES, FEATURES};
    const principal_options o = {.dimensions = d->dimensions,
                                 .seed = options->seed,
                                 .thread_count = options->thread_count,
                                 .progress = options->progress};
    ASSAY_TRY(principal_directions(&rows, &o, d->projection, err));
    *out = ASSAY_GIVE(d);
    return ASSAY_OK;
}

/* The images that are there, ascending; a seeded sample where there are too many. */
static assay_code choose_images(const descriptor_images *images, uint64_t seed, uint32_t *image,
                                size_t *count, assay_err *err)
{
    size_t there = 0, next = 0;
    for (size_t i = 0; i < images->count; i++)
        there += is_there(images, i);
    if (there == 0)
        return assay_fail(err, ASSAY_E_INPUT, "there is no image to learn from (of %zu samples)",
                          images->count);
    rng r;
    rng_init(&r, seed, SAMPLE_STREAM);
    const size_t wanted = there < IMAGES_LEARNED ? there : IMAGES_LEARNED;
    for (size_t i = 0; next < wanted; i++) {
        if (!is_there(images, i))
            continue;
        /* Each that is left is as likely as any other. */
        if (rng_below(&r, there--) < wanted - next)
            image[next++] = (uint32_t)i;
    }
    *count = wanted;
    return ASSAY_OK;
}

assay_code descriptor_fit(const descriptor_images *images, const descriptor_options *options,
                          descriptor **out, assay_err *err)
{
    *out = NULL;
    const size_t most = images->count < IMAGES_LEARNED ? images->count : IMAGES_LEARNED;
    ASSAY_AUTO_MEM uint32_t *image = mem_alloc(most, sizeof *image);
    ASSAY_AUTO_MEM patch_model *patch = mem_alloc(1, sizeof *patch);
    if (!image || !patch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory to learn from %zu images", most);
    size_t count = 0;
    ASSAY_TRY(choose_images(images, options->seed, image, &count, err));
    ASSAY_TRY(patch_model_learn(images, image, count, options, patch, err));
    const chosen_images chosen = {images, image, count};
    return descriptor_fit_rest(&chosen, patch, options, out, err);
}

assay_code descriptor_load(const descriptor *given, descriptor **out, assay_err *err)
{
    *out = NULL;
    descriptor *d = make(&given->patch, given->dimensions);
    if (!d)
        return no_room(given->dimensions, err);
    patch_model_finish(&d->patch);
    memcpy(d->mean, given->mean, sizeof d->mean);
    memcpy(d->weight, given->weight, sizeof d->weight);
    memcpy(d->projection, given->projection, FEATURES * d->dimensions * sizeof *d->projection);
    *out = d;
    return ASSAY_OK;
}

/* ---- describing */

typedef struct describing {
    const descriptor *d;
    const descriptor_images *images;
    const descriptor_options *options;
    patch_scratch *scratch; /* one a worker */
    float *features;        /* CHUNK × FEATURES a worker */
    float *out;
} describing;

/* An image that differs from the mean in nothing has no direction: all such share the first axis,
 * and so are equal. */
static void scale_to_one(float *at, size_t n)
{
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += (double)at[i] * (double)at[i];
    const double length = sqrt(squares);
    if (!(length > 1e-12)) {
        memset(at, 0, n * sizeof *at);
        at[0] = 1.0f;
        return;
    }
    for (size_t i = 0; i < n; i++)
        at[i] = (float)((double)at[i] / length);
}

static int describe_chunk(void *context, size_t chunk, int worker)
{
    const describing *s = context;
    const size_t d = s->d->dimensions, from = chunk * CHUNK;
    const size_t to = chunk_end(chunk, s->images->count);
    const uint8_t *image[CHUNK];
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        if (is_there(s->images, i))
            image[count++] = s->images->at + i * DESCRIPTOR_IMAGE_BYTES;
    }
    float *features = s->features + (size_t)worker * CHUNK * FEATURES, *out = s->out + from * d;
    fill_features(&s->d->patch, image, count, s->scratch + worker, features);
    for (size_t i = 0; i < count; i++)
        weigh(s->d, features + i * FEATURES);
    const linear_matrix rows = {features, count, FEATURES, FEATURES};
    const linear_matrix projection = {s->d->projection, FEATURES, d, d};
    linear_product_nn(&rows, &projection, out, d);
    /* From the end, so that none is overwritten before it has moved to its place. */
    for (size_t i = to; i-- > from;) {
        float *own = s->out + i * d;
        if (is_there(s->images, i)) {
            memmove(own, out + --count * d, d * sizeof *own);
            scale_to_one(own, d);
            continue;
        }
        for (size_t v = 0; v < d; v++)
            own[v] = NAN;
    }
    if (worker == 0)
        progress_show(s->options->progress, "describing", from, s->images->count);
    return progress_stopped(s->options->progress);
}

assay_code descriptor_describe(const descriptor *d, const descriptor_images *images,
                               const descriptor_options *options, float *out, assay_err *err)
{
    ASSAY_AUTO_MEM patch_scratch *scratch = mem_alloc(workers_of(options), sizeof *scratch);
    ASSAY_AUTO_MEM float *features =
        mem_alloc(workers_of(options) * CHUNK * FEATURES, sizeof *features);
    if (!scratch || !features)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory to describe %zu images",
                          images->count);
    describing s = {d, images, options, scratch, features, out};
    if (threads_run(chunks_of(images->count), options->thread_count, describe_chunk, &s))
        return assay_fail(err, ASSAY_E_CANCELLED, "describing images was interrupted");
    return ASSAY_OK;
}
