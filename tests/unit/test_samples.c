#include "support/check.h"

#include "eval/samples.h"

#include <math.h>

enum { ROWS = 8, MISS = CLASS_MISSING };

static uint16_t label[ROWS] = {0, 1, MISS, 2, 1, 0, 2, 1};
static uint16_t prediction[ROWS] = {0, 1, 1, MISS, 2, 0, 2, 0};
static uint32_t group[ROWS] = {5, 5, 0, 1, 7, 2, 7, 5};

static frame make_frame(void)
{
    return (frame){.row_count = ROWS, .label = label, .prediction = prediction};
}

static selection select_rows(bool all)
{
    selection s = {0};
    assert_int_equal(selection_init(&s, ROWS, all, NULL), ASSAY_OK);
    return s;
}

static void check_rows(const samples *s, const uint32_t *want, size_t count)
{
    assert_int_equal(s->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(samples_row(s, i), want[i]);
        assert_int_equal(s->label[i], label[want[i]]);
        assert_int_equal(s->prediction[i], prediction[want[i]]);
    }
}

static void rows_without_label_or_prediction_are_left_out(void **state)
{
    (void)state;
    const frame f = make_frame();
    selection all = select_rows(true);
    samples s;
    assert_int_equal(samples_init(&s, &f, &all, NULL, NULL), ASSAY_OK);
    check_rows(&s, (const uint32_t[]){0, 1, 4, 5, 6, 7}, 6);
    assert_null(s.groups.group);
    samples_clear(&s);
    selection_clear(&all);
}

static void the_selection_and_the_shown_classes_choose(void **state)
{
    (void)state;
    const frame f = make_frame();
    selection some = select_rows(true);
    selection_set(&some, 1, false);
    const bool shown[3] = {false, true, true};
    samples s;
    assert_int_equal(samples_init(&s, &f, &some, shown, NULL), ASSAY_OK);
    check_rows(&s, (const uint32_t[]){4, 6, 7}, 3);
    samples_clear(&s);
    selection_clear(&some);
}

static void a_whole_frame_is_not_copied(void **state)
{
    (void)state;
    uint16_t whole[3] = {0, 1, 0};
    const frame f = {.row_count = 3, .label = whole, .prediction = whole};
    selection all = {0};
    assert_int_equal(selection_init(&all, 3, true, NULL), ASSAY_OK);
    samples s;
    assert_int_equal(samples_init(&s, &f, &all, NULL, NULL), ASSAY_OK);
    assert_ptr_equal(s.label, whole);
    assert_null(s.row);
    assert_int_equal(samples_row(&s, 2), 2);
    samples_clear(&s);
    selection_clear(&all);
}

static void groups_are_numbered_without_gaps(void **state)
{
    (void)state;
    frame f = make_frame();
    f.group = group;
    f.group_count = 8;
    selection all = select_rows(true);
    samples s;
    assert_int_equal(samples_init(&s, &f, &all, NULL, NULL), ASSAY_OK);
    const uint32_t want[6] = {0, 0, 1, 2, 1, 0}; /* of 5 5 7 2 7 5 */
    assert_int_equal(s.groups.group_count, 3);
    assert_memory_equal(s.groups.group, want, sizeof want);
    samples_clear(&s);
    selection_clear(&all);
}

static void no_sample_at_all_is_fine(void **state)
{
    (void)state;
    frame f = make_frame();
    f.group = group;
    f.group_count = 8;
    selection none = select_rows(false);
    samples s;
    assert_int_equal(samples_init(&s, &f, &none, NULL, NULL), ASSAY_OK);
    assert_int_equal(s.count, 0);
    assert_int_equal(s.groups.group_count, 0);
    samples_clear(&s);
    selection_clear(&none);
}

static void samples_without_a_value_can_be_left_out(void **state)
{
    (void)state;
    const frame f = make_frame();
    selection all = select_rows(true);
    samples s;
    assert_int_equal(samples_init(&s, &f, &all, NULL, NULL), ASSAY_OK);
    const double value[ROWS] = {1.0, (double)NAN, 2.0, 3.0, (double)NAN, 4.0, 5.0, 6.0};
    uint32_t kept[ROWS];
    assert_int_equal(samples_with_value(&s, value, kept), 4);
    const uint32_t want[4] = {0, 3, 4, 5};
    assert_memory_equal(kept, want, sizeof want);
    samples_clear(&s);
    selection_clear(&all);
}

static void short_memory_is_said_and_leaves_nothing(void **state)
{
    (void)state;
    frame f = make_frame();
    f.group = group;
    f.group_count = 8;
    selection all = select_rows(true);
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        samples s;
        assay_err err = {0};
        mem_fail_after(n);
        const assay_code code = samples_init(&s, &f, &all, NULL, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_int_equal(n, 5);
            samples_clear(&s);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(s.label);
        assert_int_equal(s.count, 0);
        assert_int_equal(mem_live(), live);
    }
    selection_clear(&all);
    assert_int_equal(mem_live(), live - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_without_label_or_prediction_are_left_out),
        cmocka_unit_test(the_selection_and_the_shown_classes_choose),
        cmocka_unit_test(a_whole_frame_is_not_copied),
        cmocka_unit_test(groups_are_numbered_without_gaps),
        cmocka_unit_test(no_sample_at_all_is_fine),
        cmocka_unit_test(samples_without_a_value_can_be_left_out),
        cmocka_unit_test(short_memory_is_said_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
