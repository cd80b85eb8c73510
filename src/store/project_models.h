#ifndef STORE_PROJECT_MODELS_H
#define STORE_PROJECT_MODELS_H

#include "frame/frame.h"
#include "store/duck.h"

/* Models and what they predicted. */

/** A model of a project. Texts are owned; NULL where there is none. */
typedef struct project_model {
    uint32_t number;
    char *name;
    char *source;        /* the files it came from */
    char *probabilities; /* file in probabilities/: samples × classes, float32 */
    char *top_classes;   /* file in probabilities/: samples × length, uint16 */
    bool has_confidence;
} project_model;

typedef struct project_models {
    project_model *model;
    size_t count;
} project_models;

void project_models_clear(project_models *list);
ASSAY_AUTO_CLEAR_DECLARE(project_models)

/** All models, in the order in which they were added. */
ASSAY_MUST_USE assay_code project_read_models(const duck *d, project_models *out, assay_err *err);

/**
 * Write a model in the open transaction; one of the same name is replaced, its metrics and
 * attributes gone. `prediction` and `confidence` (or NULL) have one entry a sample. model->number
 * is set. IO, NOMEM. O(N).
 */
ASSAY_MUST_USE assay_code project_put_model(const duck *d, project_model *model,
                                            const uint16_t *prediction, const double *confidence,
                                            size_t count, assay_err *err);

/** Let a model's probabilities be in another file of probabilities/. */
ASSAY_MUST_USE assay_code project_move_probabilities(const duck *d, uint32_t model,
                                                     const char *file, assay_err *err);

/** What a model predicted: CLASS_MISSING and NaN where nothing. `confidence` may be NULL. */
ASSAY_MUST_USE assay_code project_read_predictions(const duck *d, uint32_t model,
                                                   uint16_t *prediction, double *confidence,
                                                   size_t count, assay_err *err);

#endif
