#include "support/check.h"

#include "base/mem.h"
#include "eval/compare.h"
#include "eval/evaluation.h"
#include "stats/interval.h"
#include "support/predictions.h"

#include <math.h>
#include <string.h>

#define ROWS(table) (sizeof(table) / sizeof *(table))

enum { SAMPLES = 240, CLASSES = 4, NUMBERS = SAMPLES * CLASSES };

static char class_a[] = "ant", class_b[] = "bee", class_c[] = "cat", class_d[] = "dog";
static char *names[CLASSES] = {class_a, class_b, class_c, class_d};

/* Two models on the same samples, and what to compare. */
typedef struct two_models {
    predictions a, b;
    selection rows;
    comparison_request request;
} two_models;

static uint64_t draw(uint64_t *x, uint64_t below)
{
    *x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*x >> 33) % below;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The data of tests/reference/compare_golden.py. */
static void fill(two_models *m)
{
    uint64_t x = 7;
    for (size_t i = 0; i < SAMPLES; i++) {
        const uint64_t one = draw(&x, CLASSES), other = draw(&x, CLASSES + 1);
        const uint16_t label = (uint16_t)least(one, other);
        double first[CLASSES], second[CLASSES], sum_a = 0.0, sum_b = 0.0;
        for (size_t k = 0; k < CLASSES; k++) {
            first[k] = 1.0 + (double)draw(&x, 50);
            first[k] += k == label ? (double)draw(&x, 80) : 0.0;
            sum_a += first[k];
        }
        for (size_t k = 0; k < CLASSES; k++) {
            second[k] = first[k] + (double)draw(&x, 40);
            second[k] += k == label ? (double)draw(&x, 60) : 0.0;
            sum_b += second[k];
        }
        for (size_t k = 0; k < CLASSES; k++) {
            m->a.values[i * CLASSES + k] = first[k] / sum_a;
            m->b.values[i * CLASSES + k] = second[k] / sum_b;
        }
        m->a.label[i] = m->b.label[i] = label;
    }
}

static void finish(predictions *p)
{
    p->p.logits = false;
    predictions_scan(p);
    p->f.label = p->label;
    p->f.prediction = p->prediction;
    p->f.classes.name = names;
    p->f.confidence_in_unit_range = true;
}

static void two_models_init(two_models *m)
{
    predictions_init(&m->a, SAMPLES, CLASSES);
    predictions_init(&m->b, SAMPLES, CLASSES);
    fill(m);
    finish(&m->a);
    finish(&m->b);
    assert_int_equal(selection_init(&m->rows, SAMPLES, true, NULL), ASSAY_OK);
    m->request = (comparison_request){.a = &m->a.f, .b = &m->b.f, .selected = &m->rows};
    evaluation_defaults(&m->request.options);
    m->request.options.thread_count = 2;
}

static void two_models_drop(two_models *m)
{
    predictions_drop(&m->a);
    predictions_drop(&m->b);
    selection_clear(&m->rows);
}

static comparison compare(const two_models *m)
{
    comparison c;
    assay_err err = {0};
    if (comparison_init(&c, &m->request, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    return c;
}

static bool has(const comparison *c, const char *name)
{
    for (size_t i = 0; i < c->score_count; i++) {
        if (strcmp(c->score[i].name, name) == 0)
            return true;
    }
    return false;
}

static score_difference find(const comparison *c, const char *name)
{
    for (size_t i = 0; i < c->score_count; i++) {
        if (strcmp(c->score[i].name, name) == 0)
            return c->score[i];
    }
    fail_msg("there is no %s", name);
    return (score_difference){0};
}

/* By tests/reference/compare_golden.py. */
static const struct {
    const char *name;
    double a, b;
    interval difference;
} SCORES[] = {
    {"accuracy", 0.8125, 0.9291666666666667, {0.06733570151322253, 0.17111672247596746}},
    {"balanced_accuracy",
     0.8364471326164875,
     0.9366487455197133,
     {0.05050128609641481, 0.14990193971003685}},
    {"macro_precision",
     0.7921903171295375,
     0.9207381674392068,
     {0.07356966424440617, 0.18352603637493245}},
    {"macro_recall",
     0.8364471326164875,
     0.9366487455197133,
     {0.05050128609641481, 0.14990193971003685}},
    {"macro_f1",
     0.8045045903188299,
     0.9273306150903657,
     {0.06876373108261988, 0.17688831846045175}},
    {"weighted_precision",
     0.8321914476647729,
     0.9314420941196259,
     {0.053351394365845295, 0.14514989854386057}},
    {"weighted_f1",
     0.8131132218045745,
     0.9293014190892227,
     {0.06433492102631612, 0.16804147354298038}},
    {"mcc", 0.7492878544280024, 0.9011256076768951, {0.08401640044981887, 0.21965910604796654}},
    {"kappa", 0.742783652472135, 0.9005266237565828, {0.08738203078205557, 0.22810391178684003}},
    {"log_loss",
     0.850442705379985,
     0.810228459305645,
     {-0.07146432211569384, -0.00896417003298628}},
    {"brier", 0.4527543757132579, 0.419748883321047, {-0.05164172961216631, -0.01436925517225552}},
    {"top_2", 0.9291666666666667, 0.9875, {0.03020481296779341, 0.09697812498995499}},
    {"top_3", 0.9833333333333333, 0.9916666666666667, {-0.011952905070590096, 0.032452440198292}},
    {"auroc", 0.9420369151244727, 0.9877030225172507, {0.029833950381785372, 0.061498264403770604}},
    {"average_precision",
     0.8780710218243379,
     0.9760447688943704,
     {0.05853242267657689, 0.13741507146348808}},
    {"aurc",
     0.07212208846500519,
     0.010745784229318862,
     {-0.09432824767953535, -0.0284243607918373}},
};

static const struct {
    uint64_t support, fixed, broken;
    double p, holm;
    interval difference;
} PER_CLASS[CLASSES] = {
    {93,
     22,
     1,
     2.9802322387695312e-06,
     1.1920928955078125e-05,
     {0.14182176605692232, 0.3238641267231739}},
    {72, 8, 5, 0.4239501953125, 0.847900390625, {-0.06216222784087214, 0.1487610072932925}},
    {45, 1, 1, 1.0, 1.0, {-0.09698847339819602, 0.09698847339819602}},
    {30, 4, 0, 0.0625, 0.1875, {0.004684821069502083, 0.29681326682036296}},
};

static bool near(double got, double want, double tolerance)
{
    return fabs(got - want) <= tolerance;
}

static void scores_and_intervals_equal_the_reference(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    comparison c = compare(&m);
    assert_int_equal(c.score_count, ROWS(SCORES));
    for (size_t i = 0; i < ROWS(SCORES); i++) {
        const score_difference *s = &c.score[i];
        assert_string_equal(s->name, SCORES[i].name);
        /* The reference finds influences by small steps. */
        if (!near(s->a.value, SCORES[i].a, 1e-12) || !near(s->b.value, SCORES[i].b, 1e-12) ||
            !near(s->difference.value, SCORES[i].b - SCORES[i].a, 1e-12) ||
            !near(s->difference.low, SCORES[i].difference.low, 1e-8) ||
            !near(s->difference.high, SCORES[i].difference.high, 1e-8))
            fail_msg("%s: %.17g, %.17g, %.17g [%.17g, %.17g]", s->name, s->a.value, s->b.value,
                     s->difference.value, s->difference.low, s->difference.high);
    }
    comparison_clear(&c);
    two_models_drop(&m);
}

static void counts_and_classes_equal_the_reference(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    comparison c = compare(&m);
    assert_int_equal(c.samples, SAMPLES);
    assert_int_equal(c.left_out, 0);
    assert_int_equal(c.with_probabilities, SAMPLES);
    assert_int_equal(c.with_confidence, SAMPLES);
    assert_int_equal(c.both_right, 188);
    assert_int_equal(c.fixed, 35);
    assert_int_equal(c.broken, 7);
    assert_int_equal(c.both_wrong, 10);
    assert_true(near(c.p_value, 8.963039363152348e-06, 1e-16));
    assert_string_equal(c.p_method, "mcnemar-mid-p");
    assert_int_equal(c.class_count, CLASSES);
    for (size_t k = 0; k < CLASSES; k++) {
        const class_difference *d = &c.per_class[k];
        assert_int_equal(d->class_code, k);
        assert_int_equal(d->support, PER_CLASS[k].support);
        assert_int_equal(d->fixed, PER_CLASS[k].fixed);
        assert_int_equal(d->broken, PER_CLASS[k].broken);
        assert_true(near(d->p_value, PER_CLASS[k].p, 1e-12));
        assert_true(near(d->p_adjusted, PER_CLASS[k].holm, 1e-12));
        assert_true(near(d->difference.low, PER_CLASS[k].difference.low, 1e-14));
        assert_true(near(d->difference.high, PER_CLASS[k].difference.high, 1e-14));
        assert_true(near(d->difference.value, d->b.value - d->a.value, 1e-15));
    }
    comparison_clear(&c);
    m.request.exact_p = true;
    c = compare(&m);
    assert_true(near(c.p_value, 1.5097200957825409e-05, 1e-16));
    assert_string_equal(c.p_method, "mcnemar-exact");
    comparison_clear(&c);
    two_models_drop(&m);
}

static void exchanging_the_models_turns_every_difference_round(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    comparison here = compare(&m);
    m.request.a = &m.b.f;
    m.request.b = &m.a.f;
    comparison there = compare(&m);
    assert_int_equal(here.fixed, there.broken);
    assert_true(here.p_value == there.p_value);
    assert_int_equal(here.score_count, there.score_count);
    for (size_t i = 0; i < here.score_count; i++) {
        const score_difference *x = &here.score[i], *y = &there.score[i];
        assert_true(x->a.value == y->b.value && x->b.low == y->a.low);
        assert_true(near(x->difference.value, -y->difference.value, 1e-15));
        assert_true(near(x->difference.low, -y->difference.high, 1e-13));
        assert_true(near(x->difference.high, -y->difference.low, 1e-13));
    }
    comparison_clear(&here);
    comparison_clear(&there);
    two_models_drop(&m);
}

static void the_number_of_threads_changes_no_bit(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    m.request.options.thread_count = 1;
    comparison one = compare(&m);
    for (int threads = 2; threads <= 7; threads += 5) {
        m.request.options.thread_count = threads;
        comparison many = compare(&m);
        for (size_t i = 0; i < one.score_count; i++) {
            assert_true(one.score[i].difference.value == many.score[i].difference.value);
            assert_true(one.score[i].difference.low == many.score[i].difference.low);
            assert_true(one.score[i].difference.high == many.score[i].difference.high);
        }
        comparison_clear(&many);
    }
    comparison_clear(&one);
    two_models_drop(&m);
}

/* Samples that cannot be paired are in no number, whatever the one model says of them. */
static void only_samples_that_both_answer_count(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    selection fewer;
    assert_int_equal(selection_init(&fewer, SAMPLES, true, NULL), ASSAY_OK);
    for (size_t i = 0; i < 30; i++)
        selection_set(&fewer, i, false);
    m.request.selected = &fewer;
    comparison want = compare(&m);
    m.request.selected = &m.rows;
    for (size_t i = 0; i < 10; i++) {
        m.a.label[i] = m.b.label[i] = CLASS_MISSING;
        m.a.prediction[10 + i] = CLASS_MISSING;
        m.b.prediction[20 + i] = CLASS_MISSING;
    }
    comparison got = compare(&m);
    assert_int_equal(got.samples, SAMPLES - 30);
    assert_int_equal(got.left_out, 30);
    assert_int_equal(want.left_out, 0);
    assert_int_equal(got.score_count, want.score_count);
    for (size_t i = 0; i < got.score_count; i++) {
        assert_true(got.score[i].a.value == want.score[i].a.value);
        assert_true(got.score[i].difference.low == want.score[i].difference.low);
        assert_true(got.score[i].difference.high == want.score[i].difference.high);
    }
    comparison_clear(&got);
    comparison_clear(&want);
    selection_clear(&fewer);
    two_models_drop(&m);
}

static void rows_without_valid_probabilities_are_left_out_of_what_needs_them(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    double *divisor = mem_alloc(SAMPLES, sizeof *divisor);
    assert_non_null(divisor);
    for (size_t i = 0; i < SAMPLES; i++)
        divisor[i] = m.a.p.divisor ? m.a.p.divisor[i] : 1.0;
    double *const own = m.a.p.divisor;
    divisor[3] = divisor[100] = (double)NAN;
    m.a.p.divisor = divisor;
    m.b.confidence[7] = (double)NAN;
    comparison c = compare(&m);
    assert_int_equal(c.samples, SAMPLES);
    assert_int_equal(c.with_probabilities, SAMPLES - 2);
    assert_int_equal(c.with_confidence, SAMPLES - 1);
    assert_true(near(find(&c, "log_loss").difference.value,
                     find(&c, "log_loss").b.value - find(&c, "log_loss").a.value, 1e-14));
    comparison_clear(&c);
    m.a.p.divisor = own;
    mem_free(divisor);
    two_models_drop(&m);
}

static void without_probabilities_the_labels_alone_are_compared(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    m.b.f.probability = NULL;
    m.a.f.confidence = NULL;
    comparison c = compare(&m);
    assert_int_equal(c.score_count, 9);
    assert_int_equal(c.with_probabilities, 0);
    assert_false(has(&c, "log_loss"));
    assert_false(has(&c, "aurc"));
    assert_true(has(&c, "kappa"));
    comparison_clear(&c);
    two_models_drop(&m);
}

/* Of the one model the probabilities, of the other its two best. */
static void lists_of_the_best_are_compared_as_far_as_they_go(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    comparison whole = compare(&m);
    uint16_t list[SAMPLES * 2];
    for (size_t i = 0; i < SAMPLES; i++) {
        const double *p = m.b.values + i * CLASSES;
        const uint16_t best = m.b.prediction[i];
        uint16_t second = best == 0 ? 1 : 0;
        for (size_t k = 0; k < CLASSES; k++)
            second = k != best && p[k] > p[second] ? (uint16_t)k : second;
        list[2 * i] = best;
        list[2 * i + 1] = second;
    }
    m.b.f.probability = NULL;
    m.b.f.top = (top_lists){.code = list, .length = 2, .length_of_all = 2};
    comparison c = compare(&m);
    assert_false(has(&c, "log_loss"));
    assert_false(has(&c, "top_3"));
    assert_true(has(&c, "top_2"));
    assert_true(find(&c, "top_2").difference.low == find(&whole, "top_2").difference.low);
    comparison_clear(&c);
    comparison_clear(&whole);
    two_models_drop(&m);
}

static void hidden_classes_are_in_no_count_but_in_every_precision(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    comparison all = compare(&m);
    const bool shown[CLASSES] = {true, false, false, true};
    m.request.options.shown = shown;
    comparison c = compare(&m);
    assert_int_equal(c.samples, PER_CLASS[0].support + PER_CLASS[3].support);
    assert_int_equal(c.left_out, 0);
    assert_int_equal(c.fixed, 26);
    assert_int_equal(c.broken, 1);
    assert_int_equal(c.class_count, 2);
    assert_int_equal(c.per_class[1].class_code, 3);
    assert_true(c.per_class[1].difference.low == all.per_class[3].difference.low);
    assert_true(near(c.per_class[0].p_adjusted, 2.0 * PER_CLASS[0].p, 1e-15));
    assert_false(has(&c, "mcc"));
    assert_false(has(&c, "kappa"));
    assert_true(near(find(&c, "balanced_accuracy").difference.value,
                     (c.per_class[0].difference.value + c.per_class[1].difference.value) / 2.0,
                     1e-15));
    comparison_clear(&c);
    comparison_clear(&all);
    two_models_drop(&m);
}

static void a_model_differs_from_itself_by_nothing(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    m.request.b = &m.a.f;
    comparison c = compare(&m);
    assert_int_equal(c.fixed + c.broken, 0);
    assert_true(c.p_value == 1.0);
    for (size_t i = 0; i < c.score_count; i++)
        assert_true(c.score[i].difference.value == 0.0);
    /* Labels say how far two models could differ that never did; probabilities don't. */
    const score f1 = find(&c, "macro_f1").difference;
    assert_true(f1.low < -0.001 && f1.high > 0.001 && near(f1.low, -f1.high, 1e-15));
    assert_true(find(&c, "accuracy").difference.high > 0.01);
    assert_true(isnan(find(&c, "log_loss").difference.low));
    assert_string_equal(find(&c, "auroc").difference.method, "none");
    comparison_clear(&c);
    two_models_drop(&m);
}

/* For the balanced accuracy the formula can be written down: Σ q12 + q21 - (q12 - q21)² over n K².
 * One class has no error, one just one sample. */
static void the_interval_of_the_balanced_accuracy_is_that_of_its_formula(void **state)
{
    (void)state;
    enum { N = 61 };
    two_models m;
    two_models_init(&m);
    const struct {
        size_t n, fixed, broken, wrong;
    } rows[3] = {{40, 5, 2, 3}, {20, 0, 0, 0}, {1, 1, 0, 0}};
    for (size_t i = 0; i < SAMPLES; i++)
        selection_set(&m.rows, i, i < N);
    size_t at = 0;
    double value = 0.0, variance = 0.0;
    const double share = 1.0 / 3.0;
    for (uint16_t k = 0; k < 3; k++) {
        for (size_t i = 0; i < rows[k].n; i++, at++) {
            const uint16_t other = (uint16_t)((k + 1 + i % 2) % 3);
            const size_t fixed = rows[k].fixed, broken = fixed + rows[k].broken;
            m.a.label[at] = m.b.label[at] = k;
            m.a.prediction[at] =
                i < fixed || (i >= broken && i < broken + rows[k].wrong) ? other : k;
            m.b.prediction[at] = i >= fixed && i < broken + rows[k].wrong ? other : k;
        }
        const double n = (double)rows[k].n, w = n + 2.0 * share;
        const double gained = ((double)rows[k].fixed + share) / w;
        const double lost = ((double)rows[k].broken + share) / w;
        value += ((double)rows[k].fixed - (double)rows[k].broken) / n / 3.0;
        variance += (gained + lost - (gained - lost) * (gained - lost)) / n / 9.0;
    }
    m.a.f.probability = m.b.f.probability = NULL;
    comparison c = compare(&m);
    const score got = find(&c, "balanced_accuracy").difference;
    assert_true(near(got.value, value, 1e-15));
    assert_true(near(got.high, fmin(1.0, value + 1.959963984540054 * sqrt(variance)), 1e-12));
    assert_true(got.few);
    assert_true(c.per_class[2].difference.few && !c.per_class[0].difference.few);
    comparison_clear(&c);
    two_models_drop(&m);
}

static void nothing_to_compare_has_no_answer(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    for (size_t i = 0; i < SAMPLES; i++)
        selection_set(&m.rows, i, false);
    comparison c = compare(&m);
    assert_int_equal(c.samples, 0);
    assert_true(isnan(c.p_value));
    assert_int_equal(c.class_count, 0);
    for (size_t i = 0; i < c.score_count; i++)
        assert_true(isnan(c.score[i].difference.low));
    comparison_clear(&c);
    selection_set(&m.rows, 17, true);
    c = compare(&m);
    assert_int_equal(c.samples, 1);
    assert_true(c.score[0].difference.few);
    comparison_clear(&c);
    two_models_drop(&m);
}

static void samples_that_changed_in_between_are_refused(void **state)
{
    (void)state;
    static const char message[] = "the samples, classes or labels changed between reading the two "
                                  "models' predictions; ask again";
    for (int what = 0; what < 4; what++) {
        two_models m;
        two_models_init(&m);
        static char other[] = "cow";
        char *renamed[CLASSES] = {class_a, class_b, other, class_d};
        m.b.f.row_count -= what == 0;
        m.b.f.classes.count -= what == 1;
        if (what == 2)
            m.b.f.classes.name = renamed;
        if (what == 3)
            m.b.label[9] ^= 1;
        comparison c;
        assay_err err;
        assert_int_equal(comparison_init(&c, &m.request, &err), ASSAY_E_CONFLICT);
        assert_string_equal(err.msg, message);
        assert_null(c.per_class);
        two_models_drop(&m);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    two_models m;
    two_models_init(&m);
    m.request.options.thread_count = 1;
    const size_t before = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        comparison c;
        mem_fail_after(n);
        code = comparison_init(&c, &m.request, NULL);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        assert_true(code == ASSAY_OK || c.per_class == NULL);
        comparison_clear(&c);
        assert_int_equal(mem_live(), before);
    }
    two_models_drop(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_and_intervals_equal_the_reference),
        cmocka_unit_test(counts_and_classes_equal_the_reference),
        cmocka_unit_test(exchanging_the_models_turns_every_difference_round),
        cmocka_unit_test(the_number_of_threads_changes_no_bit),
        cmocka_unit_test(only_samples_that_both_answer_count),
        cmocka_unit_test(rows_without_valid_probabilities_are_left_out_of_what_needs_them),
        cmocka_unit_test(without_probabilities_the_labels_alone_are_compared),
        cmocka_unit_test(lists_of_the_best_are_compared_as_far_as_they_go),
        cmocka_unit_test(hidden_classes_are_in_no_count_but_in_every_precision),
        cmocka_unit_test(a_model_differs_from_itself_by_nothing),
        cmocka_unit_test(the_interval_of_the_balanced_accuracy_is_that_of_its_formula),
        cmocka_unit_test(nothing_to_compare_has_no_answer),
        cmocka_unit_test(samples_that_changed_in_between_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
