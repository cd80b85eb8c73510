#include "support/check.h"

#include "eval/matrix_function.h"
#include "eval/scores.h"
#include "stats/interval.h"
#include "stats/special.h"

#include <math.h>
#include <string.h>

enum { ROWS_HERE_MOST = 20000, SMALL_CLASSES = 4, SCORES = 10 };

static const double Z95 = 1.959963984540054;
static const evaluation_options PLAIN = {.confidence_level = 0.95, .thread_count = 1};

#define NONE ((double)NAN)

/* accuracy; macro P, R, F1; weighted P, R, F1; balanced accuracy; MCC; kappa. Printed by
 * tests/reference/scores_golden.py. */
/* clang-format off */
static const struct golden {
    const char *name;
    uint32_t class_count;
    double value[SCORES];
} GOLDEN[] = {
    {"balanced", 3, {0.82, 0.8209972394755004, 0.82, 0.8190166003508322, 0.8209972394755004, 0.82, 0.8190166003508322, 0.82, 0.7313664940425812, 0.73}},
    {"imbalanced", 3, {0.948, 0.7547631898776936, 0.7557314425481628, 0.7445062928933898, 0.9555013603868566, 0.948, 0.9505629401113272, 0.7557314425481628, 0.6344798712447335, 0.6299722479185939}},
    {"never predicted", 3, {0.6551724137931034, 0.4380952380952381, 0.5777777777777778, 0.49641025641025643, 0.5024630541871921, 0.6551724137931034, 0.56657824933687, 0.5777777777777778, 0.48566968553538126, 0.4455066921606119}},
    {"never true", 3, {0.76, 0.6060606060606061, 0.5222222222222223, 0.5523809523809524, 0.9272727272727272, 0.76, 0.822857142857143, 0.7833333333333333, 0.6301761603925904, 0.5890410958904109}},
    {"absent class", 4, {0.8333333333333334, 0.8376623376623377, 0.8333333333333334, 0.8327759197324415, 0.8376623376623377, 0.8333333333333334, 0.8327759197324415, 0.8333333333333334, 0.7526178090063818, 0.75}},
    {"one class", 1, {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, NONE}},
    {"one sample", 2, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}},
    {"perfect", 3, {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}},
    {"all wrong", 3, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5, -0.408450704225352}},
    {"worst binary", 2, {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, -0.9230769230769229}},
    {"thousand", 1000, {0.6997, 0.6988344753950692, 0.7000580773521876, 0.693914196319723, 0.7095944516376187, 0.6997, 0.6993820931109253, 0.7000580773521876, 0.6994001491322136, 0.6993895317629835}},
};

/* The matrices of the table, row by row; the last is made by a generator. */
static const uint16_t MATRICES[][SMALL_CLASSES * SMALL_CLASSES] = {
    {40, 6, 4, 5, 38, 7, 3, 2, 45},
    {900, 30, 3, 12, 40, 0, 5, 2, 8},
    {10, 2, 0, 1, 9, 0, 3, 4, 0},
    {10, 2, 3, 0, 9, 1, 0, 0, 0},
    {10, 2, 0, 0, 0, 9, 0, 3, 0, 0, 0, 0, 1, 0, 0, 11},
    {12},
    {0, 1, 0, 0},
    {5, 0, 0, 0, 17, 0, 0, 0, 8},
    {0, 5, 0, 0, 0, 17, 8, 0, 0},
    {0, 6, 9, 0},
};
/* clang-format on */

enum { MATRIX_COUNT = sizeof MATRICES / sizeof *MATRICES };

static uint16_t label[ROWS_HERE_MOST], prediction[ROWS_HERE_MOST];

static confusion *count_rows(size_t n, uint32_t class_count)
{
    confusion *c = NULL;
    assert_int_equal(confusion_of_pairs(label, prediction, n, class_count, 1, &c, NULL), ASSAY_OK);
    return c;
}

static size_t lay_out(const uint16_t *counts, uint32_t class_count)
{
    size_t n = 0;
    for (size_t cell = 0; cell < (size_t)class_count * class_count; cell++) {
        for (uint16_t i = 0; i < counts[cell]; i++, n++) {
            label[n] = (uint16_t)(cell / class_count);
            prediction[n] = (uint16_t)(cell % class_count);
        }
    }
    return n;
}

static confusion *make_matrix(const uint16_t *counts, uint32_t class_count)
{
    return count_rows(lay_out(counts, class_count), class_count);
}

static confusion *make_thousand(void)
{
    uint64_t x = 1;
    for (size_t i = 0; i < 20000; i++) {
        uint64_t number[3];
        for (size_t j = 0; j < 3; j++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            number[j] = x >> 33;
        }
        label[i] = (uint16_t)(number[0] % 1000);
        prediction[i] = number[1] % 10 < 7 ? label[i] : (uint16_t)(number[2] % 1000);
    }
    return count_rows(20000, 1000);
}

static matrix_scores *score_matrix(const confusion *c, const samples *s,
                                   const evaluation_options *options)
{
    matrix_scores *m = NULL;
    assert_int_equal(matrix_scores_new(c, s, options, &m, NULL), ASSAY_OK);
    return m;
}

static void check_near(const char *what, double got, double want, double tolerance)
{
    if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= tolerance))
        fail_msg("%s: %.17g, not %.17g", what, got, want);
}

static void check_bounds(const char *what, const score *s, interval want, double tolerance)
{
    check_near(what, s->low, want.low, tolerance);
    check_near(what, s->high, want.high, tolerance);
}

static void list_scores(const matrix_scores *m, score out[SCORES])
{
    const score list[SCORES] = {m->accuracy,    m->macro_precision,    m->macro_recall,
                                m->macro_f1,    m->weighted_precision, m->weighted_recall,
                                m->weighted_f1, m->balanced_accuracy,  m->mcc,
                                m->kappa};
    memcpy(out, list, sizeof list);
}

static void values_equal_scikit_learn(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof GOLDEN / sizeof *GOLDEN; i++) {
        confusion *c =
            i < MATRIX_COUNT ? make_matrix(MATRICES[i], GOLDEN[i].class_count) : make_thousand();
        matrix_scores *m = score_matrix(c, NULL, &PLAIN);
        score got[SCORES];
        list_scores(m, got);
        for (size_t k = 0; k < SCORES; k++)
            check_near(GOLDEN[i].name, got[k].value, GOLDEN[i].value[k], 1e-12);
        check_near("micro", m->micro_f1.value, GOLDEN[i].value[0], 1e-12);
        matrix_scores_free(m);
        confusion_free(c);
    }
}

static void every_interval_holds_its_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < MATRIX_COUNT; i++) {
        confusion *c = make_matrix(MATRICES[i], GOLDEN[i].class_count);
        matrix_scores *m = score_matrix(c, NULL, &PLAIN);
        score got[SCORES];
        list_scores(m, got);
        for (size_t k = 0; k < SCORES; k++) {
            /* Kappa of a model that always says one class is 0 whatever the samples: no spread. */
            const bool constant = k == SCORES - 1 && got[k].value == 0.0;
            const bool open = isnan(got[k].value) || got[k].undefined || constant;
            assert_int_equal(strcmp(got[k].method, "none") == 0, open);
            assert_true(open ? isnan(got[k].low) && isnan(got[k].high)
                             : got[k].low <= got[k].value && got[k].value <= got[k].high);
        }
        matrix_scores_free(m);
        confusion_free(c);
    }
}

static void a_class_that_nobody_predicts_has_an_undefined_precision(void **state)
{
    (void)state;
    confusion *c = make_matrix(MATRICES[2], 3);
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    assert_true(m->per_class[2].precision.value == 0.0);
    assert_true(m->per_class[2].precision.undefined);
    assert_true(isnan(m->per_class[2].precision.low));
    assert_string_equal(m->per_class[2].precision.method, "none");
    assert_true(m->per_class[2].recall.value == 0.0);
    assert_false(m->per_class[2].recall.undefined);
    assert_string_equal(m->per_class[2].recall.method, "wilson");
    assert_false(m->per_class[2].f1.undefined);
    matrix_scores_free(m);
    confusion_free(c);
}

static void a_class_without_samples_has_an_undefined_recall(void **state)
{
    (void)state;
    confusion *c = make_matrix(MATRICES[4], 4);
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    assert_true(m->per_class[2].recall.undefined);
    assert_true(m->per_class[2].precision.undefined);
    assert_true(m->per_class[2].f1.undefined && m->per_class[2].f1.value == 0.0);
    assert_string_equal(m->per_class[2].f1.method, "none");
    matrix_scores_free(m);
    confusion_free(c);
}

static void no_sample_at_all_is_no_answer(void **state)
{
    (void)state;
    confusion *c = count_rows(0, 3);
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    score got[SCORES];
    list_scores(m, got);
    for (size_t k = 0; k < SCORES; k++)
        assert_true(isnan(got[k].value));
    matrix_scores_free(m);
    confusion_free(c);
}

static void proportions_have_wilson_or_exact_intervals(void **state)
{
    (void)state;
    evaluation_options exact = PLAIN;
    exact.exact_proportions = true;
    confusion *c = make_matrix(MATRICES[0], 3);
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    check_bounds("accuracy", &m->accuracy, interval_wilson(123.0, 150.0, Z95), 1e-14);
    check_bounds("recall", &m->per_class[1].recall, interval_wilson(38.0, 50.0, Z95), 1e-14);
    check_bounds("precision", &m->per_class[1].precision, interval_wilson(38.0, 46.0, Z95), 1e-14);
    check_bounds("f1", &m->per_class[1].f1, interval_f1(38.0, 58.0, Z95), 1e-14);
    assert_string_equal(m->per_class[1].f1.method, "wilson-f1");
    matrix_scores_free(m);
    m = score_matrix(c, NULL, &exact);
    check_bounds("accuracy", &m->accuracy, interval_clopper_pearson(123, 150, 0.95), 1e-14);
    check_bounds("f1", &m->per_class[1].f1, interval_f1_exact(38, 58, 0.95), 1e-14);
    assert_string_equal(m->accuracy.method, "clopper-pearson");
    matrix_scores_free(m);
    confusion_free(c);
}

/* ---- the delta method by numerical differentiation of the score over the dense matrix ---- */

typedef double dense_score(const double c[SMALL_CLASSES][SMALL_CLASSES], int classes);

typedef struct sums {
    double n[SMALL_CLASSES], m[SMALL_CLASSES], tp[SMALL_CLASSES], total;
} sums;

static sums add_up(const double c[SMALL_CLASSES][SMALL_CLASSES], int classes)
{
    sums s = {0};
    for (int i = 0; i < classes; i++) {
        for (int j = 0; j < classes; j++) {
            s.n[i] += c[i][j];
            s.m[j] += c[i][j];
            s.total += c[i][j];
        }
        s.tp[i] = c[i][i];
    }
    return s;
}

static double dense_mean(const sums *s, int classes, int what, bool weighted)
{
    double over = 0.0;
    double under = 0.0;
    for (int k = 0; k < classes; k++) {
        const double by[3] = {s->m[k] > 0.0 ? s->tp[k] / s->m[k] : 0.0,
                              s->n[k] > 0.0 ? s->tp[k] / s->n[k] : 0.0,
                              s->n[k] + s->m[k] > 0.0 ? 2.0 * s->tp[k] / (s->n[k] + s->m[k]) : 0.0};
        const double weight = weighted ? s->n[k] : s->n[k] + s->m[k] > 0.0 ? 1.0 : 0.0;
        over += weight * by[what];
        under += weight;
    }
    return over / under;
}

#define DENSE_MEAN(name, what, weighted)                                                           \
    static double name(const double c[SMALL_CLASSES][SMALL_CLASSES], int classes)                  \
    {                                                                                              \
        const sums s = add_up(c, classes);                                                         \
        return dense_mean(&s, classes, what, weighted);                                            \
    }
DENSE_MEAN(dense_macro_precision, 0, false)
DENSE_MEAN(dense_macro_recall, 1, false)
DENSE_MEAN(dense_macro_f1, 2, false)
DENSE_MEAN(dense_weighted_precision, 0, true)
DENSE_MEAN(dense_weighted_f1, 2, true)

static double dense_balanced(const double c[SMALL_CLASSES][SMALL_CLASSES], int classes)
{
    const sums s = add_up(c, classes);
    double sum = 0.0;
    double count = 0.0;
    for (int k = 0; k < classes; k++) {
        sum += s.n[k] > 0.0 ? s.tp[k] / s.n[k] : 0.0;
        count += s.n[k] > 0.0;
    }
    return sum / count;
}

static double dense_mcc(const double c[SMALL_CLASSES][SMALL_CLASSES], int classes)
{
    const sums s = add_up(c, classes);
    double tp = 0.0, nm = 0.0, nn = 0.0, mm = 0.0;
    for (int k = 0; k < classes; k++) {
        tp += s.tp[k];
        nm += s.n[k] * s.m[k];
        nn += s.n[k] * s.n[k];
        mm += s.m[k] * s.m[k];
    }
    const double square = s.total * s.total;
    return (tp * s.total - nm) / sqrt((square - nn) * (square - mm));
}

static double dense_kappa(const double c[SMALL_CLASSES][SMALL_CLASSES], int classes)
{
    const sums s = add_up(c, classes);
    double tp = 0.0, nm = 0.0;
    for (int k = 0; k < classes; k++) {
        tp += s.tp[k];
        nm += s.n[k] * s.m[k];
    }
    const double chance = nm / (s.total * s.total);
    return (tp / s.total - chance) / (1.0 - chance);
}

typedef struct dense {
    int classes;
    double count[SMALL_CLASSES][SMALL_CLASSES], by[SMALL_CLASSES][SMALL_CLASSES];
} dense;

static void differentiate(dense *d, dense_score *f)
{
    for (int i = 0; i < d->classes; i++) {
        for (int j = 0; j < d->classes; j++) {
            const double kept = d->count[i][j];
            const double h = 1e-4;
            double at[2];
            for (int side = 0; side < 2; side++) {
                d->count[i][j] = kept + (side ? h : -h);
                at[side] = f((const double(*)[SMALL_CLASSES])d->count, d->classes);
            }
            d->count[i][j] = kept;
            d->by[i][j] = (at[1] - at[0]) / (2.0 * h);
        }
    }
}

/* Every row has errors here: its cells are weighted so that the right ones are (TP + 1)/(n + 2). */
static double dense_se(const dense *d)
{
    double within = 0.0, sum = 0.0, squares = 0.0, total = 0.0;
    for (int i = 0; i < d->classes; i++) {
        double n = 0.0, mean = 0.0, weighted_mean = 0.0, weighted_square = 0.0;
        for (int j = 0; j < d->classes; j++)
            n += d->count[i][j];
        if (n == 0.0)
            continue;
        const double recall = (d->count[i][i] + 1.0) / (n + 2.0);
        for (int j = 0; j < d->classes; j++) {
            const double share =
                i == j ? recall : (1.0 - recall) * d->count[i][j] / (n - d->count[i][i]);
            mean += d->count[i][j] / n * d->by[i][j];
            weighted_mean += share * d->by[i][j];
            weighted_square += share * d->by[i][j] * d->by[i][j];
        }
        within += n * (weighted_square - weighted_mean * weighted_mean);
        sum += n * mean;
        squares += n * mean * mean;
        total += n;
    }
    return sqrt(within + squares - sum * sum / total);
}

static const struct {
    const char *name;
    dense_score *score;
    size_t place; /* in list_scores() */
    bool fisher;
} DENSE_SCORES[] = {{"macro precision", dense_macro_precision, 1, false},
                    {"macro recall", dense_macro_recall, 2, false},
                    {"macro F1", dense_macro_f1, 3, false},
                    {"weighted precision", dense_weighted_precision, 4, false},
                    {"weighted F1", dense_weighted_f1, 6, false},
                    {"balanced accuracy", dense_balanced, 7, false},
                    {"MCC", dense_mcc, 8, true},
                    {"kappa", dense_kappa, 9, true}};

static void functions_of_the_matrix_have_the_delta_methods_interval(void **state)
{
    (void)state;
    static const size_t WITH_ERRORS[] = {0, 1, 3, 4};
    for (size_t at = 0; at < sizeof WITH_ERRORS / sizeof *WITH_ERRORS; at++) {
        const size_t i = WITH_ERRORS[at];
        dense d = {.classes = (int)GOLDEN[i].class_count};
        for (int cell = 0; cell < d.classes * d.classes; cell++)
            d.count[cell / d.classes][cell % d.classes] = MATRICES[i][cell];
        confusion *c = make_matrix(MATRICES[i], GOLDEN[i].class_count);
        matrix_scores *m = score_matrix(c, NULL, &PLAIN);
        score got[SCORES];
        list_scores(m, got);
        for (size_t k = 0; k < sizeof DENSE_SCORES / sizeof *DENSE_SCORES; k++) {
            const double value =
                DENSE_SCORES[k].score((const double(*)[SMALL_CLASSES])d.count, d.classes);
            const score *s = &got[DENSE_SCORES[k].place];
            /* Cells of absent classes have no derivative, and no count that would weigh one. */
            differentiate(&d, DENSE_SCORES[k].score);
            const double se = dense_se(&d);
            check_bounds(DENSE_SCORES[k].name, s,
                         DENSE_SCORES[k].fisher ? interval_fisher(value, se, Z95)
                                                : interval_logit(value, se, Z95),
                         1e-6);
            assert_string_equal(s->method, DENSE_SCORES[k].fisher ? "delta-fisher" : "delta-logit");
        }
        matrix_scores_free(m);
        confusion_free(c);
    }
}

static void the_balanced_accuracy_has_a_closed_form(void **state)
{
    (void)state;
    const uint16_t counts[9] = {18, 1, 1, 0, 30, 0, 5, 5, 30}; /* a row without errors among them */
    confusion *c = make_matrix(counts, 3);
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    const double n[3] = {20.0, 30.0, 40.0};
    const double tp[3] = {18.0, 30.0, 30.0};
    double variance = 0.0;
    for (int k = 0; k < 3; k++) {
        const double r = (tp[k] + 1.0) / (n[k] + 2.0);
        variance += r * (1.0 - r) / n[k] / 9.0;
    }
    check_bounds("balanced", &m->balanced_accuracy,
                 interval_logit((0.9 + 1.0 + 0.75) / 3.0, sqrt(variance), Z95), 1e-12);
    matrix_scores_free(m);
    confusion_free(c);
}

static void perfect_and_hopeless_scores_take_the_smallest_class(void **state)
{
    (void)state;
    confusion *c = make_matrix(MATRICES[7], 3);
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    check_bounds("macro F1", &m->macro_f1, interval_wilson(5.0, 5.0, Z95), 1e-14);
    check_bounds("MCC", &m->mcc, interval_wilson(5.0, 5.0, Z95), 1e-14);
    assert_string_equal(m->kappa.method, "wilson-smallest-class");
    matrix_scores_free(m);
    confusion_free(c);

    c = make_matrix(MATRICES[9], 2);
    m = score_matrix(c, NULL, &PLAIN);
    check_bounds("macro F1", &m->macro_f1, interval_wilson(0.0, 6.0, Z95), 1e-14);
    const interval right = interval_wilson(6.0, 6.0, Z95);
    check_bounds("MCC", &m->mcc, (interval){-1.0, -right.low}, 1e-14);
    matrix_scores_free(m);
    confusion_free(c);
}

/* Kappa is 0 then whatever is predicted: nothing varies, and rounding is no interval. */
static void one_true_class_leaves_kappa_without_an_interval(void **state)
{
    (void)state;
    enum { CLASSES_HERE = 13 };
    for (size_t n = 2; n < 1000; n++) {
        for (size_t i = 0; i < n; i++) {
            label[i] = 0;
            prediction[i] = (uint16_t)(i * i % CLASSES_HERE);
        }
        confusion *c = count_rows(n, CLASSES_HERE);
        matrix_scores *m = score_matrix(c, NULL, &PLAIN);
        assert_true(m->kappa.value == 0.0);
        assert_true(isnan(m->kappa.low) && isnan(m->kappa.high));
        assert_string_equal(m->kappa.method, "none");
        matrix_scores_free(m);
        confusion_free(c);
    }
}

static void few_samples_are_said(void **state)
{
    (void)state;
    confusion *c = make_matrix(MATRICES[2], 3); /* support 12, 10, 7; predicted 14, 15, 0 */
    matrix_scores *m = score_matrix(c, NULL, &PLAIN);
    assert_int_equal(m->classes_under_ten, 1);
    assert_true(m->macro_f1.few && m->balanced_accuracy.few);
    assert_true(m->per_class[2].recall.few);
    assert_false(m->per_class[1].recall.few || m->accuracy.few || m->mcc.few);
    const bool shown[3] = {true, true, false};
    evaluation_options options = PLAIN;
    options.shown = shown;
    matrix_scores_free(m);
    m = score_matrix(c, NULL, &options);
    assert_int_equal(m->classes_under_ten, 0);
    assert_false(m->macro_f1.few);
    matrix_scores_free(m);
    confusion_free(c);
}

/* MATRICES[0] with classes 0 and 2 shown. */
static void a_class_filter_averages_the_shown_and_changes_no_class(void **state)
{
    (void)state;
    const bool shown[3] = {true, false, true};
    evaluation_options options = PLAIN;
    options.shown = shown;
    confusion *c = make_matrix(MATRICES[0], 3);
    matrix_scores *all = score_matrix(c, NULL, &PLAIN);
    matrix_scores *m = score_matrix(c, NULL, &options);
    for (size_t k = 0; k < 3; k++) {
        const score pairs[3][2] = {{all->per_class[k].precision, m->per_class[k].precision},
                                   {all->per_class[k].recall, m->per_class[k].recall},
                                   {all->per_class[k].f1, m->per_class[k].f1}};
        for (size_t i = 0; i < 3; i++) {
            assert_true(pairs[i][0].value == pairs[i][1].value);
            assert_true(pairs[i][0].low == pairs[i][1].low);
            assert_true(pairs[i][0].high == pairs[i][1].high);
        }
    }
    check_near("accuracy", m->accuracy.value, 85.0 / 100.0, 1e-15);
    check_near("macro precision", m->macro_precision.value, (40.0 / 48.0 + 45.0 / 56.0) / 2.0,
               1e-15);
    check_near("macro recall", m->macro_recall.value, 0.85, 1e-15);
    check_near("balanced", m->balanced_accuracy.value, 0.85, 1e-15);
    check_near("weighted f1", m->weighted_f1.value, (80.0 / 98.0 + 90.0 / 106.0) / 2.0, 1e-15);
    check_near("micro precision", m->micro_precision.value, 85.0 / 104.0, 1e-15);
    check_near("micro f1", m->micro_f1.value, 170.0 / 204.0, 1e-15);
    assert_string_equal(m->micro_f1.method, "delta-logit");
    assert_true(isnan(m->mcc.value) && isnan(m->kappa.value));
    matrix_scores_free(m);
    matrix_scores_free(all);
    confusion_free(c);
}

static void a_higher_level_is_a_wider_interval(void **state)
{
    (void)state;
    evaluation_options wide = PLAIN;
    wide.confidence_level = 0.99;
    confusion *c = make_matrix(MATRICES[0], 3);
    matrix_scores *narrow_scores = score_matrix(c, NULL, &PLAIN);
    matrix_scores *wide_scores = score_matrix(c, NULL, &wide);
    score narrow_list[SCORES];
    score wide_list[SCORES];
    list_scores(narrow_scores, narrow_list);
    list_scores(wide_scores, wide_list);
    for (size_t k = 0; k < SCORES; k++) {
        assert_true(wide_list[k].low < narrow_list[k].low);
        assert_true(wide_list[k].high > narrow_list[k].high);
    }
    matrix_scores_free(narrow_scores);
    matrix_scores_free(wide_scores);
    confusion_free(c);
}

static void the_bootstrap_is_seeded_and_near_the_delta_method(void **state)
{
    (void)state;
    confusion *c = make_matrix(MATRICES[0], 3);
    matrix_scores *delta = score_matrix(c, NULL, &PLAIN);
    matrix_scores *first = NULL;
    static const int THREADS[] = {1, 2, 7};
    for (size_t i = 0; i < 3; i++) {
        evaluation_options options = PLAIN;
        options.bootstrap = 2000;
        options.seed = 5;
        options.thread_count = THREADS[i];
        matrix_scores *m = score_matrix(c, NULL, &options);
        assert_string_equal(m->macro_f1.method, "bootstrap");
        assert_string_equal(m->accuracy.method, "wilson");
        check_near("low", m->macro_f1.low, delta->macro_f1.low, 0.01);
        check_near("high", m->macro_f1.high, delta->macro_f1.high, 0.01);
        check_near("low", m->mcc.low, delta->mcc.low, 0.02);
        if (first) {
            assert_true(m->macro_f1.low == first->macro_f1.low);
            assert_true(m->kappa.high == first->kappa.high);
            matrix_scores_free(m);
        } else {
            first = m;
        }
    }
    matrix_scores_free(first);
    matrix_scores_free(delta);
    confusion_free(c);
}

/* ---- groups ---- */

/* Samples of MATRICES[0], dealt to `groups` groups in turn or in blocks. */
static samples group_samples(size_t n, uint32_t groups, bool blocks, uint32_t *group)
{
    for (size_t i = 0; i < n; i++)
        group[i] = (uint32_t)(blocks ? i * groups / n : i % groups);
    return (samples){.count = n,
                     .label = label,
                     .prediction = prediction,
                     .groups = {.group = group, .group_count = groups}};
}

typedef enum class_ratio { PRECISION_OF, RECALL_OF, F1_OF } class_ratio;

/* A sample's part in numerator and denominator of a ratio of class k; F1 goes through the union. */
typedef struct part {
    double over, under;
} part;

static part part_of(const samples *s, size_t i, uint16_t k, class_ratio what)
{
    const bool is = s->label[i] == k;
    const bool said = s->prediction[i] == k;
    const bool in[] = {[PRECISION_OF] = said, [RECALL_OF] = is, [F1_OF] = is || said};
    return (part){is && said, in[what]};
}

static part sum_parts(const samples *s, uint16_t k, class_ratio what, uint32_t group)
{
    part sum = {0.0, 0.0};
    for (size_t i = 0; i < s->count; i++) {
        const part one = part_of(s, i, k, what);
        if (group == UINT32_MAX || s->groups.group[i] == group) {
            sum.over += one.over;
            sum.under += one.under;
        }
    }
    return sum;
}

/* Wilson at the effective n of Σx/Σd, the long way round: a pass over all samples for each group.
 */
static interval slow_ratio(const samples *s, uint16_t k, class_ratio what)
{
    const part all = sum_parts(s, k, what, UINT32_MAX);
    const double p = all.over / all.under;
    double squares = 0.0;
    double seen = 0.0;
    for (uint32_t g = 0; g < s->groups.group_count; g++) {
        const part mine = sum_parts(s, k, what, g);
        const double influence = (mine.over - p * mine.under) / all.under;
        squares += influence * influence;
        seen += mine.under > 0.0;
    }
    const double se = sqrt(seen / (seen - 1.0) * squares);
    const double n = fmin(all.under, p * (1.0 - p) / (se * se));
    return what == F1_OF ? interval_f1(p * n, n, Z95) : interval_wilson(p * n, n, Z95);
}

static void grouped_class_scores_equal_the_long_way_round(void **state)
{
    (void)state;
    uint32_t group[150];
    confusion *c = make_matrix(MATRICES[0], 3);
    for (int blocks = 0; blocks < 2; blocks++) {
        const samples s = group_samples(150, 30, blocks, group);
        matrix_scores *m = score_matrix(c, &s, &PLAIN);
        for (uint16_t k = 0; k < 3; k++) {
            check_bounds("precision", &m->per_class[k].precision, slow_ratio(&s, k, PRECISION_OF),
                         1e-12);
            check_bounds("recall", &m->per_class[k].recall, slow_ratio(&s, k, RECALL_OF), 1e-12);
            check_bounds("f1", &m->per_class[k].f1, slow_ratio(&s, k, F1_OF), 1e-12);
            assert_string_equal(m->per_class[k].recall.method, "wilson-effective-n");
        }
        matrix_scores_free(m);
    }
    confusion_free(c);
}

static void grouped_functions_sum_influences_within_groups(void **state)
{
    (void)state;
    uint32_t group[150];
    dense d = {.classes = 3};
    for (int cell = 0; cell < 9; cell++)
        d.count[cell / 3][cell % 3] = MATRICES[0][cell];
    confusion *c = make_matrix(MATRICES[0], 3);
    const samples s = group_samples(150, 25, true, group);
    matrix_scores *m = score_matrix(c, &s, &PLAIN);
    score got[SCORES];
    list_scores(m, got);
    for (size_t k = 0; k < sizeof DENSE_SCORES / sizeof *DENSE_SCORES; k++) {
        differentiate(&d, DENSE_SCORES[k].score);
        double mean = 0.0;
        for (size_t i = 0; i < 150; i++)
            mean += d.by[label[i]][prediction[i]] / 150.0;
        double squares = 0.0;
        for (uint32_t g = 0; g < 25; g++) {
            double sum = 0.0;
            for (size_t i = 0; i < 150; i++)
                sum += group[i] == g ? d.by[label[i]][prediction[i]] - mean : 0.0;
            squares += sum * sum;
        }
        const double se = sqrt(25.0 / 24.0 * squares);
        const double value = DENSE_SCORES[k].score((const double(*)[SMALL_CLASSES])d.count, 3);
        const score *one = &got[DENSE_SCORES[k].place];
        check_bounds(DENSE_SCORES[k].name, one,
                     DENSE_SCORES[k].fisher ? interval_fisher(value, se, Z95)
                                            : interval_logit(value, se, Z95),
                     1e-6);
        assert_string_equal(one->method,
                            DENSE_SCORES[k].fisher ? "cluster-fisher" : "cluster-logit");
    }
    matrix_scores_free(m);
    confusion_free(c);
}

static void one_group_leaves_nothing_to_say(void **state)
{
    (void)state;
    uint32_t group[150];
    confusion *c = make_matrix(MATRICES[0], 3);
    const samples s = group_samples(150, 1, true, group);
    matrix_scores *m = score_matrix(c, &s, &PLAIN);
    score got[SCORES];
    list_scores(m, got);
    for (size_t k = 0; k < SCORES; k++) {
        assert_true(!isnan(got[k].value));
        assert_true(isnan(got[k].low));
        assert_string_equal(got[k].method, "none");
    }
    matrix_scores_free(m);
    confusion_free(c);
}

static void a_perfect_score_of_groups_counts_groups(void **state)
{
    (void)state;
    uint32_t group[30];
    confusion *c = make_matrix(MATRICES[7], 3); /* 5, 17 and 8 samples */
    const samples s = group_samples(30, 10, true, group);
    matrix_scores *m = score_matrix(c, &s, &PLAIN);
    check_bounds("accuracy", &m->accuracy, interval_wilson(10.0, 10.0, Z95), 1e-14);
    check_bounds("macro F1", &m->macro_f1, interval_wilson(2.0, 2.0, Z95), 1e-14);
    matrix_scores_free(m);
    confusion_free(c);
}

static void short_memory_is_said_and_leaves_nothing(void **state)
{
    (void)state;
    uint32_t group[150];
    confusion *c = make_matrix(MATRICES[0], 3);
    const samples s = group_samples(150, 25, true, group);
    evaluation_options bootstrapped = PLAIN;
    bootstrapped.bootstrap = 10;
    const size_t live = mem_live();
    for (int grouped = 0; grouped < 2; grouped++) {
        for (uint64_t n = 0;; n++) {
            matrix_scores *m = (matrix_scores *)1;
            mem_fail_after(n);
            const assay_code code = matrix_scores_new(c, grouped ? &s : NULL,
                                                      grouped ? &PLAIN : &bootstrapped, &m, NULL);
            mem_fail_after(UINT64_MAX);
            if (code == ASSAY_OK) {
                assert_int_equal(n, grouped ? 12 : 8);
                matrix_scores_free(m);
                break;
            }
            assert_int_equal(code, ASSAY_E_NOMEM);
            assert_null(m);
            assert_int_equal(mem_live(), live);
        }
    }
    confusion_free(c);
}

/* Of two thousand million samples 10 are of the second class: N² - Σn² is a 10^8th of N². Python's
 * whole numbers, (N Σtp - Σnm) / sqrt(...) and the same over N² - Σnm. */
static void two_thousand_million_samples_lose_no_digit(void **state)
{
    (void)state;
    const uint64_t support[] = {2147483637, 10}, predicted[] = {2147483639, 8};
    const uint64_t right[] = {2147483634, 5};
    const margins m = {.class_count = 2,
                       .support = support,
                       .predicted = predicted,
                       .true_positive = right,
                       .total = 2147483647};
    assert_true(fabs(matrix_function_value(MCC, &m) - 0.55901699255275938) < 1e-14);
    assert_true(fabs(matrix_function_value(KAPPA, &m) - 0.55555555371590604) < 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_equal_scikit_learn),
        cmocka_unit_test(every_interval_holds_its_value),
        cmocka_unit_test(a_class_that_nobody_predicts_has_an_undefined_precision),
        cmocka_unit_test(a_class_without_samples_has_an_undefined_recall),
        cmocka_unit_test(no_sample_at_all_is_no_answer),
        cmocka_unit_test(proportions_have_wilson_or_exact_intervals),
        cmocka_unit_test(functions_of_the_matrix_have_the_delta_methods_interval),
        cmocka_unit_test(the_balanced_accuracy_has_a_closed_form),
        cmocka_unit_test(perfect_and_hopeless_scores_take_the_smallest_class),
        cmocka_unit_test(one_true_class_leaves_kappa_without_an_interval),
        cmocka_unit_test(few_samples_are_said),
        cmocka_unit_test(a_class_filter_averages_the_shown_and_changes_no_class),
        cmocka_unit_test(a_higher_level_is_a_wider_interval),
        cmocka_unit_test(the_bootstrap_is_seeded_and_near_the_delta_method),
        cmocka_unit_test(grouped_class_scores_equal_the_long_way_round),
        cmocka_unit_test(grouped_functions_sum_influences_within_groups),
        cmocka_unit_test(one_group_leaves_nothing_to_say),
        cmocka_unit_test(a_perfect_score_of_groups_counts_groups),
        cmocka_unit_test(two_thousand_million_samples_lose_no_digit),
        cmocka_unit_test(short_memory_is_said_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
