/* Addresses, taken apart: what is read, and what is refused with which words. */
#include "server/target.h"
#include "support/check.h"

#include "base/limits.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "/path|name=value|name=value" */
static void show(const target *t, char *out, size_t room)
{
    size_t length = (size_t)snprintf(out, room, "%s", t->path);
    for (size_t i = 0; i < t->parameter_count && length < room; i++)
        length += (size_t)snprintf(out + length, room - length, "|%s=%s", t->parameter[i].name,
                                   t->parameter[i].value);
}

static void addresses_are_decoded(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/", "/"},
        {"/api/jobs", "/api/jobs"},
        {"/api/jobs?", "/api/jobs"},
        {"/explorer/", "/explorer/"},
        {"/a%20b/c%2Bd+e", "/a b/c+d+e"},
        {"/%e6%97%a5", "/日"},
        {"/a?x=1&y=2", "/a|x=1|y=2"},
        {"/a?x=1&x=2&x", "/a|x=1|x=2|x="},
        {"/a?x=a+b%2Bc", "/a|x=a b+c"},
        {"/a?filter=%7B%22where%22%3A%22a%3D1%26b%3D2%22%7D", "/a|filter={\"where\":\"a=1&b=2\"}"},
        {"/a?x==b=", "/a|x==b="},
        {"/a?&&x=1&&", "/a|x=1"},
        {"/a?=v", "/a|=v"},
        {"/a?x=1?y=2", "/a|x=1?y=2"},
        {"/a?x%3Dy=%26", "/a|x=y=&"},
        {"/a?x=/../%0a", "/a|x=/../\n"},
        {"/.well-known/a..b/...", "/.well-known/a..b/..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        target t;
        char shown[256];
        assert_int_equal(target_parse(cases[i][0], &t, NULL), ASSAY_OK);
        show(&t, shown, sizeof shown);
        assert_string_equal(shown, cases[i][1]);
        target_clear(&t);
        assert_null(t.path);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
#define ESCAPE "the address has a % without two hexadecimal digits after it"
#define ZERO "the address has a zero byte"
#define PLAIN                                                                                      \
    "the address has a path with an empty segment, '.', '..', a backslash or a control character"
    static const char *const cases[][2] = {
        {"", "the address does not begin with /"},
        {"*", "the address does not begin with /"},
        {"?x=/", "the address does not begin with /"},
        {"%2fapi", "the address does not begin with /"},
        {"http://127.0.0.1/", "the address does not begin with /"},
        {"/%", ESCAPE},
        {"/%4", ESCAPE},
        {"/%4g", ESCAPE},
        {"/%%41", ESCAPE},
        {"/a?x=%", ESCAPE},
        {"/a?%=x", ESCAPE},
        {"/a?x=%4&y=1", ESCAPE},
        {"/a%?41", ESCAPE},
        {"/%00", ZERO},
        {"/api%00.png", ZERO},
        {"/a?x=%00", ZERO},
        {"/a?x%00=1", ZERO},
        {"/%ff", "the address is not UTF-8"},
        {"/%c0%af", "the address is not UTF-8"},
        {"/a?x=%ed%a0%80", "the address is not UTF-8"},
        {"//", PLAIN},
        {"//a", PLAIN},
        {"/a//b", PLAIN},
        {"/a//", PLAIN},
        {"/.", PLAIN},
        {"/./a", PLAIN},
        {"/..", PLAIN},
        {"/a/../b", PLAIN},
        {"/%2e%2e/b", PLAIN},
        {"/a%2f..%2fb", PLAIN},
        {"/a\\b", PLAIN},
        {"/a%5cb", PLAIN},
        {"/a%0ab", PLAIN},
        {"/a%7f", PLAIN},
        {"/%2fevil.example", PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        target t;
        assay_err err;
        const assay_code code = target_parse(cases[i][0], &t, &err);
        if (code != ASSAY_E_USAGE || strcmp(err.msg, cases[i][1]) != 0)
            fail_msg("'%s' gives '%s'", cases[i][0], code ? err.msg : "an address");
        assert_null(t.path);
        assert_null(t.room);
    }
}

static char *repeated(const char *begin, const char *piece, size_t times)
{
    char *out = malloc(strlen(begin) + times * strlen(piece) + 1);
    assert_non_null(out);
    char *at = stpcpy(out, begin);
    for (size_t i = 0; i < times; i++)
        at = stpcpy(at, piece);
    return out;
}

static void length_and_number_have_a_maximum(void **state)
{
    (void)state;
    target t;
    assay_err err;
    char *longest = repeated("/a?x=", "y", ADDRESS_BYTES_MOST - 5);
    assert_int_equal(target_parse(longest, &t, &err), ASSAY_OK);
    target_clear(&t);
    free(longest);
    char *longer = repeated("/a?x=", "y", ADDRESS_BYTES_MOST - 4);
    assert_int_equal(target_parse(longer, &t, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "the address has 49153 bytes; at most 49152 are read");
    free(longer);
    char *most = repeated("/a?", "x=1&", REQUEST_PARAMETERS_MOST);
    assert_int_equal(target_parse(most, &t, &err), ASSAY_OK);
    assert_int_equal(t.parameter_count, REQUEST_PARAMETERS_MOST);
    target_clear(&t);
    free(most);
    char *more = repeated("/a?", "x=1&", REQUEST_PARAMETERS_MOST + 1);
    assert_int_equal(target_parse(more, &t, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "the address has more than 256 parameters");
    free(more);
    char *separators = repeated("/a?", "&", 20000);
    assert_int_equal(target_parse(separators, &t, &err), ASSAY_OK);
    assert_int_equal(t.parameter_count, 0);
    target_clear(&t);
    free(separators);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    const size_t before = mem_live();
    for (uint64_t n = 0; n < 2; n++) {
        target t;
        assay_err err;
        mem_fail_after(n);
        const assay_code code = target_parse("/a?x=1&y=2", &t, &err);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_string_equal(err.msg, "out of memory for an address");
        assert_int_equal(mem_live(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_decoded),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(length_and_number_have_a_maximum),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
