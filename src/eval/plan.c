/* What to label next: how many more samples of a class make its recall as sure as one wants. */
#include "eval/plan.h"

#include "base/mem.h"
#include "eval/scores.h"
#include "stats/special.h"

#include <math.h>
#include <stdlib.h>

static double wilson_half_width(double p, double n, double z)
{
    return z * sqrt(n * p * (1.0 - p) + z * z / 4.0) / (n + z * z);
}

/* The half-width falls strictly as n grows, from 1/2 at 0. */
uint64_t plan_samples_needed(double p, double half_width, double z)
{
    uint64_t enough = 1;
    while (wilson_half_width(p, (double)enough, z) > half_width)
        enough *= 2;
    uint64_t short_of = 0;
    if (wilson_half_width(p, 0.0, z) <= half_width)
        return 0;
    while (enough - short_of > 1) {
        const uint64_t middle = short_of + (enough - short_of) / 2;
        if (wilson_half_width(p, (double)middle, z) > half_width)
            short_of = middle;
        else
            enough = middle;
    }
    return enough;
}

static class_plan plan_class(const confusion *c, size_t k, double half_width,
                             const evaluation_options *options)
{
    evaluation_options wilson = *options;
    wilson.exact_proportions = false;
    const uint64_t n = c->support[k], tp = c->true_positive[k];
    class_plan out = {
        .class_code = (uint16_t)k, .labelled = n, .recall = score_proportion(tp, n, 0.0, &wilson)};
    out.half_width = (out.recall.high - out.recall.low) / 2.0;
    if (out.half_width <= half_width)
        return out;
    const double likely = ((double)tp + 2.0) / ((double)n + 4.0);
    const uint64_t needed =
        plan_samples_needed(likely, half_width, normal_z(options->confidence_level));
    out.more = needed > n ? needed - n : 0;
    return out;
}

/* Without samples there is no width: last. */
static int compare_plans(const void *a, const void *b)
{
    const class_plan *x = a, *y = b;
    const double p = x->labelled ? x->half_width : -1.0;
    const double q = y->labelled ? y->half_width : -1.0;
    if (p != q)
        return p > q ? -1 : 1;
    return x->class_code < y->class_code ? -1 : x->class_code > y->class_code;
}

assay_code label_plan_init(label_plan *out, const confusion *c, double half_width,
                           const evaluation_options *options, assay_err *err)
{
    *out = (label_plan){0};
    if (!(half_width >= HALF_WIDTH_LEAST && half_width <= HALF_WIDTH_MOST))
        return assay_fail(err, ASSAY_E_USAGE, "a half-width of %g is not between %g and %g",
                          half_width, HALF_WIDTH_LEAST, HALF_WIDTH_MOST);
    label_plan made = {.half_width = half_width, .confidence_level = options->confidence_level};
    made.of = mem_alloc(c->class_count, sizeof *made.of);
    if (!made.of)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a plan of %u classes",
                          c->class_count);
    for (size_t k = 0; k < c->class_count; k++) {
        if (options->shown && !options->shown[k])
            continue;
        const class_plan plan = plan_class(c, k, half_width, options);
        made.of[made.count++] = plan;
        made.without_samples += plan.labelled == 0;
        made.more += plan.more;
    }
    qsort(made.of, made.count, sizeof *made.of, compare_plans);
    *out = made;
    return ASSAY_OK;
}

void label_plan_clear(label_plan *plan)
{
    mem_free(plan->of);
    *plan = (label_plan){0};
}
