#ifndef EVAL_ROW_GRADIENT_H
#define EVAL_ROW_GRADIENT_H

#include "eval/confusion.h"
#include "eval/matrix_function.h"

/** The gradient of a function of the matrix in one row: at its diagonal, and mean and mean square
 * over its errors. */
typedef struct row_gradient {
    double right, wrong, wrong_square;
    double mean; /* over all of its samples */
} row_gradient;

/** Σ over predictions of column · share predicted: the mean derivative by where a sample is
 * predicted. O(K). */
double gradient_mean_column(const confusion *c, const gradient *g);

/** Of a row that has samples. One without errors is taken to have them where the mean column
 * derivative `elsewhere` is. O(cells of the row). */
row_gradient gradient_of_row(const confusion *c, const gradient *g, size_t row, double elsewhere);

#endif
