#include "base/json.h"

#include "base/mem.h"
#include "support/check.h"

#include <math.h>
#include <string.h>

/* One of everything a writer can write. */
static void write_everything(json_writer *w)
{
    json_writer_init(w);
    json_put_text(w, w->root, "name", "caf\xC3\xA9 \"x\"");
    json_put_text(w, w->root, "none", NULL);
    json_put_number(w, w->root, "value", 0.1);
    json_put_number(w, w->root, "no_answer", (double)NAN);
    json_put_number(w, w->root, "endless", -(double)INFINITY);
    json_put_count(w, w->root, "rows", 10000000000u);
    json_put_bool(w, w->root, "yes", 1);
    json_put_bool(w, w->root, "no", 0);
    json_t *array = json_put_array(w, w->root, "list");
    json_append_number(w, array, 2.5);
    json_append_number(w, array, (double)NAN);
    json_append_count(w, array, 3);
    json_append_text(w, array, "t");
    json_append_text(w, array, NULL);
    json_t *inner = json_append_array(w, array);
    json_append_count(w, inner, 1);
    json_t *object = json_append_object(w, array);
    json_put_count(w, object, "b", 2);
    json_t *last = json_put_object(w, w->root, "last");
    json_put_count(w, last, "a", 1);
}

static void what_was_put_is_written_in_order_with_null_for_no_answer(void **state)
{
    (void)state;
    json_writer w;
    write_everything(&w);
    assert_int_equal(json_writer_check(&w, NULL), ASSAY_OK);
    char *text = json_dumps(w.root, JSON_COMPACT);
    assert_string_equal(
        text, "{\"name\":\"caf\xC3\xA9 \\\"x\\\"\",\"none\":null,\"value\":0.10000000000000001,"
              "\"no_answer\":null,\"endless\":null,\"rows\":10000000000,\"yes\":true,"
              "\"no\":false,\"list\":[2.5,null,3,\"t\",null,[1],{\"b\":2}],\"last\":{\"a\":1}}");
    mem_free(text);
    json_writer_clear(&w);
}

static void numbers_come_back_with_the_same_bits(void **state)
{
    (void)state;
    static const double values[] = {0.1,  1.0 / 3.0, 1e-300, 0x1.fffffffffffffp+1023,
                                    -0.0, 0x1p-1074};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        json_writer w;
        json_writer_init(&w);
        json_put_number(&w, w.root, "x", values[i]);
        char *text = json_dumps(w.root, 0);
        json_t *read = json_loads(text, 0, NULL);
        const double back = json_real_value(json_object_get(read, "x"));
        assert_memory_equal(&back, &values[i], sizeof back);
        json_decref(read);
        mem_free(text);
        json_writer_clear(&w);
    }
}

static void a_missing_parent_breaks_the_writer_and_nothing_else(void **state)
{
    (void)state;
    json_writer w;
    json_writer_init(&w);
    assert_int_equal(json_writer_check(&w, NULL), ASSAY_OK);
    assert_null(json_put_object(&w, NULL, "a"));
    json_put_number(&w, NULL, "a", 1.0);
    json_append_text(&w, NULL, "a");
    json_put_count(&w, w.root, "still", 1);
    assert_int_equal(json_writer_check(&w, NULL), ASSAY_E_NOMEM);
    json_writer_clear(&w);
    json_writer_clear(&w);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    uint64_t n = 0;
    for (assay_code code = ASSAY_E_NOMEM; code != ASSAY_OK; n++) {
        json_writer w;
        mem_fail_after(n);
        write_everything(&w);
        mem_fail_after(UINT64_MAX);
        assay_err err = {0};
        code = json_writer_check(&w, &err);
        if (code != ASSAY_OK)
            assert_int_equal(err.code, ASSAY_E_NOMEM);
        json_writer_clear(&w);
        assert_int_equal(mem_live(), 0);
        assert_true(n < 1000);
    }
    assert_true(n > 20);
}

static int nothing_is_alive(void **state)
{
    (void)state;
    return mem_live() != 0;
}

int main(void)
{
    json_use_our_memory();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_was_put_is_written_in_order_with_null_for_no_answer,
                                  nothing_is_alive),
        cmocka_unit_test_teardown(numbers_come_back_with_the_same_bits, nothing_is_alive),
        cmocka_unit_test_teardown(a_missing_parent_breaks_the_writer_and_nothing_else,
                                  nothing_is_alive),
        cmocka_unit_test_teardown(every_allocation_may_fail, nothing_is_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
