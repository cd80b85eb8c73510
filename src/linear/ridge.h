#ifndef LINEAR_RIDGE_H
#define LINEAR_RIDGE_H

#include "base/progress.h"
#include "base/try.h"
#include "linear/product.h"

#include <stddef.h>
#include <stdint.h>

enum { RIDGE_FOLDS = 5 };

/* A label that is missing. */
enum { RIDGE_UNLABELLED = 0xFFFF };

/** Vectors (of length 1, where they are embeddings) and their given labels. A row that holds a
 * value that is not finite is left out: its answers are NaN. */
typedef struct ridge_samples {
    linear_matrix rows;    /* N×D */
    const uint16_t *label; /* N, below class_count or RIDGE_UNLABELLED */
    uint32_t class_count;  /* K */
} ridge_samples;

typedef struct ridge_options {
    uint64_t seed; /* deals the samples into folds */
    int thread_count;
    const progress *progress; /* "cross-fitting": folds; may stop it */
} ridge_options;

/** What is wanted; NULL: not. Borrowed. */
typedef struct ridge_answers {
    float *score;     /* N×K out-of-fold scores, about 1 for the model's choice and 0 for others */
    float *margin;    /* N: best score of another class minus the score of the given label, larger
                         where the label is more suspect. NaN for unlabelled samples */
    uint16_t *choice; /* N: the class with the best score, the lowest among equals; of unlabelled
                         samples too. RIDGE_UNLABELLED where there is no score */
} ridge_answers;

/**
 * Cross-fitted linear classifier: labelled samples are dealt into five folds by a seeded
 * permutation (fewer folds where there are fewer samples), and each is scored by a model that never
 * saw it; unlabelled ones are dealt too and only scored. The model is a least-squares fit to the
 * label as one-hot, with a free constant and the penalty 0.1·trace/D on the coefficients, where
 * trace is that of the training rows' matrix of products about their mean.
 *
 * Margin and choice are among the classes that some sample is labelled with. With fewer than two
 * labelled samples nothing has an answer, with fewer than two such classes no margin.
 *
 * The same bits at any thread count. CANCELLED, NOMEM. O(N·D·(D+K) + D³), 8·RIDGE_FOLDS·D·(D+K)
 * bytes.
 */
ASSAY_MUST_USE assay_code ridge_cross_fit(const ridge_samples *samples,
                                          const ridge_options *options,
                                          const ridge_answers *answers, assay_err *err);

#endif
