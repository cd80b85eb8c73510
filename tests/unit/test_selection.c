/* Sets of rows. */
#include "frame/selection.h"

#include "support/check.h"

static void all_and_none_have_no_bit_beyond_the_rows(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 63, 64, 65, 127, 128, 1000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        selection all, none;
        assert_int_equal(selection_init(&all, sizes[i], true, NULL), ASSAY_OK);
        assert_int_equal(selection_init(&none, sizes[i], false, NULL), ASSAY_OK);
        assert_int_equal(selection_count(&all), sizes[i]);
        assert_int_equal(selection_count(&none), 0);
        for (size_t row = 0; row < sizes[i]; row++) {
            assert_true(selection_has(&all, row));
            assert_false(selection_has(&none, row));
        }
        selection_clear(&all);
        selection_clear(&none);
        assert_null(all.word);
        selection_clear(&all);
    }
}

static void only_rows_of_both_stay(void **state)
{
    (void)state;
    enum { ROWS = 333 };
    selection threes, fives;
    assert_int_equal(selection_init(&threes, ROWS, false, NULL), ASSAY_OK);
    assert_int_equal(selection_init(&fives, ROWS, true, NULL), ASSAY_OK);
    for (size_t row = 0; row < ROWS; row++) {
        if (row % 3 == 0)
            selection_set(&threes, row, true);
        if (row % 5)
            selection_set(&fives, row, false);
    }
    selection_and(&threes, &fives);
    for (size_t row = 0; row < ROWS; row++)
        assert_int_equal(selection_has(&threes, row), row % 15 == 0);
    assert_int_equal(selection_count(&threes), 23);
    selection_clear(&threes);
    selection_clear(&fives);
}

static void memory_that_fails_is_said(void **state)
{
    (void)state;
    const size_t alive = mem_live();
    selection s;
    assay_err err = {0};
    mem_fail_after(0);
    assert_int_equal(selection_init(&s, 100, true, &err), ASSAY_E_NOMEM);
    mem_fail_after(UINT64_MAX);
    assert_string_equal(err.msg, "out of memory for a selection of 100 rows");
    assert_null(s.word);
    selection_clear(&s);
    assert_int_equal(mem_live(), alive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_and_none_have_no_bit_beyond_the_rows),
        cmocka_unit_test(only_rows_of_both_stay),
        cmocka_unit_test(memory_that_fails_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
