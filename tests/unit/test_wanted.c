/* Which columns are loaded for a list of names and a condition: never one too few. */
#include "support/check.h"

#include "store/wanted.h"

typedef struct wish {
    const char *names, *where, *column;
    bool wanted;
} wish;

static void a_column_that_is_named_is_wanted(void **state)
{
    (void)state;
    static const wish table[] = {
        {NULL, NULL, "size", false},
        {"size", NULL, "size", true},
        {"width, size ,height", NULL, "size", true},
        {"a,b", NULL, "a,b", true}, /* names may hold commas */
        {"width", NULL, "size", false},
        {"Size", NULL, "size", false},    /* a list is read to the letter … */
        {NULL, "SIZE > 3", "size", true}, /* … and SQL is not */
        {NULL, "\"Size\" > 3", "size", true},
        {NULL, "size_2 > 3", "size", true}, /* what SQL calls the second column of the name */
        {NULL, "samples.size > 3", "size", true},
        {NULL, "width > 3", "size", false},
        {"width", "height > 3", "size", false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const wanted_columns w = {&table[i].names, 1, table[i].where};
        if (column_is_wanted(&w, table[i].column) != table[i].wanted)
            fail_msg("row %zu", i);
    }
}

static void a_condition_that_reaches_columns_without_their_names_wants_all(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "COLUMNS('s.*') > 3",    "columns(lambda c: c LIKE 's%') > 3",
        "hash(samples) % 2 = 0", "#6 > 3",
        "list_value(*)[6] > 3",  "(SELECT bool_or(t IS NULL) FROM query_table('sam' || 'ples') t)",
        "\"a\"\"b\" > 3",
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        const wanted_columns w = {.where = conditions[i]};
        if (!column_is_wanted(&w, "size"))
            fail_msg("%s", conditions[i]);
    }
}

static void without_a_wish_every_column_is_wanted(void **state)
{
    (void)state;
    assert_true(column_is_wanted(NULL, "size"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_that_is_named_is_wanted),
        cmocka_unit_test(a_condition_that_reaches_columns_without_their_names_wants_all),
        cmocka_unit_test(without_a_wish_every_column_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
