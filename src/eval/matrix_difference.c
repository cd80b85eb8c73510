/* How far two models lie apart in what their matrices decide, and how sure that is: by the
 * difference of the influences, sample by sample. */
#include "eval/matrix_difference.h"

#include "base/mem.h"
#include "eval/row_gradient.h"
#include "stats/interval.h"

#include <math.h>

/* One model's side. */
typedef struct side {
    const confusion *matrix;
    margins margins;
    gradient gradient;
    double elsewhere; /* mean derivative by column */
} side;

typedef struct pairing {
    const matrix_pair *of;
    side a, b;
    double *numbers;       /* where all arrays lie */
    double *sum, *squares; /* of d, a class */
    double classes;        /* that have samples */
} pairing;

static void pairing_clear(pairing *p)
{
    mem_free(p->numbers);
}

ASSAY_AUTO_CLEAR_DECLARE(pairing)

static side side_of(const confusion *c, const bool *shown, double *numbers)
{
    const size_t k = c->class_count;
    return (side){.matrix = c,
                  .margins = {.class_count = c->class_count,
                              .shown = shown,
                              .support = c->support,
                              .predicted = c->predicted,
                              .true_positive = c->true_positive,
                              .total = c->total},
                  .gradient = {numbers, numbers + k, numbers + 2 * k}};
}

/* False when memory is short. */
static bool pairing_init(pairing *p, const matrix_pair *of)
{
    const size_t k = of->matrix_a->class_count;
    enum { ARRAYS = 8 };
    p->of = of;
    p->numbers = mem_zalloc(ARRAYS * k, sizeof *p->numbers);
    if (!p->numbers)
        return false;
    p->a = side_of(of->matrix_a, of->shown, p->numbers);
    p->b = side_of(of->matrix_b, of->shown, p->numbers + 3 * k);
    p->sum = p->numbers + 6 * k;
    p->squares = p->numbers + 7 * k;
    for (size_t i = 0; i < k; i++)
        p->classes += of->matrix_a->support[i] > 0;
    return true;
}

static void sum_differences(const pairing *p)
{
    const samples *a = p->of->a, *b = p->of->b;
    for (size_t k = 0; k < p->a.matrix->class_count; k++)
        p->sum[k] = p->squares[k] = 0.0;
    for (size_t i = 0; i < a->count; i++) {
        const uint16_t label = a->label[i];
        const double d = gradient_of_cell(&p->b.gradient, label, b->prediction[i]) -
                         gradient_of_cell(&p->a.gradient, label, a->prediction[i]);
        p->sum[label] += d;
        p->squares[label] += d * d;
    }
}

/* n times the variance of d within a class, with the two that are added. */
static double spread_within(const pairing *p, size_t k)
{
    const row_gradient a = gradient_of_row(p->a.matrix, &p->a.gradient, k, p->a.elsewhere);
    const row_gradient b = gradient_of_row(p->b.matrix, &p->b.gradient, k, p->b.elsewhere);
    const double only_a = b.wrong - a.right, only_b = b.right - a.wrong;
    const double n = (double)p->a.matrix->support[k], share = 1.0 / p->classes;
    const double weight = n + 2.0 * share;
    const double mean = (p->sum[k] + share * (only_a + only_b)) / weight;
    const double square = (p->squares[k] + share * (only_a * only_a + only_b * only_b)) / weight;
    return n * fmax(0.0, square - mean * mean);
}

static double se_of_difference(const pairing *p)
{
    double within = 0.0, sum = 0.0, between = 0.0;
    sum_differences(p);
    for (size_t k = 0; k < p->a.matrix->class_count; k++) {
        if (!p->a.matrix->support[k])
            continue;
        within += spread_within(p, k);
        sum += p->sum[k];
        between += p->sum[k] * p->sum[k] / (double)p->a.matrix->support[k];
    }
    return sqrt(within + fmax(0.0, between - sum * sum / (double)p->a.matrix->total));
}

static bool take_gradient(side *s, matrix_function f, double value)
{
    if (!isfinite(value))
        return false; /* MCC with nothing to divide by */
    matrix_function_gradient(f, &s->margins, value, &s->gradient);
    s->elsewhere = gradient_mean_column(s->matrix, &s->gradient);
    return true;
}

static score difference_of(pairing *p, matrix_function f, double z)
{
    score out = score_none();
    const bool by_chance = f == MCC || f == KAPPA;
    if (p->a.matrix->total == 0 || (p->of->shown && by_chance))
        return out;
    const double a = matrix_function_value(f, &p->a.margins);
    const double b = matrix_function_value(f, &p->b.margins);
    if (f != MCC && (isnan(a) || isnan(b)))
        return out;
    out.value = (isfinite(b) ? b : 0.0) - (isfinite(a) ? a : 0.0);
    out.undefined = !isfinite(a) || !isfinite(b);
    if (!take_gradient(&p->a, f, a) || !take_gradient(&p->b, f, b))
        return out;
    const double se = se_of_difference(p), most = by_chance ? 2.0 : 1.0;
    const interval i = interval_clip(interval_plain(out.value, se, z), -most, most);
    out.low = i.low;
    out.high = i.high;
    out.method = "paired-delta";
    return out;
}

assay_code matrix_differences(const matrix_pair *p, double z, score *differences, assay_err *err)
{
    ASSAY_AUTO_CLEAR(pairing) pairs = {0};
    if (!pairing_init(&pairs, p))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the differences of %u classes",
                          p->matrix_a->class_count);
    for (matrix_function f = 0; f < MATRIX_FUNCTIONS; f++)
        differences[f] = difference_of(&pairs, f, z);
    return ASSAY_OK;
}
