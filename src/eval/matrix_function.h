#ifndef EVAL_MATRIX_FUNCTION_H
#define EVAL_MATRIX_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The scores that are no proportion, as functions of the matrix. All of them depend on it only
 * through its margins: support n, predicted m and true positives of each class. */

typedef enum matrix_function {
    MACRO_PRECISION,
    MACRO_RECALL,
    MACRO_F1,
    WEIGHTED_PRECISION,
    WEIGHTED_F1,
    MICRO_F1,
    BALANCED_ACCURACY,
    MCC,
    KAPPA,
    MATRIX_FUNCTIONS
} matrix_function;

/** A view of the margins of a matrix. */
typedef struct margins {
    uint32_t class_count;
    const bool *shown; /* NULL: all */
    const uint64_t *support, *predicted, *true_positive;
    uint64_t total;
} margins;

static inline bool margins_shows(const margins *m, size_t k)
{
    return !m->shown || m->shown[k];
}

/**
 * Derivatives by the count of a cell: row[label] + column[prediction], and diagonal[label] more
 * where the two are equal; up to a constant, which no variance sees. class_count numbers each.
 */
typedef struct gradient {
    double *row, *column, *diagonal;
} gradient;

static inline double gradient_of_cell(const gradient *g, uint16_t label, uint16_t prediction)
{
    return g->row[label] + g->column[prediction] + (label == prediction ? g->diagonal[label] : 0.0);
}

/** The score; NaN: no answer (nothing to divide by). MCC and KAPPA take no notice of `shown`. O(K).
 */
double matrix_function_value(matrix_function f, const margins *m);

/** The gradient of a score that has the given value. Zeroes where that is NaN. O(K). */
void matrix_function_gradient(matrix_function f, const margins *m, double value, gradient *out);

#endif
