/* The list of classes: codes, order, and what is refused. */
#include "frame/classes.h"

#include "base/limits.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static uint16_t add(class_list *list, const char *name)
{
    uint16_t code = CLASS_MISSING;
    assert_int_equal(class_list_add(list, name, strlen(name), &code, NULL), ASSAY_OK);
    return code;
}

static void names_get_codes_in_order_of_arrival(void **state)
{
    (void)state;
    class_list list = {0};
    assert_int_equal(class_list_find(&list, "cat", 3), CLASS_MISSING);
    assert_int_equal(add(&list, "dog"), 0);
    assert_int_equal(add(&list, "cat"), 1);
    assert_int_equal(add(&list, "dog"), 0);
    assert_int_equal(add(&list, ""), 2);
    assert_int_equal(list.count, 3);
    assert_int_equal(class_list_find(&list, "cat", 3), 1);
    assert_int_equal(class_list_find(&list, "ca", 2), CLASS_MISSING);
    assert_int_equal(class_list_find(&list, "cats", 4), CLASS_MISSING);
    assert_int_equal(class_list_find(&list, "cat\0", 4), CLASS_MISSING);
    assert_string_equal(list.name[0], "dog");
    class_list_clear(&list);
    assert_null(list.name);
    class_list_clear(&list);
}

static void every_code_up_to_the_limit_is_found_again(void **state)
{
    (void)state;
    class_list list = {0};
    char name[32];
    for (int i = 0; i < CLASSES_MOST; i++) {
        snprintf(name, sizeof name, "class-%d", i * 7919);
        assert_int_equal(add(&list, name), i);
    }
    for (int i = 0; i < CLASSES_MOST; i++) {
        const int length = snprintf(name, sizeof name, "class-%d", i * 7919);
        assert_int_equal(class_list_find(&list, name, (size_t)length), i);
    }
    assert_int_equal(class_list_find(&list, "class-1", 7), CLASS_MISSING);
    assay_err err = {0};
    uint16_t code;
    assert_int_equal(class_list_add(&list, "one more", 8, &code, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "there are more than 65534 classes");
    assert_int_equal(list.count, CLASSES_MOST);
    assert_int_equal(class_list_add(&list, "class-7919", 10, &code, &err), ASSAY_OK);
    assert_int_equal(code, 1);
    class_list_clear(&list);
}

static void bad_names_are_refused_and_change_nothing(void **state)
{
    (void)state;
    static char longest[NAME_BYTES_MOST + 1];
    memset(longest, 'x', sizeof longest);
    const struct {
        const char *name;
        size_t length;
        assay_code code;
        const char *message;
    } bad[] = {
        {longest, NAME_BYTES_MOST + 1, ASSAY_E_LIMIT,
         "a class name of 1025 bytes is longer than 1024 bytes"},
        {"ab\xff", 3, ASSAY_E_INPUT, "a class name is not UTF-8 (byte 3 of 'ab')"},
        {"a\0b", 3, ASSAY_E_INPUT, "a class name holds a zero byte"},
    };
    class_list list = {0};
    add(&list, "cat");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assay_err err = {0};
        uint16_t code = 7;
        assert_int_equal(class_list_add(&list, bad[i].name, bad[i].length, &code, &err),
                         bad[i].code);
        assert_string_equal(err.msg, bad[i].message);
        assert_int_equal(code, CLASS_MISSING);
        assert_int_equal(list.count, 1);
    }
    uint16_t code;
    assert_int_equal(class_list_add(&list, longest, NAME_BYTES_MOST, &code, NULL), ASSAY_OK);
    class_list_clear(&list);
}

static void assert_sorts_to(const char *const *given, const char *const *sorted, size_t count)
{
    class_list list = {0};
    uint16_t new_code[16];
    for (size_t i = 0; i < count; i++)
        add(&list, given[i]);
    class_list_sort(&list, new_code);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list.name[i], sorted[i]);
        assert_string_equal(list.name[new_code[i]], given[i]);
        assert_int_equal(class_list_find(&list, sorted[i], strlen(sorted[i])), i);
    }
    assert_int_equal(add(&list, "something new"), count);
    class_list_clear(&list);
}

static void sorting_goes_by_bytes_and_by_value_where_all_are_integers(void **state)
{
    (void)state;
    static const char *const words[] = {"dog", "Zebra", "cat", "\xc3\xa9", "10", "2", "ca"};
    static const char *const words_sorted[] = {"10", "2", "Zebra", "ca", "cat", "dog", "\xc3\xa9"};
    assert_sorts_to(words, words_sorted, 7);
    static const char *const numbers[] = {
        "10", "9", "-3", "0", "100000000000000000000", "-10", "01", "99999999999999999999", "1"};
    static const char *const numbers_sorted[] = {
        "-10", "-3", "0", "01", "1", "9", "10", "99999999999999999999", "100000000000000000000"};
    assert_sorts_to(numbers, numbers_sorted, 9);
    static const char *const nearly[] = {"10", "9", "-"};
    static const char *const nearly_sorted[] = {"-", "10", "9"};
    assert_sorts_to(nearly, nearly_sorted, 3);
    class_list empty = {0};
    class_list_sort(&empty, NULL);
    assert_int_equal(empty.count, 0);
}

static void no_failed_allocation_leaks_or_loses_a_name(void **state)
{
    (void)state;
    const size_t alive = mem_live();
    bool failed = true;
    for (uint64_t n = 0; failed; n++) {
        class_list list = {0};
        failed = false;
        mem_fail_after(n);
        for (int i = 0; i < 40 && !failed; i++) {
            char name[8];
            const int length = snprintf(name, sizeof name, "%d", i);
            uint16_t code;
            const assay_code answer = class_list_add(&list, name, (size_t)length, &code, NULL);
            failed = answer != ASSAY_OK;
            if (failed) {
                assert_int_equal(answer, ASSAY_E_NOMEM);
                assert_int_equal(list.count, i);
                assert_int_equal(code, CLASS_MISSING);
                if (i)
                    assert_int_equal(class_list_find(&list, "0", 1), 0);
            }
        }
        mem_fail_after(UINT64_MAX);
        class_list_clear(&list);
        assert_int_equal(mem_live(), alive);
        assert_true(n < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_get_codes_in_order_of_arrival),
        cmocka_unit_test(every_code_up_to_the_limit_is_found_again),
        cmocka_unit_test(bad_names_are_refused_and_change_nothing),
        cmocka_unit_test(sorting_goes_by_bytes_and_by_value_where_all_are_integers),
        cmocka_unit_test(no_failed_allocation_leaks_or_loses_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
