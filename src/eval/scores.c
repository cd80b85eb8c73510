/* The scores of a classification: proportions here, functions of the whole matrix from next door.
 */
#include "eval/scores.h"

#include "base/mem.h"
#include "eval/effective_counts.h"
#include "eval/matrix_interval.h"
#include "stats/interval.h"
#include "stats/special.h"

#include <math.h>

/* Below this many samples no interval means quite what it says. */
enum { FEW = 10 };

ASSAY_AUTO_DECLARE(matrix_scores)
ASSAY_AUTO_CLEAR_DECLARE(effective_counts)

static void take_interval(score *out, interval i, const char *method)
{
    out->low = i.low;
    out->high = i.high;
    out->method = isnan(i.low) ? "none" : method;
}

static bool is_few(uint64_t n, double effective_n)
{
    return n < FEW || (effective_n > 0.0 && effective_n < FEW);
}

score score_proportion(uint64_t successes, uint64_t n, double effective_n,
                       const evaluation_options *options)
{
    score out = score_none();
    out.few = is_few(n, effective_n);
    if (n == 0)
        return out;
    const double z = normal_z(options->confidence_level);
    out.value = (double)successes / (double)n;
    if (effective_n != 0.0)
        take_interval(&out, interval_wilson(out.value * effective_n, effective_n, z),
                      "wilson-effective-n");
    else if (options->exact_proportions)
        take_interval(&out, interval_clopper_pearson(successes, n, options->confidence_level),
                      "clopper-pearson");
    else
        take_interval(&out, interval_wilson((double)successes, (double)n, z), "wilson");
    return out;
}

/* Of a class: where there is nothing to divide by it is 0, and says so. */
static score class_proportion(uint64_t successes, uint64_t n, double effective_n,
                              const evaluation_options *options)
{
    score out = score_proportion(successes, n, effective_n, options);
    if (n == 0) {
        out.value = 0.0;
        out.undefined = true;
    }
    return out;
}

static score class_f1(uint64_t tp, uint64_t in_union, double effective_n,
                      const evaluation_options *options)
{
    score out = score_none();
    out.value = in_union ? 2.0 * (double)tp / (double)(in_union + tp) : 0.0;
    out.undefined = in_union == 0;
    out.few = is_few(in_union, effective_n);
    const double z = normal_z(options->confidence_level);
    if (in_union == 0)
        return out;
    if (effective_n != 0.0)
        take_interval(&out,
                      interval_f1((double)tp / (double)in_union * effective_n, effective_n, z),
                      "wilson-f1");
    else if (options->exact_proportions)
        take_interval(&out, interval_f1_exact(tp, in_union, options->confidence_level),
                      "clopper-pearson-f1");
    else
        take_interval(&out, interval_f1((double)tp, (double)in_union, z), "wilson-f1");
    return out;
}

static void score_classes(matrix_scores *m, const confusion *c, const effective_counts *effective,
                          const evaluation_options *options)
{
    for (size_t k = 0; k < c->class_count; k++) {
        const uint64_t tp = c->true_positive[k];
        const uint64_t in_union = c->support[k] + c->predicted[k] - tp;
        const class_effective worth =
            effective->per_class ? effective->per_class[k] : (class_effective){0};
        m->per_class[k] = (class_scores){
            .support = c->support[k],
            .predicted = c->predicted[k],
            .true_positive = tp,
            .precision = class_proportion(tp, c->predicted[k], worth.precision, options),
            .recall = class_proportion(tp, c->support[k], worth.recall, options),
            .f1 = class_f1(tp, in_union, worth.f1, options)};
    }
}

/* Sums over the shown classes. */
typedef struct pooled {
    uint64_t support, predicted, true_positive;
    uint32_t classes_under_ten;
} pooled;

static pooled pool(const confusion *c, const bool *shown)
{
    pooled sum = {0};
    for (size_t k = 0; k < c->class_count; k++) {
        if (shown && !shown[k])
            continue;
        sum.support += c->support[k];
        sum.predicted += c->predicted[k];
        sum.true_positive += c->true_positive[k];
        sum.classes_under_ten += c->support[k] > 0 && c->support[k] < FEW;
    }
    return sum;
}

static void score_pooled(matrix_scores *m, const pooled *sum, const effective_counts *effective,
                         const evaluation_options *options)
{
    m->accuracy = score_proportion(sum->true_positive, sum->support, effective->accuracy, options);
    m->micro_recall = m->accuracy;
    m->weighted_recall = m->accuracy;
    m->micro_precision = options->shown ? score_proportion(sum->true_positive, sum->predicted,
                                                           effective->micro_precision, options)
                                        : m->accuracy;
}

static void place_functions(matrix_scores *m, const score *of, const pooled *sum, bool all)
{
    const bool few = sum->support < FEW;
    m->macro_precision = of[MACRO_PRECISION];
    m->macro_recall = of[MACRO_RECALL];
    m->macro_f1 = of[MACRO_F1];
    m->balanced_accuracy = of[BALANCED_ACCURACY];
    m->macro_precision.few = few || m->classes_under_ten > 0;
    m->macro_recall.few = m->macro_f1.few = m->balanced_accuracy.few = m->macro_precision.few;
    m->weighted_precision = of[WEIGHTED_PRECISION];
    m->weighted_f1 = of[WEIGHTED_F1];
    m->mcc = of[MCC];
    m->kappa = of[KAPPA];
    m->weighted_precision.few = m->weighted_f1.few = m->mcc.few = m->kappa.few = few;
    m->micro_f1 = m->accuracy;
    if (!all) {
        m->micro_f1 = of[MICRO_F1];
        m->micro_f1.few = few;
    }
}

assay_code matrix_scores_new(const confusion *c, const samples *s,
                             const evaluation_options *options, matrix_scores **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(matrix_scores) m = mem_zalloc(1, sizeof *m);
    if (!m)
        return assay_fail(err, ASSAY_E_NOMEM, "scores");
    m->class_count = c->class_count;
    m->per_class = mem_zalloc(c->class_count, sizeof *m->per_class);
    if (!m->per_class)
        return assay_fail(err, ASSAY_E_NOMEM, "scores of %u classes", c->class_count);
    ASSAY_AUTO_CLEAR(effective_counts) effective = {0};
    ASSAY_TRY(effective_counts_init(&effective, c, s, options->shown, err));
    score functions[MATRIX_FUNCTIONS];
    ASSAY_TRY(matrix_function_scores(c, s, &effective, options, functions, err));

    const pooled sum = pool(c, options->shown);
    m->classes_under_ten = sum.classes_under_ten;
    score_classes(m, c, &effective, options);
    score_pooled(m, &sum, &effective, options);
    place_functions(m, functions, &sum, !options->shown);
    *out = ASSAY_GIVE(m);
    return ASSAY_OK;
}

void matrix_scores_free(matrix_scores *m)
{
    if (!m)
        return;
    mem_free(m->per_class);
    mem_free(m);
}
