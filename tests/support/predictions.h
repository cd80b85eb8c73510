#ifndef SUPPORT_PREDICTIONS_H
#define SUPPORT_PREDICTIONS_H

#include "base/rng.h"
#include "eval/options.h"
#include "eval/samples.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

/** Samples of a made-up model, for tests of scores; every array belongs to the caller's zeroed
 * struct. */
typedef struct predictions {
    frame f;
    samples s;
    probabilities p;
    double *values;
    uint16_t *label, *prediction;
    double *confidence;
} predictions;

/** Room for `rows` samples of `columns` logits; the test fills values and label, then calls
 * predictions_scan(). */
static inline void predictions_init(predictions *d, size_t rows, size_t columns)
{
    *d = (predictions){0};
    d->values = calloc(rows * columns, sizeof *d->values);
    d->label = calloc(rows, sizeof *d->label);
    d->prediction = calloc(rows, sizeof *d->prediction);
    d->confidence = calloc(rows, sizeof *d->confidence);
    assert_true(d->values && d->label && d->prediction && d->confidence);
    d->p.values =
        (matrix){.at = d->values, .row_count = rows, .column_count = columns, .type = MATRIX_F64};
    d->p.logits = true;
}

static inline void predictions_scan(predictions *d)
{
    probability_scan scan;
    assert_int_equal(probabilities_scan(&d->p, 1, d->prediction, d->confidence, &scan, NULL),
                     ASSAY_OK);
    d->f.row_count = d->p.values.row_count;
    d->f.classes.count = (uint32_t)d->p.values.column_count;
    d->f.probability = &d->p;
    d->f.confidence = d->confidence;
    d->s = (samples){
        .count = d->f.row_count, .label = d->label, .prediction = d->prediction, .frame = &d->f};
}

static inline void predictions_drop(predictions *d)
{
    probabilities_clear(&d->p);
    free(d->values);
    free(d->label);
    free(d->prediction);
    free(d->confidence);
}

static inline double predictions_unit(uint64_t x)
{
    return (double)(rng_mix(x) >> 11) * 0x1p-53;
}

/** The data of tests/reference/calibration.py: 400 samples of 5 classes made of hashes. */
static inline void predictions_reference(predictions *d)
{
    enum { REFERENCE_ROWS = 400, REFERENCE_CLASSES = 5 };
    predictions_init(d, REFERENCE_ROWS, REFERENCE_CLASSES);
    for (size_t i = 0; i < REFERENCE_ROWS * REFERENCE_CLASSES; i++) {
        const size_t row = i / REFERENCE_CLASSES, column = i % REFERENCE_CLASSES;
        d->values[i] =
            4.0 * predictions_unit(i + 1) + 3.0 * (column == row * 3 % REFERENCE_CLASSES);
        const bool moved = predictions_unit(row + 1000000) < 0.35;
        d->label[row] = (uint16_t)((row * 3 % REFERENCE_CLASSES + moved) % REFERENCE_CLASSES);
    }
    predictions_scan(d);
}

static inline evaluation_options predictions_options(uint64_t seed, int threads)
{
    return (evaluation_options){.confidence_level = 0.95, .seed = seed, .thread_count = threads};
}

#endif
