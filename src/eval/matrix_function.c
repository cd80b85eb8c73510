/* Values and derivatives of the functions of a confusion matrix. Knows nothing of intervals. */
#include "eval/matrix_function.h"

#include "base/limits.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* A score of one class and its derivatives by n, m and tp. */
typedef struct class_part {
    double value, by_support, by_predicted, by_true_positive;
} class_part;

typedef class_part class_score(double tp, double n, double m);

static class_part precision_part(double tp, double n, double m)
{
    (void)n;
    if (m == 0.0)
        return (class_part){0};
    return (class_part){
        .value = tp / m, .by_predicted = -tp / (m * m), .by_true_positive = 1.0 / m};
}

static class_part recall_part(double tp, double n, double m)
{
    (void)m;
    if (n == 0.0)
        return (class_part){0};
    return (class_part){.value = tp / n, .by_support = -tp / (n * n), .by_true_positive = 1.0 / n};
}

static class_part f1_part(double tp, double n, double m)
{
    const double both = n + m;
    if (both == 0.0)
        return (class_part){0};
    const double by_either = -2.0 * tp / (both * both);
    return (class_part){2.0 * tp / both, by_either, by_either, 2.0 / both};
}

/* How the scores of the classes are averaged. */
typedef enum weighting { EQUALLY, EQUALLY_IF_LABELLED, BY_SUPPORT } weighting;

typedef struct class_mean {
    class_score *score;
    weighting weights;
} class_mean;

static const class_mean CLASS_MEANS[MATRIX_FUNCTIONS] = {
    [MACRO_PRECISION] = {precision_part, EQUALLY},
    [MACRO_RECALL] = {recall_part, EQUALLY},
    [MACRO_F1] = {f1_part, EQUALLY},
    [WEIGHTED_PRECISION] = {precision_part, BY_SUPPORT},
    [WEIGHTED_F1] = {f1_part, BY_SUPPORT},
    [BALANCED_ACCURACY] = {recall_part, EQUALLY_IF_LABELLED},
};

static double weight_of(const margins *m, weighting weights, size_t k)
{
    if (!margins_shows(m, k))
        return 0.0;
    if (weights == BY_SUPPORT)
        return (double)m->support[k];
    return m->support[k] || (weights == EQUALLY && m->predicted[k]) ? 1.0 : 0.0;
}

static double sum_of_weights(const margins *m, weighting weights)
{
    double sum = 0.0;
    for (size_t k = 0; k < m->class_count; k++)
        sum += weight_of(m, weights, k);
    return sum;
}

static class_part part_of(const margins *m, const class_mean *mean, size_t k)
{
    return mean->score((double)m->true_positive[k], (double)m->support[k], (double)m->predicted[k]);
}

static double mean_value(const margins *m, const class_mean *mean)
{
    double sum = 0.0;
    for (size_t k = 0; k < m->class_count; k++) {
        const double weight = weight_of(m, mean->weights, k);
        if (weight > 0.0)
            sum += weight * part_of(m, mean, k).value;
    }
    return sum / sum_of_weights(m, mean->weights); /* 0/0 is no answer */
}

static void mean_gradient(const margins *m, const class_mean *mean, double value, gradient *out)
{
    const double weights = sum_of_weights(m, mean->weights);
    for (size_t k = 0; k < m->class_count; k++) {
        const double share = weight_of(m, mean->weights, k) / weights;
        const class_part part = part_of(m, mean, k);
        out->row[k] = share * part.by_support;
        out->column[k] = share * part.by_predicted;
        out->diagonal[k] = share * part.by_true_positive;
        if (mean->weights == BY_SUPPORT && margins_shows(m, k))
            out->row[k] += (part.value - value) / weights;
    }
}

static class_part pooled_f1(const margins *m)
{
    double tp = 0.0;
    double support = 0.0;
    double predicted = 0.0;
    for (size_t k = 0; k < m->class_count; k++) {
        if (!margins_shows(m, k))
            continue;
        tp += (double)m->true_positive[k];
        support += (double)m->support[k];
        predicted += (double)m->predicted[k];
    }
    class_part part = f1_part(tp, support, predicted);
    if (support + predicted == 0.0)
        part.value = (double)NAN;
    return part;
}

static void pooled_f1_gradient(const margins *m, gradient *out)
{
    const class_part part = pooled_f1(m);
    for (size_t k = 0; k < m->class_count; k++) {
        const double in = margins_shows(m, k) ? 1.0 : 0.0;
        out->row[k] = in * part.by_support;
        out->column[k] = in * part.by_predicted;
        out->diagonal[k] = in * part.by_true_positive;
    }
}

/* Sums of products of the margins: what MCC and kappa are made of. They nearly cancel where one
 * class has almost every sample, so they are whole numbers; all are below 2^62. */
typedef struct products {
    double total;
    double covariance;         /* N Σ tp - Σ n m */
    double support, predicted; /* N² - Σ n², N² - Σ m² */
    double beyond_chance;      /* N² - Σ n m */
} products;

static products multiply_margins(const margins *m)
{
    assert(m->total <= ROWS_MOST);
    const int64_t square = (int64_t)(m->total * m->total);
    int64_t correct = 0, both = 0, support = square, predicted = square;
    for (size_t k = 0; k < m->class_count; k++) {
        const int64_t n = (int64_t)m->support[k];
        const int64_t p = (int64_t)m->predicted[k];
        correct += (int64_t)m->true_positive[k];
        both += n * p;
        support -= n * n;
        predicted -= p * p;
    }
    return (products){.total = (double)m->total,
                      .covariance = (double)(correct * (int64_t)m->total - both),
                      .support = (double)support,
                      .predicted = (double)predicted,
                      .beyond_chance = (double)(square - both)};
}

static double mcc_value(const products *p)
{
    return p->covariance / sqrt(p->support * p->predicted);
}

static void mcc_gradient(const margins *m, const products *p, double value, gradient *out)
{
    const double root = sqrt(p->support * p->predicted);
    for (size_t k = 0; k < m->class_count; k++) {
        const double support = (double)m->support[k];
        const double predicted = (double)m->predicted[k];
        out->row[k] = value * support / p->support - predicted / root;
        out->column[k] = value * predicted / p->predicted - support / root;
        out->diagonal[k] = p->total / root;
    }
}

static double kappa_value(const products *p)
{
    return p->covariance / p->beyond_chance;
}

static void kappa_gradient(const margins *m, const products *p, double value, gradient *out)
{
    const double by_chance = -(1.0 - value) / p->beyond_chance;
    for (size_t k = 0; k < m->class_count; k++) {
        out->row[k] = by_chance * (double)m->predicted[k];
        out->column[k] = by_chance * (double)m->support[k];
        out->diagonal[k] = p->total / p->beyond_chance;
    }
}

static void clear_gradient(const margins *m, gradient *out)
{
    memset(out->row, 0, m->class_count * sizeof *out->row);
    memset(out->column, 0, m->class_count * sizeof *out->column);
    memset(out->diagonal, 0, m->class_count * sizeof *out->diagonal);
}

double matrix_function_value(matrix_function f, const margins *m)
{
    if (CLASS_MEANS[f].score)
        return mean_value(m, &CLASS_MEANS[f]);
    if (f == MICRO_F1)
        return pooled_f1(m).value;
    const products p = multiply_margins(m);
    return f == MCC ? mcc_value(&p) : kappa_value(&p);
}

void matrix_function_gradient(matrix_function f, const margins *m, double value, gradient *out)
{
    if (isnan(value)) {
        clear_gradient(m, out);
        return;
    }
    if (CLASS_MEANS[f].score) {
        mean_gradient(m, &CLASS_MEANS[f], value, out);
        return;
    }
    if (f == MICRO_F1) {
        pooled_f1_gradient(m, out);
        return;
    }
    const products p = multiply_margins(m);
    if (f == MCC)
        mcc_gradient(m, &p, value, out);
    else
        kappa_gradient(m, &p, value, out);
}
