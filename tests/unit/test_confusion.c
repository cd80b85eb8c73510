#include "support/check.h"

#include "base/limits.h"
#include "base/rng.h"
#include "eval/confusion.h"

#include <math.h>
#include <string.h>

typedef struct rows {
    frame frame;
    selection selected;
} rows;

/* Labels and predictions with some missing; every third row or so is not selected unless `all`. */
static rows make_rows(size_t count, uint32_t class_count, bool all, bool missing)
{
    rows made = {.frame = {.row_count = count, .classes = {.count = class_count}}};
    made.frame.label = mem_zalloc(count, sizeof(uint16_t));
    made.frame.prediction = mem_zalloc(count, sizeof(uint16_t));
    assert_int_equal(selection_init(&made.selected, count, true, NULL), ASSAY_OK);
    rng r;
    rng_init(&r, count + class_count, 0);
    for (size_t i = 0; i < count; i++) {
        const uint16_t label = (uint16_t)rng_below(&r, class_count);
        made.frame.label[i] = missing && rng_below(&r, 9) == 0 ? CLASS_MISSING : label;
        made.frame.prediction[i] = rng_below(&r, 3) ? label : (uint16_t)rng_below(&r, class_count);
        if (missing && rng_below(&r, 9) == 0)
            made.frame.prediction[i] = CLASS_MISSING;
        selection_set(&made.selected, i, all || rng_below(&r, 3));
    }
    return made;
}

static void free_rows(rows *made)
{
    mem_free(made->frame.label);
    mem_free(made->frame.prediction);
    selection_clear(&made->selected);
}

static uint64_t slow_count(const rows *made, uint16_t label, uint16_t prediction)
{
    uint64_t count = 0;
    for (size_t i = 0; i < made->frame.row_count; i++)
        count += selection_has(&made->selected, i) && made->frame.label[i] == label &&
                 made->frame.prediction[i] == prediction;
    return count;
}

static void check_margins(const confusion *c, const rows *made)
{
    uint64_t total = 0;
    uint64_t correct = 0;
    uint64_t missing = c->without_both;
    assert_int_equal(c->without_both, slow_count(made, CLASS_MISSING, CLASS_MISSING));
    for (uint16_t k = 0; k < c->class_count; k++) {
        total += c->support[k];
        correct += c->true_positive[k];
        missing += c->without_label[k] + c->without_prediction[k];
    }
    assert_int_equal(c->total, total);
    assert_int_equal(c->correct, correct);
    assert_int_equal(total + missing, selection_count(&made->selected));
}

static void check_small(const confusion *c, const rows *made)
{
    const uint32_t class_count = c->class_count;
    size_t filled = 0;
    for (uint16_t i = 0; i < class_count; i++) {
        uint64_t support = 0;
        uint64_t predicted = 0;
        for (uint16_t j = 0; j < class_count; j++) {
            const uint64_t count = slow_count(made, i, j);
            assert_int_equal(confusion_at(c, i, j), count);
            support += count;
            predicted += slow_count(made, j, i);
            filled += count != 0;
        }
        assert_int_equal(c->row_start[i + 1], filled);
        assert_int_equal(c->support[i], support);
        assert_int_equal(c->predicted[i], predicted);
        assert_int_equal(c->true_positive[i], confusion_at(c, i, i));
        assert_int_equal(c->without_label[i], slow_count(made, CLASS_MISSING, i));
        assert_int_equal(c->without_prediction[i], slow_count(made, i, CLASS_MISSING));
    }
    assert_int_equal(c->cell_count, filled);
}

static void every_cell_and_margin_equals_a_slow_count(void **state)
{
    (void)state;
    static const size_t COUNTS[] = {0, 1, 63, 64, 65, 1500};
    static const uint32_t CLASSES[] = {1, 2, 17};
    for (size_t i = 0; i < 72; i++) {
        rows made = make_rows(COUNTS[i % 6], CLASSES[i / 6 % 3], i / 18 % 2, i / 36 % 2);
        confusion *c = NULL;
        assert_int_equal(confusion_new(&made.frame, &made.selected, 2, &c, NULL), ASSAY_OK);
        check_small(c, &made);
        check_margins(c, &made);
        confusion_free(c);
        free_rows(&made);
    }
}

/* Above CLASSES_DENSE_MOST pairs are sorted: the cells must come out ascending and complete. */
static void many_classes_are_counted_without_a_table(void **state)
{
    (void)state;
    rows made = make_rows(3000, CLASSES_MOST, false, true);
    confusion *c = NULL;
    assert_int_equal(confusion_new(&made.frame, &made.selected, 2, &c, NULL), ASSAY_OK);
    check_margins(c, &made);
    for (size_t i = 0; i < c->cell_count; i++) {
        const confusion_cell cell = c->cell[i];
        assert_int_equal(cell.count, slow_count(&made, cell.label, cell.prediction));
        assert_true(c->row_start[cell.label] <= i && i < c->row_start[cell.label + 1]);
        assert_true(i == 0 || c->cell[i - 1].label < cell.label ||
                    c->cell[i - 1].prediction < cell.prediction);
    }
    assert_int_equal(c->row_start[CLASSES_MOST], c->cell_count);
    confusion_free(c);
    free_rows(&made);
}

static void dense_and_sorted_counting_agree(void **state)
{
    (void)state;
    rows made = make_rows(5000, CLASSES_DENSE_MOST, false, true);
    confusion *dense = NULL;
    confusion *sorted = NULL;
    assert_int_equal(confusion_new(&made.frame, &made.selected, 1, &dense, NULL), ASSAY_OK);
    made.frame.classes.count = CLASSES_DENSE_MOST + 1;
    assert_int_equal(confusion_new(&made.frame, &made.selected, 1, &sorted, NULL), ASSAY_OK);
    assert_int_equal(dense->cell_count, sorted->cell_count);
    assert_memory_equal(dense->cell, sorted->cell, dense->cell_count * sizeof *dense->cell);
    confusion_free(dense);
    confusion_free(sorted);
    free_rows(&made);
}

static void the_number_of_threads_changes_nothing(void **state)
{
    (void)state;
    rows made = make_rows(2100000, 260, false, true);
    confusion *one = NULL;
    assert_int_equal(confusion_new(&made.frame, &made.selected, 1, &one, NULL), ASSAY_OK);
    static const int THREADS[] = {2, 7};
    for (size_t i = 0; i < 2; i++) {
        confusion *more = NULL;
        assert_int_equal(confusion_new(&made.frame, &made.selected, THREADS[i], &more, NULL),
                         ASSAY_OK);
        assert_int_equal(one->cell_count, more->cell_count);
        assert_memory_equal(one->cell, more->cell, one->cell_count * sizeof *one->cell);
        assert_int_equal(one->without_both, more->without_both);
        confusion_free(more);
    }
    confusion_free(one);
    free_rows(&made);
}

static void arrays_are_counted_like_a_frame(void **state)
{
    (void)state;
    rows made = make_rows(1000, 6, true, false);
    confusion *c = NULL;
    assert_int_equal(
        confusion_of_pairs(made.frame.label, made.frame.prediction, 1000, 6, 1, &c, NULL),
        ASSAY_OK);
    check_small(c, &made);
    confusion_free(c);
    free_rows(&made);
}

static void more_rows_than_a_cell_can_hold_are_refused(void **state)
{
    (void)state;
    confusion *c = (confusion *)1;
    assay_err err = {0};
    assert_int_equal(confusion_of_pairs(NULL, NULL, (size_t)ROWS_MOST + 1, 6, 1, &c, &err),
                     ASSAY_E_LIMIT);
    assert_null(c);
    assert_string_equal(err.msg, "2147483648 samples; a matrix counts up to 2147483647");
}

/* Rows: cat dog fox owl. cat→dog 4 of 10, dog→cat 3 of 5, fox→owl 4 of 8, owl→fox 0, fox→cat 1. */
static confusion *make_animals(void)
{
    static const uint16_t CELLS[][3] = {{0, 0, 6}, {0, 1, 4}, {1, 0, 3}, {1, 1, 2},
                                        {2, 0, 1}, {2, 2, 3}, {2, 3, 4}, {3, 3, 7}};
    uint16_t label[64];
    uint16_t prediction[64];
    size_t n = 0;
    for (size_t i = 0; i < sizeof CELLS / sizeof *CELLS; i++) {
        for (uint16_t times = 0; times < CELLS[i][2]; times++, n++) {
            label[n] = CELLS[i][0];
            prediction[n] = CELLS[i][1];
        }
    }
    confusion *c = NULL;
    assert_int_equal(confusion_of_pairs(label, prediction, n, 4, 1, &c, NULL), ASSAY_OK);
    return c;
}

static void check_pair(confused_pair got, confused_pair want)
{
    assert_int_equal(got.label, want.label);
    assert_int_equal(got.prediction, want.prediction);
    assert_int_equal(got.count, want.count);
    assert_true(fabs(got.share - want.share) < 1e-15);
}

static void the_most_confused_pairs_come_by_count_then_share(void **state)
{
    (void)state;
    confusion *c = make_animals();
    confused_pair out[8];
    confused_pair scratch[8];
    assert_int_equal(confusion_top_pairs(c, NULL, false, 8, out, scratch), 4);
    check_pair(out[0], (confused_pair){2, 3, 4, 0.5});
    check_pair(out[1], (confused_pair){0, 1, 4, 0.4});
    check_pair(out[2], (confused_pair){1, 0, 3, 0.6});
    check_pair(out[3], (confused_pair){2, 0, 1, 0.125});
    assert_int_equal(confusion_top_pairs(c, NULL, false, 2, out, scratch), 2);
    check_pair(out[1], (confused_pair){0, 1, 4, 0.4});
    confusion_free(c);
}

static void both_directions_of_a_pair_are_one(void **state)
{
    (void)state;
    confusion *c = make_animals();
    confused_pair out[8];
    confused_pair scratch[8];
    assert_int_equal(confusion_top_pairs(c, NULL, true, 8, out, scratch), 3);
    check_pair(out[0], (confused_pair){0, 1, 7, 7.0 / 15.0});
    check_pair(out[1], (confused_pair){2, 3, 4, 4.0 / 15.0});
    check_pair(out[2], (confused_pair){0, 2, 1, 1.0 / 18.0});
    const bool shown[4] = {true, false, true, true};
    assert_int_equal(confusion_top_pairs(c, shown, true, 8, out, scratch), 2);
    check_pair(out[0], (confused_pair){2, 3, 4, 4.0 / 15.0});
    confusion_free(c);
}

static void short_memory_is_said_and_leaves_nothing(void **state)
{
    (void)state;
    static const uint32_t CLASSES[] = {5, CLASSES_DENSE_MOST + 1};
    for (size_t k = 0; k < 2; k++) {
        rows made = make_rows(100, CLASSES[k], true, false);
        const size_t live = mem_live();
        for (uint64_t n = 0;; n++) {
            confusion *c = (confusion *)1;
            mem_fail_after(n);
            const assay_code code = confusion_new(&made.frame, &made.selected, 1, &c, NULL);
            mem_fail_after(UINT64_MAX);
            if (code == ASSAY_OK) {
                assert_true(n >= 9);
                confusion_free(c);
                break;
            }
            assert_int_equal(code, ASSAY_E_NOMEM);
            assert_null(c);
            assert_int_equal(mem_live(), live);
        }
        free_rows(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_and_margin_equals_a_slow_count),
        cmocka_unit_test(many_classes_are_counted_without_a_table),
        cmocka_unit_test(dense_and_sorted_counting_agree),
        cmocka_unit_test(the_number_of_threads_changes_nothing),
        cmocka_unit_test(arrays_are_counted_like_a_frame),
        cmocka_unit_test(more_rows_than_a_cell_can_hold_are_refused),
        cmocka_unit_test(the_most_confused_pairs_come_by_count_then_share),
        cmocka_unit_test(both_directions_of_a_pair_are_one),
        cmocka_unit_test(short_memory_is_said_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
