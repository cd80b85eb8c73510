/* The parameters of a request, and the shape of a failure. */
#include "server/reply.h"
#include "server/request.h"
#include "support/check.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static const request_parameter parameters[] = {
    {"sort", "brightness"}, {"count", "17"},        {"class", "cat"},
    {"class", "dog"},       {"from", "4294967296"}, {"empty", ""},
};
static const request asked = {
    .method = "GET",
    .path = "/api/samples",
    .parameter = parameters,
    .parameter_count = sizeof parameters / sizeof *parameters,
};

static void the_first_parameter_of_a_name_is_given(void **state)
{
    (void)state;
    assert_string_equal(request_text(&asked, "sort"), "brightness");
    assert_string_equal(request_text(&asked, "class"), "cat");
    assert_string_equal(request_text(&asked, "empty"), "");
    assert_null(request_text(&asked, "clas"));
    assert_null(request_text(&asked, ""));
}

static void a_number_is_read_or_the_other_taken(void **state)
{
    (void)state;
    uint64_t value;
    assert_int_equal(request_number(&asked, "count", 1, 500, 100, &value, NULL), ASSAY_OK);
    assert_int_equal(value, 17);
    assert_int_equal(request_number(&asked, "bins", 5, 200, 50, &value, NULL), ASSAY_OK);
    assert_int_equal(value, 50);
    assert_int_equal(request_number(&asked, "from", 0, UINT64_MAX, 0, &value, NULL), ASSAY_OK);
    assert_int_equal(value, 4294967296);
}

static void what_is_no_number_is_refused_with_the_range(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", " 7", "7 ", "-1", "+7", "7.5", "0x10", "4", "501", "18446744073709551616", "ten",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const request_parameter parameter = {"bins", bad[i]};
        const request q = {.parameter = &parameter, .parameter_count = 1};
        uint64_t value;
        assay_err err;
        assert_int_equal(request_number(&q, "bins", 5, 500, 50, &value, &err), ASSAY_E_USAGE);
        char words[128];
        snprintf(words, sizeof words, "bins is '%s'; use a whole number from 5 to 500", bad[i]);
        assert_string_equal(err.msg, words);
    }
}

static void a_failure_has_the_status_and_the_word_of_its_code(void **state)
{
    (void)state;
    static const struct {
        assay_code code;
        unsigned status;
        const char *word;
    } cases[] = {
        {ASSAY_E_USAGE, 400, "usage"},         {ASSAY_E_INPUT, 422, "input"},
        {ASSAY_E_NOT_FOUND, 404, "not_found"}, {ASSAY_E_CONFLICT, 409, "conflict"},
        {ASSAY_E_LIMIT, 413, "too_large"},     {ASSAY_E_IO, 500, "internal"},
        {ASSAY_E_NOMEM, 503, "busy"},          {ASSAY_E_CANCELLED, 503, "busy"},
        {ASSAY_E_INTERNAL, 500, "internal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assay_err err;
        assay_fail(&err, cases[i].code, "there is no metric '%s'", "\"<b>");
        reply r = {.status = 200, .content_type = "text/csv", .revision_plus_one = 3};
        reply_fail(&r, &err);
        assert_int_equal(r.status, cases[i].status);
        assert_null(r.content_type);
        assert_int_equal(r.revision_plus_one, 0);
        char words[160];
        snprintf(words, sizeof words,
                 "{\n  \"error\": {\"code\": \"%s\", \"message\": \"there is no metric "
                 "'\\\"<b>'\"}\n}\n",
                 cases[i].word);
        assert_string_equal(text_view(&r.body), words);
        reply_clear(&r);
    }
}

static void a_condition_at_fault_is_shown_at_its_place(void **state)
{
    (void)state;
    assay_err err;
    assay_fail(&err, ASSAY_E_USAGE, "no such column");
    reply r = {.field_is_where = true, .position = 7};
    reply_fail(&r, &err);
    assert_non_null(strstr(text_view(&r.body), "\"field\": \"where\", \"position\": 7"));
    reply_clear(&r);
    r = (reply){.field_is_where = true, .position = -1};
    reply_fail(&r, &err);
    assert_non_null(strstr(text_view(&r.body), "\"field\": \"where\"}"));
    reply_clear(&r);
}

static void without_memory_a_failure_has_its_status(void **state)
{
    (void)state;
    const size_t before = mem_live();
    for (uint64_t n = 0; n < 12; n++) {
        assay_err err;
        assay_fail(&err, ASSAY_E_NOT_FOUND, "there is no such sample");
        reply r = {0};
        mem_fail_after(n);
        reply_fail(&r, &err);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(r.status, 404);
        assert_true(r.body.length == 0 || text_view(&r.body)[0] == '{');
        reply_clear(&r);
        assert_int_equal(mem_live(), before);
    }
}

int main(void)
{
    json_use_our_memory();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_parameter_of_a_name_is_given),
        cmocka_unit_test(a_number_is_read_or_the_other_taken),
        cmocka_unit_test(what_is_no_number_is_refused_with_the_range),
        cmocka_unit_test(a_failure_has_the_status_and_the_word_of_its_code),
        cmocka_unit_test(a_condition_at_fault_is_shown_at_its_place),
        cmocka_unit_test(without_memory_a_failure_has_its_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
