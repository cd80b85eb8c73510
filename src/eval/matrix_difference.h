#ifndef EVAL_MATRIX_DIFFERENCE_H
#define EVAL_MATRIX_DIFFERENCE_H

#include "eval/confusion.h"
#include "eval/matrix_function.h"
#include "eval/samples.h"
#include "eval/score.h"

/** Two models on the same samples: equal rows and labels, and the matrix of each. Borrowed. */
typedef struct matrix_pair {
    const samples *a, *b;
    const confusion *matrix_a, *matrix_b;
    const bool *shown; /* class_count flags, or NULL: all */
} matrix_pair;

/**
 * b - a of every function of the matrix with its interval ("paired-delta"), into
 * differences[MATRIX_FUNCTIONS]: value ± z·se, inside [-1, 1] (MCC, kappa: [-2, 2]). No answer
 * where either has none; no interval where MCC has nothing to divide by.
 *
 * With d the difference of the derivatives at the cells of a sample: se² = Σ_i n_i·(variance of d
 * within true class i + (mean of d in i - mean of d)²), which is Σ d² - (Σ d)²/N as counted, but
 * within a class 1/K of a sample that only a has right and 1/K of one that only b has right are
 * added (K: classes that have samples), wrong as that model is wrong in the class: models that
 * differ on no sample would say that they never could. Measured (tests/simulation/
 * coverage_difference.c): 93..97 % where they differ on ten samples or more, up to 100 % on fewer.
 * The same bits at any thread count. NOMEM. O(MATRIX_FUNCTIONS · (N + cells + K)).
 */
ASSAY_MUST_USE assay_code matrix_differences(const matrix_pair *p, double z, score *differences,
                                             assay_err *err);

#endif
