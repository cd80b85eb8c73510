/* A test that always fails: the runner must notice. */
#include "support/check.h"

static void a_planted_failure(void **state)
{
    (void)state;
    assert_int_equal(1, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_planted_failure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
