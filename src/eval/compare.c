/* Two models on the same samples: where one is right and the other wrong, and what the matrices
 * say. What probabilities say is next door. */
#include "eval/compare.h"

#include "eval/compare_parts.h"
#include "eval/matrix_difference.h"
#include "eval/scores.h"
#include "stats/adjust.h"
#include "stats/paired.h"
#include "stats/special.h"

#include <assert.h>
#include <math.h>
#include <string.h>

ASSAY_AUTO_DECLARE(confusion)
ASSAY_AUTO_DECLARE(matrix_scores)
ASSAY_AUTO_CLEAR_DECLARE(selection)

static bool has_both(const comparison_request *r, size_t row)
{
    return r->a->label[row] != CLASS_MISSING && r->a->prediction[row] != CLASS_MISSING &&
           r->b->prediction[row] != CLASS_MISSING;
}

assay_code sample_pair_init(sample_pair *out, const comparison_request *r, sample_rule *rule,
                            const bool *shown, assay_err *err)
{
    *out = (sample_pair){0};
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(selection_init(&rows, r->a->row_count, false, err));
    for (size_t row = 0; row < r->a->row_count; row++) {
        if (selection_has(r->selected, row) && has_both(r, row) &&
            (!rule || (rule(r->a, row) && rule(r->b, row))))
            selection_set(&rows, row, true);
    }
    sample_pair made = {0};
    assay_code code = samples_init(&made.a, r->a, &rows, shown, err);
    if (code == ASSAY_OK)
        code = samples_init(&made.b, r->b, &rows, shown, err);
    if (code != ASSAY_OK) {
        sample_pair_clear(&made);
        return code;
    }
    *out = made;
    return ASSAY_OK;
}

void sample_pair_clear(sample_pair *p)
{
    samples_clear(&p->a);
    samples_clear(&p->b);
}

void comparison_add(comparison *out, const score_difference *of)
{
    assert(out->score_count < COMPARED_MOST);
    if (isnan(of->a.value) && isnan(of->b.value))
        return;
    score_difference *to = &out->score[out->score_count++];
    *to = *of;
    to->difference.few = of->a.few || of->b.few;
}

score difference_of_proportions(uint64_t only_a, uint64_t only_b, uint64_t n, double z)
{
    score out = score_none();
    if (n == 0)
        return out;
    const interval i = interval_tango(only_a, only_b, n, z);
    out.value = ((double)only_b - (double)only_a) / (double)n;
    out.low = i.low;
    out.high = i.high;
    out.method = "tango";
    return out;
}

static assay_code check_frames(const comparison_request *r, assay_err *err)
{
    const frame *a = r->a, *b = r->b;
    assert(!a->group && !b->group && a->row_count == r->selected->row_count);
    bool same = a->row_count == b->row_count && a->classes.count == b->classes.count;
    for (uint32_t k = 0; same && k < a->classes.count; k++)
        same = strcmp(a->classes.name[k], b->classes.name[k]) == 0;
    if (same && memcmp(a->label, b->label, a->row_count * sizeof *a->label) == 0)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_CONFLICT,
                      "the samples, classes or labels changed between reading the two models' "
                      "predictions; ask again");
}

/* How the two models did on the samples of one class, or of all. */
typedef struct outcomes {
    uint64_t both_right, fixed, broken, both_wrong;
} outcomes;

static void count_outcomes(const sample_pair *p, outcomes *per_class)
{
    for (size_t i = 0; i < p->a.count; i++) {
        const uint16_t label = p->a.label[i];
        const bool a = p->a.prediction[i] == label, b = p->b.prediction[i] == label;
        outcomes *to = &per_class[label];
        to->both_right += a && b;
        to->fixed += !a && b;
        to->broken += a && !b;
        to->both_wrong += !a && !b;
    }
}

static void add_outcomes(comparison *out, const outcomes *of)
{
    out->both_right += of->both_right;
    out->fixed += of->fixed;
    out->broken += of->broken;
    out->both_wrong += of->both_wrong;
}

static void compare_class(class_difference *out, size_t k, const outcomes *of,
                          const comparison_request *r)
{
    const uint64_t n = of->both_right + of->fixed + of->broken + of->both_wrong;
    *out =
        (class_difference){.class_code = (uint16_t)k,
                           .support = n,
                           .fixed = of->fixed,
                           .broken = of->broken,
                           .a = score_proportion(of->both_right + of->broken, n, 0.0, &r->options),
                           .b = score_proportion(of->both_right + of->fixed, n, 0.0, &r->options),
                           .difference = difference_of_proportions(
                               of->broken, of->fixed, n, normal_z(r->options.confidence_level)),
                           .p_value = paired_mcnemar_p(of->broken, of->fixed, r->exact_p)};
    out->difference.few = out->a.few;
}

static assay_code adjust_classes(comparison *out, assay_err *err)
{
    const size_t n = out->class_count;
    ASSAY_AUTO_MEM double *p = mem_alloc(n, sizeof *p);
    ASSAY_AUTO_MEM double *adjusted = mem_alloc(n, sizeof *adjusted);
    ASSAY_AUTO_MEM size_t *order = mem_alloc(n, sizeof *order);
    if (!p || !adjusted || !order)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu p-values", n);
    for (size_t i = 0; i < n; i++)
        p[i] = out->per_class[i].p_value;
    adjust_holm(p, n, adjusted, order);
    for (size_t i = 0; i < n; i++)
        out->per_class[i].p_adjusted = adjusted[i];
    return ASSAY_OK;
}

/* The counts, McNemar's test, and the classes. */
static assay_code compare_outcomes(comparison *out, const comparison_request *r,
                                   const sample_pair *shown, assay_err *err)
{
    const uint32_t classes = r->a->classes.count;
    ASSAY_AUTO_MEM outcomes *per_class = mem_zalloc(classes, sizeof *per_class);
    out->per_class = mem_alloc(classes, sizeof *out->per_class);
    if (!per_class || !out->per_class)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the differences of %u classes",
                          classes);
    count_outcomes(shown, per_class);
    for (size_t k = 0; k < classes; k++) {
        const outcomes *of = &per_class[k];
        add_outcomes(out, of);
        if (of->both_right + of->fixed + of->broken + of->both_wrong > 0)
            compare_class(&out->per_class[out->class_count++], k, of, r);
    }
    out->samples = shown->a.count;
    out->p_value =
        out->samples ? paired_mcnemar_p(out->broken, out->fixed, r->exact_p) : (double)NAN;
    out->p_method = r->exact_p ? "mcnemar-exact" : "mcnemar-mid-p";
    return adjust_classes(out, err);
}

static void add_matrix_scores(comparison *out, const matrix_scores *a, const matrix_scores *b,
                              const score *difference, double z)
{
    const score_difference rows[] = {
        {"accuracy", false, a->accuracy, b->accuracy,
         difference_of_proportions(out->broken, out->fixed, out->samples, z)},
        {"balanced_accuracy", false, a->balanced_accuracy, b->balanced_accuracy,
         difference[BALANCED_ACCURACY]},
        {"macro_precision", false, a->macro_precision, b->macro_precision,
         difference[MACRO_PRECISION]},
        {"macro_recall", false, a->macro_recall, b->macro_recall, difference[MACRO_RECALL]},
        {"macro_f1", false, a->macro_f1, b->macro_f1, difference[MACRO_F1]},
        {"weighted_precision", false, a->weighted_precision, b->weighted_precision,
         difference[WEIGHTED_PRECISION]},
        {"weighted_f1", false, a->weighted_f1, b->weighted_f1, difference[WEIGHTED_F1]},
        {"mcc", false, a->mcc, b->mcc, difference[MCC]},
        {"kappa", false, a->kappa, b->kappa, difference[KAPPA]},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        comparison_add(out, &rows[i]);
}

static assay_code matrix_of(const samples *s, const evaluation_options *o, confusion **counted,
                            matrix_scores **scores, assay_err *err)
{
    ASSAY_TRY(confusion_of_pairs(s->label, s->prediction, s->count, s->frame->classes.count,
                                 o->thread_count, counted, err));
    return matrix_scores_new(*counted, NULL, o, scores, err);
}

static assay_code compare_matrices(comparison *out, const comparison_request *r,
                                   const sample_pair *all, assay_err *err)
{
    ASSAY_AUTO(confusion) a = NULL;
    ASSAY_AUTO(confusion) b = NULL;
    ASSAY_AUTO(matrix_scores) scores_a = NULL;
    ASSAY_AUTO(matrix_scores) scores_b = NULL;
    ASSAY_TRY(matrix_of(&all->a, &r->options, &a, &scores_a, err));
    ASSAY_TRY(matrix_of(&all->b, &r->options, &b, &scores_b, err));
    const matrix_pair pair = {&all->a, &all->b, a, b, r->options.shown};
    const double z = normal_z(r->options.confidence_level);
    score difference[MATRIX_FUNCTIONS];
    ASSAY_TRY(matrix_differences(&pair, z, difference, err));
    add_matrix_scores(out, scores_a, scores_b, difference, z);
    return ASSAY_OK;
}

static assay_code compare_labels(comparison *out, const comparison_request *r, assay_err *err)
{
    ASSAY_AUTO_CLEAR(sample_pair) all = {0};
    ASSAY_AUTO_CLEAR(sample_pair) shown = {0};
    ASSAY_TRY(sample_pair_init(&all, r, NULL, NULL, err));
    if (r->options.shown)
        ASSAY_TRY(sample_pair_init(&shown, r, NULL, r->options.shown, err));
    out->left_out = selection_count(r->selected) - all.a.count;
    ASSAY_TRY(compare_outcomes(out, r, r->options.shown ? &shown : &all, err));
    return compare_matrices(out, r, &all, err);
}

assay_code comparison_init(comparison *out, const comparison_request *request, assay_err *err)
{
    *out = (comparison){0};
    ASSAY_TRY(check_frames(request, err));
    comparison made = {0};
    assay_code code = compare_labels(&made, request, err);
    if (code == ASSAY_OK)
        code = compare_probabilities(&made, request, err);
    if (code == ASSAY_OK)
        code = compare_rankings(&made, request, err);
    if (code == ASSAY_OK)
        code = compare_risks(&made, request, err);
    if (code != ASSAY_OK) {
        comparison_clear(&made);
        return code;
    }
    *out = made;
    return ASSAY_OK;
}

void comparison_clear(comparison *c)
{
    mem_free(c->per_class);
    *c = (comparison){0};
}
