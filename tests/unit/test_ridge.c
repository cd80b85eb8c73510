/* Cross-fitting against one plain regression a fold, and on what leaves nothing to fit. */
#include "linear/eigen.h"
#include "linear/ridge.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 700, WIDTH = 70, CLASSES = 4 };

static float data[ROWS * WIDTH];
static uint16_t label[ROWS];

static ridge_samples make_samples(void)
{
    rng r;
    rng_init(&r, 31, 0);
    for (size_t i = 0; i < ROWS; i++) {
        label[i] = (uint16_t)(i * 7 % CLASSES);
        for (size_t v = 0; v < WIDTH; v++)
            data[i * WIDTH + v] = (float)(0.1 * rng_normal(&r) + (v == label[i] ? 0.7 : 0.1));
    }
    return (ridge_samples){{data, ROWS, WIDTH, WIDTH}, label, CLASSES};
}

/* Scores of `row` by a model of all rows whose fold differs. */
static void score_plainly(const uint8_t *fold, size_t row, double *score)
{
    static double gram[WIDTH * WIDTH], right[CLASSES * WIDTH], mean[WIDTH], classes[CLASSES];
    memset(gram, 0, sizeof gram);
    memset(right, 0, sizeof right);
    memset(mean, 0, sizeof mean);
    memset(classes, 0, sizeof classes);
    double n = 0.0, trace = 0.0;
    for (size_t i = 0; i < ROWS; i++) {
        if (fold[i] == fold[row] || label[i] == RIDGE_UNLABELLED)
            continue;
        n += 1.0;
        classes[label[i]] += 1.0;
        for (size_t v = 0; v < WIDTH; v++)
            mean[v] += (double)data[i * WIDTH + v];
    }
    for (size_t v = 0; v < WIDTH; v++)
        mean[v] /= n;
    for (size_t i = 0; i < ROWS; i++) {
        if (fold[i] == fold[row] || label[i] == RIDGE_UNLABELLED)
            continue;
        for (size_t v = 0; v < WIDTH; v++) {
            const double a = (double)data[i * WIDTH + v] - mean[v];
            right[label[i] * WIDTH + v] += a;
            for (size_t w = 0; w < WIDTH; w++)
                gram[v * WIDTH + w] += a * ((double)data[i * WIDTH + w] - mean[w]);
        }
    }
    for (size_t v = 0; v < WIDTH; v++)
        trace += gram[v * WIDTH + v];
    assert_int_equal(linear_solve(gram, WIDTH, 0.1 * trace / WIDTH, right, CLASSES, NULL),
                     ASSAY_OK);
    for (size_t c = 0; c < CLASSES; c++) {
        score[c] = classes[c] / n;
        for (size_t v = 0; v < WIDTH; v++)
            score[c] += right[c * WIDTH + v] * ((double)data[row * WIDTH + v] - mean[v]);
    }
}

/* The folds as the header deals them: labelled rows by a seeded permutation. */
static void deal_plainly(uint64_t seed, uint8_t *fold)
{
    static uint32_t turn[ROWS];
    rng r;
    rng_init(&r, seed, 1);
    rng_permutation(&r, turn, ROWS);
    for (size_t i = 0; i < ROWS; i++)
        fold[i] = (uint8_t)(turn[i] % RIDGE_FOLDS);
}

static void scores_are_those_of_models_that_never_saw_the_sample(void **state)
{
    (void)state;
    static float score[ROWS * CLASSES], margin[ROWS];
    static uint16_t choice[ROWS];
    static uint8_t fold[ROWS];
    const ridge_samples s = make_samples();
    const ridge_answers all = {score, margin, choice};
    assert_int_equal(
        ridge_cross_fit(&s, &(ridge_options){.seed = 4, .thread_count = 2}, &all, NULL), ASSAY_OK);
    deal_plainly(4, fold);
    for (size_t i = 0; i < ROWS; i += 37) {
        double plain[CLASSES], best = -HUGE_VAL;
        score_plainly(fold, i, plain);
        for (size_t c = 0; c < CLASSES; c++) {
            assert_true(fabs(plain[c] - (double)score[i * CLASSES + c]) < 1e-4);
            if (c != label[i] && plain[c] > best)
                best = plain[c];
        }
        assert_true(fabs(best - plain[label[i]] - (double)margin[i]) < 1e-4);
        assert_true(choice[i] < CLASSES);
        assert_true(plain[choice[i]] > fmax(best, plain[label[i]]) - 1e-4);
    }
}

static void wrong_labels_have_the_largest_margins(void **state)
{
    (void)state;
    static float margin[ROWS];
    const ridge_samples s = make_samples();
    for (size_t i = 0; i < ROWS; i += 50)
        label[i] = (uint16_t)((label[i] + 1) % CLASSES);
    assert_int_equal(
        ridge_cross_fit(&s, &(ridge_options){.seed = 1}, &(ridge_answers){.margin = margin}, NULL),
        ASSAY_OK);
    for (size_t i = 0; i < ROWS; i++)
        assert_true((margin[i] > 0.0f) == (i % 50 == 0));
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    static float one[ROWS * CLASSES], more[ROWS * CLASSES];
    const ridge_samples s = make_samples();
    for (int threads = 1; threads <= 7; threads += threads == 1 ? 1 : 5) {
        const ridge_options o = {.seed = 9, .thread_count = threads};
        assert_int_equal(
            ridge_cross_fit(&s, &o, &(ridge_answers){.score = threads == 1 ? one : more}, NULL),
            ASSAY_OK);
        if (threads > 1)
            assert_memory_equal(one, more, sizeof one);
    }
}

static void odd_samples_have_no_margin(void **state)
{
    (void)state;
    static float score[ROWS * CLASSES], margin[ROWS];
    static uint16_t choice[ROWS];
    const ridge_samples s = make_samples();
    data[5 * WIDTH + 2] = NAN;
    label[6] = RIDGE_UNLABELLED;
    const ridge_answers all = {score, margin, choice};
    assert_int_equal(ridge_cross_fit(&s, &(ridge_options){.seed = 1}, &all, NULL), ASSAY_OK);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(!isnan(margin[i]), i != 5 && i != 6);
        assert_int_equal(!isnan(score[i * CLASSES]), i != 5);
        assert_int_equal(choice[i] != RIDGE_UNLABELLED, i != 5);
    }
}

/* n equal rows, labelled 0, 1, 0, 1, … or all 0. */
static void expect_small(size_t n, bool mixed, bool answers)
{
    float rows[12] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0}, margin[6];
    uint16_t given[6], choice[6];
    for (size_t i = 0; i < n; i++)
        given[i] = mixed ? i % 2 : 0;
    const ridge_samples s = {{rows, n, 2, 2}, given, 3};
    const ridge_answers wanted = {.margin = margin, .choice = choice};
    assert_int_equal(ridge_cross_fit(&s, &(ridge_options){0}, &wanted, NULL), ASSAY_OK);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(!isnan(margin[i]), answers);
        assert_int_equal(choice[i] == RIDGE_UNLABELLED, n < 2);
        assert_true(choice[i] != 2);
    }
}

static void few_equal_and_alike_samples_are_no_problem(void **state)
{
    (void)state;
    expect_small(0, false, false);
    expect_small(1, false, false);
    expect_small(2, true, true);
    expect_small(6, true, true);
    expect_small(6, false, false);
}

static void it_may_be_interrupted_and_run_out_of_memory(void **state)
{
    (void)state;
    static float margin[ROWS];
    const ridge_samples s = make_samples();
    const atomic_bool stop = true;
    const progress p = {.stop = &stop};
    assay_err err;
    assert_int_equal(ridge_cross_fit(&s, &(ridge_options){.progress = &p},
                                     &(ridge_answers){.margin = margin}, &err),
                     ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "cross-fitting was interrupted");
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        mem_fail_after(n);
        code = ridge_cross_fit(&s, &(ridge_options){0}, &(ridge_answers){.margin = margin}, &err);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_models_that_never_saw_the_sample),
        cmocka_unit_test(wrong_labels_have_the_largest_margins),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
        cmocka_unit_test(odd_samples_have_no_margin),
        cmocka_unit_test(few_equal_and_alike_samples_are_no_problem),
        cmocka_unit_test(it_may_be_interrupted_and_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
