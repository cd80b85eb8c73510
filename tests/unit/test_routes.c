/* Paths are matched exactly, numbers are numbers, and every line of the table can be reached. */
#include "server/routes.h"
#include "support/check.h"

#include "base/limits.h"

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

static void a_number_of_a_path_is_told(void **state)
{
    (void)state;
    uint64_t number;
    bool known;
    char methods[ROUTE_METHODS_BYTES];
    const route *r = route_find("DELETE", "/api/jobs", &number, &known);
    assert_non_null(r);
    assert_ptr_equal(r->handle, handle_jobs_stop);
    assert_int_equal(route_body_most(r), BODY_BYTES_MOST);
    assert_false(route_takes_bytes(r));
    assert_null(route_find("PUT", "/api/jobs", &number, &known));
    assert_true(known);
    route_methods("/api/jobs", methods);
    assert_string_equal(methods, "GET, HEAD, POST, DELETE");
    r = route_find("POST", "/api/uploads/3", &number, &known);
    assert_non_null(r);
    assert_int_equal(number, 3);
    assert_int_equal(route_body_most(r), UPLOAD_PIECE_BYTES_MOST);
    assert_true(route_takes_bytes(r));
    r = route_find("DELETE", "/api/uploads/3", &number, &known);
    assert_non_null(r);
    assert_false(route_takes_bytes(r));
    r = route_find("POST", "/api/uploads", &number, &known);
    assert_non_null(r);
    assert_false(route_takes_bytes(r));
    r = route_find("GET", "/api/samples/000000000000000012/similar", &number, &known);
    if (r)
        assert_int_equal(number, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_paths_have_no_route),
        cmocka_unit_test(a_number_of_a_path_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
