#include "base/text.h"

#include "base/mem.h"
#include "support/check.h"

#include <string.h>

static void an_empty_text_is_an_empty_string_and_owns_nothing(void **state)
{
    (void)state;
    text t;
    text_init(&t, 10);
    assert_string_equal(text_view(&t), "");
    assert_int_equal(mem_live(), 0);
    assert_int_equal(text_check(&t, NULL), ASSAY_OK);
    text_clear(&t);
    text_clear(&t);
}

static void what_is_appended_stands_in_order(void **state)
{
    (void)state;
    text t;
    text_init(&t, 1000);
    text_put(&t, "abcdef", 3);
    text_puts(&t, " ");
    text_repeat(&t, "xy", 3);
    text_repeat(&t, "no", 0);
    text_put(&t, NULL, 0);
    text_printf(&t, " %d of %s", 7, "ten");
    assert_string_equal(text_view(&t), "abc xyxyxy 7 of ten");
    assert_int_equal(t.length, strlen(text_view(&t)));
    assert_int_equal(text_check(&t, NULL), ASSAY_OK);
    text_clear(&t);
    assert_string_equal(text_view(&t), "");
    text_puts(&t, "again");
    assert_string_equal(text_view(&t), "again");
    text_clear(&t);
}

static void a_text_grows_past_every_size_of_its_room(void **state)
{
    (void)state;
    for (size_t length = 250; length < 260; length++) {
        text t;
        text_init(&t, 2000);
        text_repeat(&t, "a", length);
        text_printf(&t, "%0*d", (int)length, 1);
        assert_int_equal(text_check(&t, NULL), ASSAY_OK);
        assert_int_equal(strlen(text_view(&t)), 2 * length);
        assert_int_equal(text_view(&t)[2 * length - 1], '1');
        text_clear(&t);
    }
}

static void the_maximum_may_be_reached_and_not_passed(void **state)
{
    (void)state;
    text t;
    text_init(&t, 5);
    text_puts(&t, "12345");
    assert_int_equal(text_check(&t, NULL), ASSAY_OK);
    text_puts(&t, "6");
    assay_err err = {0};
    assert_int_equal(text_check(&t, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "the text is longer than 5 bytes");
    assert_string_equal(text_view(&t), "12345");
    text_clear(&t);
}

static void one_append_far_over_the_maximum_is_a_limit_too(void **state)
{
    (void)state;
    static const char more[5000] = {'x'};
    text t;
    text_init(&t, 1000);
    text_put(&t, more, sizeof more);
    assert_int_equal(text_check(&t, NULL), ASSAY_E_LIMIT);
    text_clear(&t);
}

static void after_a_failed_append_nothing_is_appended(void **state)
{
    (void)state;
    text t;
    text_init(&t, 5);
    text_puts(&t, "123");
    text_puts(&t, "456");
    text_puts(&t, "4");
    text_printf(&t, "%d", 4);
    text_repeat(&t, "4", 2);
    assert_string_equal(text_view(&t), "123");
    assert_int_equal(text_check(&t, NULL), ASSAY_E_LIMIT);
    text_clear(&t);
    assert_int_equal(text_check(&t, NULL), ASSAY_OK);
}

static void a_shortage_of_memory_is_said_at_the_end(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 3; n++) {
        text t;
        text_init(&t, 2000);
        mem_fail_after(n);
        text_puts(&t, "first");
        text_repeat(&t, "0123456789", 30);
        text_repeat(&t, "0123456789", 30);
        mem_fail_after(UINT64_MAX);
        text_puts(&t, "last");
        assay_err err = {0};
        assert_int_equal(text_check(&t, &err), ASSAY_E_NOMEM);
        assert_int_equal(strlen(text_view(&t)), t.length);
        text_clear(&t);
        assert_int_equal(mem_live(), 0);
    }
}

static void a_shortage_within_a_small_maximum_is_no_limit(void **state)
{
    (void)state;
    text t;
    text_init(&t, 5);
    mem_fail_after(0);
    text_puts(&t, "1");
    mem_fail_after(UINT64_MAX);
    assert_int_equal(text_check(&t, NULL), ASSAY_E_NOMEM);
    text_clear(&t);
}

static void what_may_be_anything_is_shown_and_does_nothing(void **state)
{
    (void)state;
    text t;
    text_init(&t, 100);
    text_put_visible(&t, "caf\xc3\xa9\x1b[31m\n\xe2\x80\xae\xff", 15);
    assert_string_equal(text_view(&t), "caf\xc3\xa9\\x1b[31m\\x0a\\u202e\\xff");
    text_clear(&t);
}

static int nothing_is_alive(void **state)
{
    (void)state;
    return mem_live() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_empty_text_is_an_empty_string_and_owns_nothing,
                                  nothing_is_alive),
        cmocka_unit_test_teardown(what_is_appended_stands_in_order, nothing_is_alive),
        cmocka_unit_test_teardown(a_text_grows_past_every_size_of_its_room, nothing_is_alive),
        cmocka_unit_test_teardown(the_maximum_may_be_reached_and_not_passed, nothing_is_alive),
        cmocka_unit_test_teardown(one_append_far_over_the_maximum_is_a_limit_too, nothing_is_alive),
        cmocka_unit_test_teardown(after_a_failed_append_nothing_is_appended, nothing_is_alive),
        cmocka_unit_test_teardown(a_shortage_of_memory_is_said_at_the_end, nothing_is_alive),
        cmocka_unit_test_teardown(a_shortage_within_a_small_maximum_is_no_limit, nothing_is_alive),
        cmocka_unit_test_teardown(what_may_be_anything_is_shown_and_does_nothing, nothing_is_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
