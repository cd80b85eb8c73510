/* Labels ranked by looks: against the rule written down once more, and on what leaves no answer. */
#include "project/rank_labels.h"

#include "base/rng.h"
#include "knn/exact.h"
#include "linear/ridge.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 300, WIDTH = 12, CLASSES = 3, K = 20, SWAPPED = 25 };

static float vectors[ROWS * WIDTH];
static uint16_t label[ROWS];
static uint32_t nearest[ROWS * K];
static float distance[ROWS * K];

static label_evidence evidence_of(const float *rows)
{
    const knn_vectors v = {rows, ROWS, WIDTH};
    knn_lists lists = {0};
    assert_int_equal(knn_exact_all(&v, &(knn_options){.k = K, .thread_count = 1}, &lists, NULL),
                     ASSAY_OK);
    memcpy(nearest, lists.index, sizeof nearest);
    memcpy(distance, lists.distance, sizeof distance);
    knn_lists_clear(&lists);
    return (label_evidence){rows, WIDTH, {nearest, distance, ROWS, K}, label, CLASSES};
}

/* Three clouds at length 1, every twenty-fifth label of another cloud. */
static label_evidence make_clouds(void)
{
    rng r;
    rng_init(&r, 11, 0);
    for (size_t i = 0; i < ROWS; i++) {
        float *row = vectors + i * WIDTH;
        double sum = 0.0;
        for (size_t d = 0; d < WIDTH; d++) {
            row[d] = (float)(0.25 * rng_normal(&r) + (d == i % CLASSES ? 1.0 : 0.0));
            sum += (double)row[d] * (double)row[d];
        }
        for (size_t d = 0; d < WIDTH; d++)
            row[d] = (float)((double)row[d] / sqrt(sum));
        label[i] = (uint16_t)((i + (i % SWAPPED == 0)) % CLASSES);
    }
    return evidence_of(vectors);
}

static ranked_labels rank(const label_evidence *e, const rank_labels_options *o)
{
    ranked_labels ranked;
    assert_int_equal(rank_labels(e, o, &ranked, NULL), ASSAY_OK);
    return ranked;
}

static void wrong_labels_come_first_with_the_right_one_beside(void **state)
{
    (void)state;
    const label_evidence e = make_clouds();
    ranked_labels l = rank(&e, &(rank_labels_options){.thread_count = 2});
    assert_int_equal(l.judged, ROWS);
    assert_in_range(l.count, ROWS / SWAPPED, ROWS / SWAPPED + 5);
    for (size_t i = 0; i < l.count; i++) {
        if (i < ROWS / SWAPPED) {
            assert_int_equal(l.row[i] % SWAPPED, 0);
            assert_int_equal(l.suggested[i], l.row[i] % CLASSES);
            assert_int_equal(l.neighbours_label[i], l.row[i] % CLASSES);
        }
        assert_true(l.fitted_margin[i] > 0.0);
        assert_true(l.neighbours_label[i] != label[l.row[i]]);
        assert_true(l.score[i] > 0.0 && l.score[i] <= 1.0);
        assert_true(i == 0 || l.score[i] < l.score[i - 1] ||
                    (l.score[i] == l.score[i - 1] && l.row[i] > l.row[i - 1]));
    }
    ranked_labels_clear(&l);
}

/* Mid-rank of `at` among those that are not NaN, by counting. */
static double rank_plainly(const double *value, size_t at)
{
    double below = 0.0, equal = 0.0;
    for (size_t i = 0; i < ROWS; i++) {
        below += value[i] < value[at];
        equal += value[i] == value[at];
    }
    return below + (equal + 1.0) / 2.0;
}

static void the_score_is_the_sum_of_both_ranks(void **state)
{
    (void)state;
    static double quality[ROWS], closeness[ROWS], disagreement[ROWS], margin[ROWS];
    static uint16_t majority[ROWS];
    static float fitted[ROWS];
    const label_evidence e = make_clouds();
    const ridge_samples samples = {{vectors, ROWS, WIDTH, WIDTH}, label, CLASSES};
    assert_int_equal(ridge_cross_fit(&samples, &(ridge_options){.seed = 5},
                                     &(ridge_answers){.margin = fitted}, NULL),
                     ASSAY_OK);
    neighbours_annotation(&e.lists, label, &(label_agreement){quality, closeness, majority});
    for (size_t i = 0; i < ROWS; i++) {
        disagreement[i] = -(1000.0 * quality[i] + closeness[i]);
        margin[i] = (double)fitted[i];
    }
    ranked_labels l = rank(&e, &(rank_labels_options){.seed = 5});
    for (size_t i = 0; i < l.count; i++) {
        const size_t row = l.row[i];
        const double sum = rank_plainly(disagreement, row) + rank_plainly(margin, row);
        assert_true(fabs(l.score[i] - sum / (2.0 * ROWS)) < 1e-12);
        assert_true(l.annotation_quality[i] == quality[row]);
        assert_true(l.fitted_margin[i] == margin[row]);
    }
    ranked_labels_clear(&l);
}

static void only_chosen_samples_are_judged_but_all_are_compared_with(void **state)
{
    (void)state;
    const label_evidence e = make_clouds();
    selection rows;
    assert_int_equal(selection_init(&rows, ROWS, false, NULL), ASSAY_OK);
    for (size_t i = 0; i < 50; i++)
        selection_set(&rows, i, true);
    ranked_labels all = rank(&e, &(rank_labels_options){0});
    ranked_labels some = rank(&e, &(rank_labels_options){.rows = &rows});
    assert_int_equal(some.judged, 50);
    size_t at = 0;
    for (size_t i = 0; i < some.count; i++) {
        assert_true(some.row[i] < 50);
        while (at < all.count && all.row[at] >= 50)
            at++;
        assert_true(at < all.count && all.fitted_margin[at] > 0.0);
        at++;
    }
    assert_in_range(some.count, 2, all.count);
    ranked_labels_clear(&all);
    ranked_labels_clear(&some);
    selection_clear(&rows);
}

/* Lengths that are powers of two change neither the directions nor, brought to 1, the bits by more
 * than rounding. */
static void lengths_of_vectors_do_not_matter(void **state)
{
    (void)state;
    static float longer[ROWS * WIDTH];
    label_evidence e = make_clouds();
    ranked_labels short_ones = rank(&e, &(rank_labels_options){0});
    for (size_t i = 0; i < (size_t)ROWS * WIDTH; i++)
        longer[i] = vectors[i] * (i / WIDTH % 2 ? 8.0F : 0.5F);
    e = evidence_of(longer);
    ranked_labels long_ones = rank(&e, &(rank_labels_options){0});
    assert_int_equal(long_ones.count, short_ones.count);
    for (size_t i = 0; i < long_ones.count; i++)
        assert_true(fabs(long_ones.fitted_margin[i] - short_ones.fitted_margin[i]) < 1e-4);
    ranked_labels_clear(&short_ones);
    ranked_labels_clear(&long_ones);
}

static void what_has_no_label_no_picture_or_no_direction_takes_no_part(void **state)
{
    (void)state;
    (void)make_clouds();
    label[1] = CLASS_MISSING;
    for (size_t d = 0; d < WIDTH; d++) {
        vectors[2 * WIDTH + d] = NAN;
        vectors[3 * WIDTH + d] = 0.0F;
    }
    label_evidence e = evidence_of(vectors);
    ranked_labels l = rank(&e, &(rank_labels_options){0});
    assert_int_equal(l.judged, ROWS - 3);
    for (size_t i = 0; i < l.count; i++)
        assert_true(l.row[i] < 1 || l.row[i] > 3);
    ranked_labels_clear(&l);
    for (size_t i = 10; i < ROWS; i++)
        label[i] = CLASS_MISSING;
    l = rank(&e, &(rank_labels_options){0});
    assert_int_equal(l.judged, 0);
    assert_int_equal(l.count, 0);
    ranked_labels_clear(&l);
}

static void one_class_contradicts_nothing(void **state)
{
    (void)state;
    const label_evidence e = make_clouds();
    memset(label, 0, sizeof label);
    ranked_labels l = rank(&e, &(rank_labels_options){0});
    assert_int_equal(l.judged, 0);
    assert_int_equal(l.count, 0);
    ranked_labels_clear(&l);
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    const label_evidence e = make_clouds();
    ranked_labels one = rank(&e, &(rank_labels_options){.thread_count = 1});
    for (int threads = 2; threads <= 7; threads += 5) {
        ranked_labels more = rank(&e, &(rank_labels_options){.thread_count = threads});
        assert_int_equal(more.count, one.count);
        assert_memory_equal(more.row, one.row, one.count * sizeof *one.row);
        assert_memory_equal(more.score, one.score, one.count * sizeof *one.score);
        assert_memory_equal(more.fitted_margin, one.fitted_margin,
                            one.count * sizeof *one.fitted_margin);
        ranked_labels_clear(&more);
    }
    ranked_labels_clear(&one);
}

static void it_may_be_interrupted_and_run_out_of_memory(void **state)
{
    (void)state;
    static float longer[ROWS * WIDTH];
    (void)make_clouds();
    for (size_t i = 0; i < (size_t)ROWS * WIDTH; i++)
        longer[i] = 3.0F * vectors[i];
    const label_evidence e = evidence_of(longer);
    const atomic_bool stop = true;
    const progress p = {.stop = &stop};
    ranked_labels l;
    assay_err err;
    assert_int_equal(rank_labels(&e, &(rank_labels_options){.progress = &p}, &l, &err),
                     ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "cross-fitting was interrupted");
    assert_null(l.row);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        mem_fail_after(n);
        code = rank_labels(&e, &(rank_labels_options){0}, &l, &err);
        mem_fail_after(UINT64_MAX);
        if (code)
            assert_null(l.row);
        ranked_labels_clear(&l);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_labels_come_first_with_the_right_one_beside),
        cmocka_unit_test(the_score_is_the_sum_of_both_ranks),
        cmocka_unit_test(only_chosen_samples_are_judged_but_all_are_compared_with),
        cmocka_unit_test(lengths_of_vectors_do_not_matter),
        cmocka_unit_test(what_has_no_label_no_picture_or_no_direction_takes_no_part),
        cmocka_unit_test(one_class_contradicts_nothing),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
        cmocka_unit_test(it_may_be_interrupted_and_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
