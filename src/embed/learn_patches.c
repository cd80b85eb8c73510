/* What the patches of these images are like: their main directions, and a hundred typical ones with
 * their mirror images. */
#include "embed/descriptor_parts.h"
#include "linear/eigen.h"
#include "linear/kmeans.h"
#include "linear/product.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { PATCHES_LEARNED = 40000, ATOM_ROUNDS = 10, BLOCK = 1000 };
enum { PATCHES_STREAM = 2, SQUARE = PATCH_VALUES * PATCH_VALUES };

/* Added to each variance before dividing, as a share of the mean one; and the least that is divided
 * by, for images without any contrast. */
static const double variance_floor = 0.1, variance_least = 1e-6;

/* Where a patch's value is in its mirror image. */
static size_t mirrored(size_t value)
{
    const size_t x = value % PATCH_SIDE;
    return value - x + PATCH_SIDE - 1 - x;
}

static void take_patches(const descriptor_images *images, const uint32_t *image, size_t count,
                         uint64_t seed, float *patch)
{
    rng r;
    rng_init(&r, seed, PATCHES_STREAM);
    for (size_t i = 0; i < PATCHES_LEARNED; i++) {
        const size_t from = image[rng_below(&r, count)];
        const size_t x = rng_below(&r, DESCRIPTOR_SIDE - PATCH_SIDE + 1);
        const size_t y = rng_below(&r, DESCRIPTOR_SIDE - PATCH_SIDE + 1);
        patch_take(images->at + from * DESCRIPTOR_IMAGE_BYTES, x, y, patch + i * PATCH_VALUES);
    }
}

/* The mean of patches and their mirror images, taken off the patches. */
static void centre(float *patch, float *mean)
{
    double sum[PATCH_VALUES] = {0};
    for (size_t i = 0; i < PATCHES_LEARNED; i++) {
        for (size_t v = 0; v < PATCH_VALUES; v++)
            sum[v] += (double)patch[i * PATCH_VALUES + v];
    }
    for (size_t v = 0; v < PATCH_VALUES; v++)
        mean[v] = (float)((sum[v] + sum[mirrored(v)]) / (2.0 * PATCHES_LEARNED));
    for (size_t i = 0; i < PATCHES_LEARNED; i++) {
        for (size_t v = 0; v < PATCH_VALUES; v++)
            patch[i * PATCH_VALUES + v] -= mean[v];
    }
}

/* Their covariance, the same for mirror images. */
static void covariance_of(const float *patch, double *out)
{
    float part[PATCH_VALUES * PATCH_VALUES];
    double sum[PATCH_VALUES * PATCH_VALUES] = {0};
    for (size_t from = 0; from < PATCHES_LEARNED; from += BLOCK) {
        const linear_matrix block = {patch + from * PATCH_VALUES, BLOCK, PATCH_VALUES,
                                     PATCH_VALUES};
        linear_product_tn(&block, &block, 0, part, PATCH_VALUES);
        for (size_t i = 0; i < SQUARE; i++)
            sum[i] += (double)part[i];
    }
    for (size_t i = 0; i < PATCH_VALUES; i++) {
        for (size_t j = 0; j < PATCH_VALUES; j++)
            out[i * PATCH_VALUES + j] =
                (sum[i * PATCH_VALUES + j] + sum[mirrored(i) * PATCH_VALUES + mirrored(j)]) /
                (2.0 * PATCHES_LEARNED);
    }
}

/* vector: the eigenvectors, one a row. */
static void fill_white(const double *vector, const double *variance, patch_model *out)
{
    double mean = 0.0;
    for (size_t i = 0; i < PATCH_VALUES; i++)
        mean += variance[i] / PATCH_VALUES;
    for (size_t j = 0; j < PATCH_WHITE; j++) {
        const double spread = fmax(variance[j], 0.0) + variance_floor * mean;
        const double scale = 1.0 / sqrt(fmax(spread, variance_least));
        for (size_t v = 0; v < PATCH_VALUES; v++)
            out->white[v * PATCH_WHITE + j] = (float)(vector[j * PATCH_VALUES + v] * scale);
    }
}

/* Atom 100+k is atom k seen in a mirror, in whitened values: atoms · Vᵀ V[mirrored]. */
static void mirror_atoms(const double *vector, float *atom)
{
    for (size_t j = 0; j < PATCH_WHITE; j++) {
        double along[PATCH_WHITE] = {0};
        for (size_t i = 0; i < PATCH_WHITE; i++) {
            for (size_t v = 0; v < PATCH_VALUES; v++)
                along[i] += vector[i * PATCH_VALUES + v] * vector[j * PATCH_VALUES + mirrored(v)];
        }
        for (size_t a = 0; a < ATOM_PAIRS; a++) {
            double value = 0.0;
            for (size_t i = 0; i < PATCH_WHITE; i++)
                value += (double)atom[a * PATCH_WHITE + i] * along[i];
            atom[(ATOM_PAIRS + a) * PATCH_WHITE + j] = (float)value;
        }
    }
}

assay_code patch_model_learn(const descriptor_images *images, const uint32_t *image, size_t count,
                             const descriptor_options *options, patch_model *out, assay_err *err)
{
    ASSAY_AUTO_MEM float *patch = mem_alloc((size_t)PATCHES_LEARNED * PATCH_VALUES, sizeof *patch);
    ASSAY_AUTO_MEM float *white = mem_alloc((size_t)PATCHES_LEARNED * PATCH_WHITE, sizeof *white);
    if (!patch || !white)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %d patches", PATCHES_LEARNED);
    double vector[PATCH_VALUES * PATCH_VALUES], variance[PATCH_VALUES];
    take_patches(images, image, count, options->seed, patch);
    centre(patch, out->mean);
    covariance_of(patch, vector);
    ASSAY_TRY(linear_eigen(vector, PATCH_VALUES, variance, err));
    fill_white(vector, variance, out);
    const linear_matrix patches = {patch, PATCHES_LEARNED, PATCH_VALUES, PATCH_VALUES};
    const linear_matrix whiten = {out->white, PATCH_VALUES, PATCH_WHITE, PATCH_WHITE};
    linear_product_nn(&patches, &whiten, white, PATCH_WHITE);
    const linear_matrix rows = {white, PATCHES_LEARNED, PATCH_WHITE, PATCH_WHITE};
    const kmeans_options o = {.count = ATOM_PAIRS,
                              .spherical = 1,
                              .rounds = ATOM_ROUNDS,
                              .seed = options->seed,
                              .thread_count = options->thread_count,
                              .progress = options->progress};
    ASSAY_TRY(kmeans_fit(&rows, &o, out->atom, NULL, NULL, err));
    mirror_atoms(vector, out->atom);
    patch_model_finish(out);
    return ASSAY_OK;
}
