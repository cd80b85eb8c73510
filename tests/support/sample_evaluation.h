#ifndef SUPPORT_SAMPLE_EVALUATION_H
#define SUPPORT_SAMPLE_EVALUATION_H

#include "project/evaluate.h"

/** What a made-up evaluation holds. Zero: nothing but the matrix. */
typedef struct sample_shape {
    uint32_t classes;   /* at least 2 */
    uint64_t per_class; /* samples of the first class; later ones have fewer */
    uint32_t shown;     /* a class filter over the first so many; 0: none */
    bool probabilities; /* with confidence, calibration, ranking and curves */
    bool confidence;    /* alone */
    bool metrics;
    bool missing;       /* samples without label, prediction or both */
    bool hostile_names; /* names with escapes, wide characters, stray bytes, great length */
} sample_shape;

/**
 * An evaluation made by hand: plausible numbers that agree with one another where a reader would
 * look (matrix, supports, accuracy), not the engine's. Aborts when memory is short. Free with
 * sample_evaluation_free().
 */
evaluated *sample_evaluation_new(const sample_shape *shape);
void sample_evaluation_free(evaluated *e);

#endif
