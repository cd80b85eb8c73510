#ifndef PROJECT_KEEP_MATRIX_H
#define PROJECT_KEEP_MATRIX_H

#include "base/progress.h"
#include "frame/frame.h"
#include "store/project_folder.h"
#include "store/project_models.h"

/* A model's wide matrices in the project's folder: row = sample, column = class of the project. */

typedef struct keep_request {
    const char *name; /* of the model */
    const frame *from;
    const uint32_t *row_of; /* a sample's row in `from`; UINT32_MAX: none */
    size_t sample_count;
    const uint16_t *class_of; /* a class of `from` -> one of the project */
    uint32_t class_count;     /* of the project */
    const progress *progress; /* "keeping probabilities"; may stop it */
} keep_request;

/**
 * Write the probabilities of `from` as a matrix that no row names yet; *file (mem_free) is its name
 * in probabilities/. Values and type of the input, so that every number comes out as from the file;
 * of logits, and of sums that an option let pass, the normalised ones as float64. A sample without
 * a row is NaN, a class that the model does not know 0. IO, NOMEM, CANCELLED. O(N · K).
 */
ASSAY_MUST_USE assay_code keep_probabilities(const project_writer *w, const keep_request *request,
                                             char **file, assay_err *err);

/** The same for the k most probable classes: uint16, 0xFFFF past the end of a list. */
ASSAY_MUST_USE assay_code keep_top_lists(const project_writer *w, const keep_request *request,
                                         char **file, assay_err *err);

/** In an open transaction: matrices of models other than `except` get columns of zeros up to
 * `class_count`. */
ASSAY_MUST_USE assay_code widen_models(const project_writer *w, const duck *db,
                                       const project_models *models, const char *except,
                                       uint32_t class_count, assay_err *err);

#endif
