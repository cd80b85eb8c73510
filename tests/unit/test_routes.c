/* Paths are matched exactly, numbers are numbers, and every line of the table can be reached. */
#include "server/routes.h"
#include "support/check.h"

#include <string.h>

static void unknown_paths_have_no_route(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "",
        "/",
        "/api",
        "/api/",
        "/api/jobs/",
        "/api/job",
        "/API/jobs",
        "//api/jobs",
        "/api//jobs",
        "/api/jobs/1",
        "/api/samples/",
        "/api/samples/N",
        "/api/samples/-1",
        "/api/samples/1x",
        "/api/samples/1/",
        "/api/samples/1/similar/",
        "/api/samples/1234567890123456789",
        "/api/samples/ 1",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        uint64_t number;
        bool known;
        char methods[ROUTE_METHODS_BYTES];
        assert_null(route_find("GET", paths[i], &number, &known));
        assert_false(known);
        route_methods(paths[i], methods);
        assert_string_equal(methods, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_paths_have_no_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
