/* Classes that are probably one, written in two ways. */
#include "support/check.h"

#include "base/mem.h"
#include "project/class_twins.h"

#include <string.h>

enum { CLASSES_MOST = 4 };

typedef struct side {
    const char *name;
    uint64_t support, predicted;
} side;

typedef struct twin_case {
    side class_of[CLASSES_MOST];
    size_t pairs;
    uint32_t pair[2][2];
} twin_case;

static assay_code find(const twin_case *c, class_twins *out)
{
    static char names[CLASSES_MOST][32];
    static char *at[CLASSES_MOST];
    class_scores scores[CLASSES_MOST] = {0};
    class_list classes = {.name = at};
    for (; classes.count < CLASSES_MOST && c->class_of[classes.count].name; classes.count++) {
        const side *s = &c->class_of[classes.count];
        at[classes.count] = strcpy(names[classes.count], s->name);
        scores[classes.count].support = s->support;
        scores[classes.count].predicted = s->predicted;
    }
    return class_twins_find(&classes, scores, out, NULL);
}

static const twin_case cases[] = {
    {{{"Cat", 0, 3}, {"cat", 5, 2}}, 1, {{0, 1}}},
    {{{"cat", 5, 0}, {"Cat", 0, 5}}, 1, {{0, 1}}},
    {{{"Cat", 0, 5}, {"cat", 5, 0}}, 1, {{1, 0}}},
    {{{" cat", 5, 0}, {"cat", 5, 9}, {"dog", 1, 1}}, 1, {{0, 1}}},
    {{{"cat\t", 5, 0}, {"cat", 5, 9}, {"dog", 1, 1}}, 1, {{0, 1}}},
    {{{"1", 0, 9}, {"1.0", 9, 0}, {"7.", 0, 9}, {"007", 9, 0}}, 2, {{1, 0}, {3, 2}}},
    {{{"0", 0, 9}, {"0.00", 9, 0}}, 1, {{1, 0}}},
    {{{"sea-lion", 9, 0}, {"Sea lion", 0, 9}}, 1, {{0, 1}}},
    {{{"sea_lion", 0, 9}, {"sea-lion", 9, 0}}, 1, {{1, 0}}},
    /* Letters are classes of their own, on both sides. */
    {{{"A", 4, 5}, {"a", 5, 4}}, 0, {{0}}},
    /* On the same side only. */
    {{{"A", 4, 0}, {"a", 5, 0}}, 0, {{0}}},
    {{{"A", 0, 0}, {"a", 5, 4}}, 0, {{0}}},
    {{{"1", 4, 0}, {"1.5", 0, 4}, {"10", 0, 4}, {"-1", 0, 1}}, 0, {{0}}},
    {{{".0", 4, 0}, {"0", 0, 4}}, 0, {{0}}},
    {{{"cat", 4, 0}, {"cats", 0, 4}}, 0, {{0}}},
    {{{"", 0, 0}}, 0, {{0}}},
};

static void what_is_one_class_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        class_twins twins;
        assert_int_equal(find(&cases[i], &twins), ASSAY_OK);
        assert_int_equal(twins.count, cases[i].pairs);
        for (size_t p = 0; p < twins.count; p++)
            assert_memory_equal(twins.pair[p], cases[i].pair[p], sizeof twins.pair[p]);
        class_twins_clear(&twins);
    }
}

static void without_memory_nothing_leaks(void **state)
{
    (void)state;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        assert_true(n < 9);
        class_twins twins;
        mem_fail_after(n);
        code = find(&cases[0], &twins);
        mem_fail_after(UINT64_MAX);
        if (code != ASSAY_OK)
            assert_int_equal(code, ASSAY_E_NOMEM);
        class_twins_clear(&twins);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_one_class_is_found),
        cmocka_unit_test(without_memory_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
