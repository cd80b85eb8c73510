#ifndef EMBED_DESCRIPTOR_PARTS_H
#define EMBED_DESCRIPTOR_PARTS_H

#include "embed/descriptor.h"

/* Between the files of the descriptor. An image is described by three blocks of features:
 *
 *   patches    what small patches look like, as likeness to 100 learned ones and their mirror
 *              images, in 4×4 cells
 *   gradients  histograms of the directions of edges, in 7×7 overlapping blocks
 *   colour     opponent colours in 8×8 cells
 *
 * An image and its mirror image have the same features: each block keeps the left half of what is
 * the same on both sides. The blocks are joined and projected on their main directions. */

enum {
    PATCH_SIDE = 6,
    PATCH_STEP = 2,
    PATCH_GRID = 14, /* patches in a row of the image */
    PATCHES = PATCH_GRID * PATCH_GRID,
    PATCH_VALUES = 3 * PATCH_SIDE * PATCH_SIDE, /* channel, row, column */
    PATCH_WHITE = 48,                           /* values of a whitened patch */
    ATOM_PAIRS = 100,                           /* learned patches; atom 100+k mirrors atom k */
    ATOMS = 2 * ATOM_PAIRS,
    PATCH_CELLS = 4,
    PATCH_FEATURES = PATCH_CELLS * PATCH_CELLS * ATOM_PAIRS,
    GRADIENT_FEATURES = 7 * 4 * 36,
    COLOUR_FEATURES = 8 * 4 * 3,
    FEATURES = PATCH_FEATURES + GRADIENT_FEATURES + COLOUR_FEATURES,
    BLOCK_COUNT = 3,
};

/* Images whose patches are multiplied at once: what fits the cache. */
enum { PATCH_BATCH = 4 };

/** What is learned of patches. */
typedef struct patch_model {
    float mean[PATCH_VALUES];
    float white[PATCH_VALUES * PATCH_WHITE]; /* a patch minus the mean, times this, is white */
    float atom[ATOMS * PATCH_WHITE];         /* of length 1 */
    /* For encoding, filled by patch_model_finish(): */
    float apart[ATOMS * PATCH_WHITE]; /* atoms minus the mean atom */
    float offset[ATOMS];              /* what the mean patch contributes, negated */
} patch_model;

struct descriptor {
    patch_model patch;
    float mean[FEATURES];      /* of the features, over the images learned from */
    float weight[BLOCK_COUNT]; /* of each block; 0: the block told nothing apart */
    size_t dimensions;
    float *projection; /* FEATURES × dimensions */
};

/** Everything a worker needs to compute features. */
typedef struct patch_scratch {
    float plane[3][DESCRIPTOR_SIDE][DESCRIPTOR_SIDE];
    float patch[PATCH_BATCH * PATCHES * PATCH_VALUES];
    float white[PATCH_BATCH * PATCHES * PATCH_WHITE];
    float likeness[PATCH_BATCH * PATCHES * ATOMS];
} patch_scratch;

/** A patch of 8-bit pixels at (x, y), less its mean, scaled to a deviation of about 1: flat patches
 * less, lest noise counts. */
void patch_take(const uint8_t *image, size_t x, size_t y, float out[PATCH_VALUES]);

/** Fill in what follows from mean, white and atom. */
void patch_model_finish(patch_model *m);

/** PATCH_FEATURES of up to PATCH_BATCH images, each `stride` floats apart in `out`. */
void patch_features(const patch_model *m, const uint8_t *const *image, size_t count,
                    patch_scratch *scratch, float *out, size_t stride);

/** GRADIENT_FEATURES of an image. */
void gradient_features(const uint8_t *image, float *out);

/** COLOUR_FEATURES of an image. */
void colour_features(const uint8_t *image, float *out);

/** Learn whitening and atoms from 40,000 random patches of the `count` images listed in `image`.
 * CANCELLED, NOMEM. */
ASSAY_MUST_USE assay_code patch_model_learn(const descriptor_images *images, const uint32_t *image,
                                            size_t count, const descriptor_options *options,
                                            patch_model *out, assay_err *err);

/** Some of the images: their places, ascending. */
typedef struct chosen_images {
    const descriptor_images *images;
    const uint32_t *at;
    size_t count;
} chosen_images;

/** Learn the rest on top of a given patch model: what descriptor_fit() does once it has one. The
 * seam at which tests put in a reference's dictionary. */
ASSAY_MUST_USE assay_code descriptor_fit_rest(const chosen_images *chosen, const patch_model *patch,
                                              const descriptor_options *options, descriptor **out,
                                              assay_err *err);

/** A descriptor of given numbers: all that `given` holds is copied. Its patch model needs mean,
 * white and atom. NOMEM. */
ASSAY_MUST_USE assay_code descriptor_load(const descriptor *given, descriptor **out,
                                          assay_err *err);

/** Features of one image, before they are weighed: FEATURES values. For tests. NOMEM. */
ASSAY_MUST_USE assay_code descriptor_features(const descriptor *d, const uint8_t *image, float *out,
                                              assay_err *err);

#endif
