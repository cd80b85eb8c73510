#include "base/mem.h"

#include "support/check.h"

#include <string.h>

static void new_memory_is_zeroed_where_that_was_asked(void **state)
{
    (void)state;
    unsigned char *p = mem_zalloc(1000, 3);
    assert_non_null(p);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(p[i], 0);
    mem_free(p);
}

static void nothing_at_all_is_still_memory(void **state)
{
    (void)state;
    void *a = mem_zalloc(0, 8);
    void *b = mem_alloc(8, 0);
    void *c = mem_resize(NULL, 0, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_int_equal(mem_live(), 3);
    mem_free(a);
    mem_free(b);
    mem_free(c);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {
        {SIZE_MAX, 2}, {2, SIZE_MAX}, {SIZE_MAX / 2 + 2, 2}, {SIZE_MAX, 1}, {PTRDIFF_MAX, 3}};
    char *kept = mem_copy_text("kept", 4);
    assert_non_null(kept);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_null(mem_alloc(sizes[i][0], sizes[i][1]));
        assert_null(mem_zalloc(sizes[i][0], sizes[i][1]));
        assert_null(mem_alloc_large(sizes[i][0], sizes[i][1]));
        assert_null(mem_resize(kept, sizes[i][0], sizes[i][1]));
        assert_string_equal(kept, "kept");
    }
    mem_free(kept);
}

static void large_memory_is_memory_of_any_size(void **state)
{
    (void)state;
    static const size_t bytes[] = {0, 1, 4096, (2 << 20) - 1, 2 << 20, (5 << 20) + 3};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        unsigned char *p = mem_alloc_large(bytes[i], 1);
        assert_non_null(p);
        memset(p, 0xA5, bytes[i]);
        assert_int_equal(mem_live(), 1);
        mem_free(p);
    }
}

static void large_memory_can_run_out_too(void **state)
{
    (void)state;
    mem_fail_after(1);
    void *given = mem_alloc_large(3 << 20, 1);
    assert_non_null(given);
    assert_null(mem_alloc_large(3 << 20, 1));
    assert_null(mem_alloc_large(3, 1));
    mem_fail_after(UINT64_MAX);
    assert_int_equal(mem_live(), 1);
    mem_free(given);
}

static void resizing_keeps_what_was_there(void **state)
{
    (void)state;
    uint32_t *numbers = NULL;
    for (uint32_t count = 1; count < 2000; count *= 3) {
        uint32_t *grown = mem_resize(numbers, count, sizeof *numbers);
        assert_non_null(grown);
        numbers = grown;
        numbers[count - 1] = count;
        for (uint32_t i = 1; i <= count; i *= 3)
            assert_int_equal(numbers[i - 1], i);
    }
    assert_int_equal(mem_live(), 1);
    mem_free(numbers);
}

static void a_copied_text_ends_where_it_was_told(void **state)
{
    (void)state;
    char *copy = mem_copy_text("assay\0more", 8);
    assert_non_null(copy);
    assert_memory_equal(copy, "assay\0mo", 9);
    char *empty = mem_copy_text(NULL, 0);
    assert_non_null(empty);
    assert_string_equal(empty, "");
    mem_free(copy);
    mem_free(empty);
}

static void the_allocation_that_was_chosen_fails_and_all_after_it(void **state)
{
    (void)state;
    mem_fail_after(2);
    void *first = mem_alloc(1, 1);
    void *second = mem_zalloc(1, 1);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(mem_alloc(1, 1));
    assert_null(mem_zalloc(1, 1));
    assert_null(mem_resize(NULL, 1, 1));
    assert_null(mem_copy_text("x", 1));
    mem_fail_after(UINT64_MAX);
    mem_free(first);
    first = mem_alloc(1, 1);
    assert_non_null(first);
    mem_free(first);
    mem_free(second);
}

static void the_living_are_counted(void **state)
{
    (void)state;
    assert_int_equal(mem_live(), 0);
    void *p = mem_alloc(1, 1);
    assert_int_equal(mem_live(), 1);
    mem_free(NULL);
    assert_int_equal(mem_live(), 1);
    mem_free(p);
    assert_int_equal(mem_live(), 0);
}

static void automatic_memory_goes_with_its_scope(void **state)
{
    (void)state;
    {
        ASSAY_AUTO_MEM char *p = mem_alloc(10, 1);
        assert_non_null(p);
        assert_int_equal(mem_live(), 1);
    }
    assert_int_equal(mem_live(), 0);
    char *kept = NULL;
    {
        ASSAY_AUTO_MEM char *p = mem_alloc(10, 1);
        kept = ASSAY_GIVE(p);
        assert_null(p);
    }
    assert_int_equal(mem_live(), 1);
    mem_free(kept);
}

/* Every test leaves nothing behind. */
static int nothing_is_alive(void **state)
{
    (void)state;
    return mem_live() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(new_memory_is_zeroed_where_that_was_asked, nothing_is_alive),
        cmocka_unit_test_teardown(nothing_at_all_is_still_memory, nothing_is_alive),
        cmocka_unit_test_teardown(sizes_that_overflow_are_refused, nothing_is_alive),
        cmocka_unit_test_teardown(large_memory_is_memory_of_any_size, nothing_is_alive),
        cmocka_unit_test_teardown(large_memory_can_run_out_too, nothing_is_alive),
        cmocka_unit_test_teardown(resizing_keeps_what_was_there, nothing_is_alive),
        cmocka_unit_test_teardown(a_copied_text_ends_where_it_was_told, nothing_is_alive),
        cmocka_unit_test_teardown(the_allocation_that_was_chosen_fails_and_all_after_it,
                                  nothing_is_alive),
        cmocka_unit_test_teardown(the_living_are_counted, nothing_is_alive),
        cmocka_unit_test_teardown(automatic_memory_goes_with_its_scope, nothing_is_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
