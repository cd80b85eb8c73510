/* Lists as Python, NumPy and JSON print them. */
#include "support/check.h"

#include "store/list_cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct list_case {
    const char *text;
    const char *joined; /* items between bars; NULL: refused */
    const char *message;
} list_case;

static void lists_are_read_or_refused(void **state)
{
    (void)state;
    const list_case table[] = {
        {"['cat', 'dog']", "cat|dog", NULL},
        {"[\"a, b\",\"it's\"]", "a, b|it's", NULL},
        {"['cat' 'dog'\n 'ant']", "cat|dog|ant", NULL},
        {"[0.7 0.2 1.e-03]", "0.7|0.2|1.e-03", NULL},
        {" (1, 2,) ", "1|2", NULL},
        {"[]", "", NULL},
        {"[ ]", "", NULL},
        {"['it\\'s', 'a\\\\b']", "it's|a\\b", NULL},
        {"['']", "", NULL},
        {"[a, b c]", "a|b|c", NULL},
        {"a, b", NULL, "not a list; expected [a, b]"},
        {"", NULL, "not a list; expected [a, b]"},
        {"[1, 2", NULL, "not a list; expected [a, b]"},
        {"[1, 2)", NULL, "not a list; expected [a, b]"},
        {"[1,,2]", NULL, "an empty item at byte 4"},
        {"[,1]", NULL, "an empty item at byte 2"},
        {"['a]", NULL, "a quote at byte 2 that is never closed"},
        {"['a\\']", NULL, "a quote at byte 2 that is never closed"},
        {"['a'b]", NULL, "nothing between two items at byte 5"},
        {"[[1], [2]]", NULL, "'[' at byte 2 inside an item"},
        {"['a\\n']", NULL, "an escape that is not \\\\, \\' or \\\" at byte 5"},
    };
    list_items items = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        /* An exact copy, so that the sanitizer sees a read beyond it. */
        const size_t length = strlen(table[i].text);
        char *exact = malloc(length + 1);
        memcpy(exact, table[i].text, length);
        assay_err err = {0};
        const assay_code code = list_cell_parse(exact, length, &items, &err);
        if (!table[i].joined) {
            assert_int_equal(code, ASSAY_E_INPUT);
            assert_string_equal(err.msg, table[i].message);
        } else {
            assert_int_equal(code, ASSAY_OK);
            char joined[128] = "";
            for (uint32_t k = 0; k < items.count; k++) {
                strcat(joined, k ? "|" : "");
                strncat(joined, items.item[k].at, items.item[k].length);
            }
            assert_string_equal(joined, table[i].joined);
        }
        free(exact);
    }
    list_items_clear(&items);
}

static void quotes_are_remembered(void **state)
{
    (void)state;
    list_items items = {0};
    assert_int_equal(list_cell_parse("['1', 2]", 8, &items, NULL), ASSAY_OK);
    assert_true(items.item[0].quoted);
    assert_false(items.item[1].quoted);
    list_items_clear(&items);
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        list_items items = {0};
        mem_fail_after(n);
        const assay_code code = list_cell_parse("[1, 2, 3]", 9, &items, NULL);
        mem_fail_after(UINT64_MAX);
        list_items_clear(&items);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK) {
            assert_int_equal(n, 2);
            return;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_or_refused),
        cmocka_unit_test(quotes_are_remembered),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
