/* Who may ask, as tables of headers. */
#include "server/guard.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#define TOKEN "abcdefgh-12345678"

static guard made(const char *bind, uint16_t port, const char *token)
{
    guard g;
    const guard_options options = {.bind = bind, .port = port, .token = token};
    assert_int_equal(guard_init(&g, &options, NULL), ASSAY_OK);
    return g;
}

static unsigned status(const guard *g, guard_request q)
{
    q.method = q.method ? q.method : "GET";
    q.path = q.path ? q.path : "/api/project";
    const guard_verdict verdict = guard_check(g, &q);
    if (verdict.answer == GUARD_FINE)
        return 200;
    assert_true(verdict.answer == GUARD_EXCHANGE || (verdict.code && verdict.message));
    return verdict.status;
}

typedef struct host_case {
    const char *host;
    unsigned status;
} host_case;

static void check_hosts(const guard *g, const host_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const unsigned got = status(
            g, (guard_request){.host = cases[i].host, .token = g->token[0] ? g->token : NULL});
        if (got != cases[i].status)
            fail_msg("Host %s: %u", cases[i].host ? cases[i].host : "(none)", got);
    }
}

static void only_names_of_this_machine_are_answered(void **state)
{
    (void)state;
    static const host_case cases[] = {
        {"127.0.0.1:8080", 200},
        {"localhost:8080", 200},
        {"LocalHost:8080", 200},
        {"[::1]:8080", 200},
        {NULL, 400},
        {"", 421},
        {"127.0.0.1", 421},
        {"localhost", 421},
        {"127.0.0.1:8081", 421},
        {"127.0.0.1:80800", 421},
        {"evil.example", 421},
        {"evil.example:8080", 421},
        {"localhost.evil:8080", 421},
        {"127.0.0.1.evil.example:8080", 421},
        {"127.0.0.1:8080.evil.example", 421},
        {"evil@127.0.0.1:8080", 421},
        {" 127.0.0.1:8080", 421},
        {"0.0.0.0:8080", 421},
        {"127.0.0.2:8080", 421},
        {"192.168.1.7:8080", 421},
        {"::1:8080", 421},
        {"[::1]", 421},
    };
    const guard g = made("127.0.0.1", 8080, NULL);
    check_hosts(&g, cases, sizeof cases / sizeof *cases);
    assert_int_equal(status(&g, (guard_request){.host = "localhost:8080", .host_twice = true}),
                     400);
    const guard six = made("::1", 8080, NULL);
    check_hosts(&six, cases, sizeof cases / sizeof *cases);
}

static void the_port_of_the_web_may_be_left_out(void **state)
{
    (void)state;
    static const host_case cases[] = {
        {"127.0.0.1", 200},      {"localhost", 200}, {"localhost:80", 200},
        {"localhost:8080", 421}, {"localhos", 421},
    };
    const guard g = made("127.0.0.1", 80, NULL);
    check_hosts(&g, cases, sizeof cases / sizeof *cases);
}

static void on_every_interface_an_address_is_a_name_of_ours(void **state)
{
    (void)state;
    static const host_case cases[] = {
        {"10.1.2.3:8080", 200},
        {"[fe80::1]:8080", 200},
        {"localhost:8080", 200},
        {"evil.example:8080", 421},
        {"10.1.2.3:8081", 421},
        {"10.1.2.3", 421},
        {"10.1.2.3.evil:8080", 421},
        {"[10.1.2.3]:8080", 421},
        {"fe80::1:8080", 421},
        {"010.1.2.3:8080", 421},
        {"[fe80::1:8080", 421},
        {"[]:8080", 421},
        {":8080", 421},
    };
    const guard g = made("0.0.0.0", 8080, TOKEN);
    check_hosts(&g, cases, sizeof cases / sizeof *cases);
    static const host_case one[] = {
        {"10.1.2.3:8080", 200}, {"10.1.2.4:8080", 421}, {"localhost:8080", 421}};
    const guard bound = made("10.1.2.3", 8080, TOKEN);
    check_hosts(&bound, one, sizeof one / sizeof *one);
}

static void pages_of_other_sites_are_turned_away(void **state)
{
    (void)state;
    const guard g = made(NULL, 8080, NULL);
    static const host_case origins[] = {
        {"http://127.0.0.1:8080", 200},
        {"HTTP://127.0.0.1:8080", 200},
        {"http://localhost:8080", 403},
        {"https://127.0.0.1:8080", 403},
        {"http://127.0.0.1", 403},
        {"http://127.0.0.1:8080/", 403},
        {"http://127.0.0.1:80801", 403},
        {"null", 403},
        {"", 403},
        {"http://evil.example", 403},
    };
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        const guard_request q = {.host = "127.0.0.1:8080", .origin = origins[i].host};
        assert_int_equal(status(&g, q), origins[i].status);
    }
    static const host_case sites[] = {
        {"same-origin", 200}, {"none", 200}, {"same-site", 403}, {"cross-site", 403}, {"", 403},
    };
    for (size_t i = 0; i < sizeof sites / sizeof *sites; i++) {
        guard_request q = {.host = "127.0.0.1:8080", .fetch_site = sites[i].host};
        assert_int_equal(status(&g, q), sites[i].status);
        q.path = "/";
        assert_int_equal(status(&g, q), 200);
    }
}

static void changes_come_as_json(void **state)
{
    (void)state;
    const guard g = made(NULL, 8080, NULL);
    static const host_case kinds[] = {
        {"application/json", 200},
        {"Application/JSON", 200},
        {"application/json; charset=utf-8", 200},
        {"application/json ;x", 200},
        {"application/jsonx", 415},
        {"application/json, text/plain", 415},
        {"text/plain", 415},
        {"", 415},
        {NULL, 415},
        {"text/plain; application/json", 415},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        guard_request q = {
            .host = "127.0.0.1:8080", .content_type = kinds[i].host, .method = "POST"};
        assert_int_equal(status(&g, q), kinds[i].status);
        q.method = "DELETE";
        assert_int_equal(status(&g, q), kinds[i].status);
        q.method = "GET";
        assert_int_equal(status(&g, q), 200);
    }
}

static void bytes_come_as_bytes_where_they_are_taken_and_nowhere_else(void **state)
{
    (void)state;
    const guard g = made(NULL, 8080, NULL);
    static const host_case kinds[] = {
        {"application/octet-stream", 200},
        {"APPLICATION/octet-stream; x", 200},
        {"application/octet-streams", 415},
        {"application/json", 415},
        {"text/plain", 415},
        {"", 415},
        {NULL, 415},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        guard_request q = {.host = "127.0.0.1:8080",
                           .content_type = kinds[i].host,
                           .method = "POST",
                           .takes_bytes = true};
        assert_int_equal(status(&g, q), kinds[i].status);
        q.origin = "http://evil.example";
        assert_int_equal(status(&g, q), 403);
        q.origin = NULL;
        q.takes_bytes = false;
        assert_int_equal(status(&g, q), kinds[i].status == 200 ? 415 : i == 3 ? 200 : 415);
    }
}

static void a_token_opens_as_parameter_cookie_or_bearer(void **state)
{
    (void)state;
    const guard g = made(NULL, 8080, TOKEN);
    static const struct {
        const char *path, *method, *token, *cookie, *authorization;
        unsigned status;
    } cases[] = {
        {"/", "GET", NULL, NULL, NULL, 403},
        {"/", "GET", TOKEN, NULL, NULL, 303},
        {"/page", "HEAD", TOKEN, NULL, NULL, 303},
        {"/api/project", "GET", TOKEN, NULL, NULL, 200},
        {"/api/jobs", "POST", TOKEN, NULL, NULL, 415},
        {"/", "GET", "abcdefgh-12345679", NULL, NULL, 403},
        {"/", "GET", TOKEN "x", NULL, NULL, 403},
        {"/", "GET", "abcdefgh-1234567", NULL, NULL, 403},
        {"/", "GET", "", NULL, NULL, 403},
        {"/", "GET", "wrong", "assay_8080=" TOKEN, NULL, 403},
        {"/", "GET", NULL, "assay_8080=" TOKEN, NULL, 200},
        {"/", "GET", NULL, "a=b; assay_8080=" TOKEN "; c=d", NULL, 200},
        {"/", "GET", NULL, "a=b;assay_8080=" TOKEN, NULL, 200},
        {"/", "GET", NULL, "assay_8080=old; assay_8080=" TOKEN, NULL, 200},
        {"/", "GET", NULL, "assay_8081=" TOKEN, NULL, 403},
        {"/", "GET", NULL, "xassay_8080=" TOKEN, NULL, 403},
        {"/", "GET", NULL, "assay_8080=", NULL, 403},
        {"/", "GET", NULL, "assay_8080", NULL, 403},
        {"/", "GET", NULL, "; ;;", NULL, 403},
        {"/", "GET", NULL, NULL, "Bearer " TOKEN, 200},
        {"/", "GET", NULL, NULL, "bearer " TOKEN, 200},
        {"/", "GET", NULL, NULL, "Bearer ", 403},
        {"/", "GET", NULL, NULL, "Basic " TOKEN, 403},
        {"/", "GET", NULL, NULL, TOKEN, 403},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const guard_request q = {.host = "127.0.0.1:8080",
                                 .path = cases[i].path,
                                 .method = cases[i].method,
                                 .token = cases[i].token,
                                 .cookie = cases[i].cookie,
                                 .authorization = cases[i].authorization};
        const unsigned got = status(&g, q);
        if (got != cases[i].status)
            fail_msg("case %zu: %u", i, got);
    }
}

static void without_a_token_none_is_looked_at(void **state)
{
    (void)state;
    const guard g = made(NULL, 8080, NULL);
    assert_int_equal(status(&g, (guard_request){.host = "127.0.0.1:8080", .token = "anything"}),
                     200);
}

static void bad_addresses_and_tokens_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *bind, *token, *message;
    } cases[] = {
        {"example.com", NULL,
         "'example.com' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 or ::1"},
        {"", NULL, "'' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 or ::1"},
        {"127.0.0.1:80", NULL,
         "'127.0.0.1:80' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 or ::1"},
        {"0.0.0.0", NULL, "0.0.0.0 is not loopback: listening there needs a token"},
        {"::", NULL, "[::] is not loopback: listening there needs a token"},
        {"192.168.1.7", NULL, "192.168.1.7 is not loopback: listening there needs a token"},
        {NULL, "short", "the token has 5 characters; use from 16 to 128 of them"},
        {NULL, "", "the token has 0 characters; use from 16 to 128 of them"},
        {NULL, "has a space in it and more",
         "the token has other characters than letters, digits and -._~"},
        {NULL, "semicolon;semicolon",
         "the token has other characters than letters, digits and -._~"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        guard g;
        assay_err err;
        const guard_options options = {.bind = cases[i].bind, .port = 1, .token = cases[i].token};
        assert_int_equal(guard_init(&g, &options, &err), ASSAY_E_USAGE);
        assert_string_equal(err.msg, cases[i].message);
    }
}

static void made_tokens_differ_and_are_taken(void **state)
{
    (void)state;
    char one[TOKEN_BYTES_MOST + 1], other[TOKEN_BYTES_MOST + 1];
    assert_int_equal(guard_make_token(one, NULL), ASSAY_OK);
    assert_int_equal(guard_make_token(other, NULL), ASSAY_OK);
    assert_int_equal(strlen(one), 32);
    assert_int_equal(strspn(one, "0123456789abcdef"), 32);
    assert_string_not_equal(one, other);
    const guard g = made("0.0.0.0", 8080, one);
    assert_string_equal(g.token, one);
    assert_false(g.loopback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_names_of_this_machine_are_answered),
        cmocka_unit_test(the_port_of_the_web_may_be_left_out),
        cmocka_unit_test(on_every_interface_an_address_is_a_name_of_ours),
        cmocka_unit_test(pages_of_other_sites_are_turned_away),
        cmocka_unit_test(changes_come_as_json),
        cmocka_unit_test(bytes_come_as_bytes_where_they_are_taken_and_nowhere_else),
        cmocka_unit_test(a_token_opens_as_parameter_cookie_or_bearer),
        cmocka_unit_test(without_a_token_none_is_looked_at),
        cmocka_unit_test(bad_addresses_and_tokens_are_refused),
        cmocka_unit_test(made_tokens_differ_and_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
