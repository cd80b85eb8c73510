/* What the samples of one row of the matrix do to a function of it. */
#include "eval/row_gradient.h"

double gradient_mean_column(const confusion *c, const gradient *g)
{
    double sum = 0.0;
    for (size_t k = 0; k < c->class_count; k++)
        sum += g->column[k] * (double)c->predicted[k];
    return sum / (double)c->total;
}

row_gradient gradient_of_row(const confusion *c, const gradient *g, size_t row, double elsewhere)
{
    const double n = (double)c->support[row];
    const double tp = (double)c->true_positive[row];
    row_gradient out = {.right = g->row[row] + g->column[row] + g->diagonal[row]};
    for (size_t i = c->row_start[row]; i < c->row_start[row + 1]; i++) {
        if (c->cell[i].prediction == row)
            continue;
        const double at = g->row[row] + g->column[c->cell[i].prediction];
        out.wrong += c->cell[i].count * at;
        out.wrong_square += c->cell[i].count * at * at;
    }
    out.mean = (tp * out.right + out.wrong) / n;
    if (tp < n) {
        out.wrong /= n - tp;
        out.wrong_square /= n - tp;
    } else {
        out.wrong = g->row[row] + elsewhere;
        out.wrong_square = out.wrong * out.wrong;
    }
    return out;
}
