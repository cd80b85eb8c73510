/* Requests without a socket. */
#include "support/asked.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETERS_MOST = 12, QUERY_BYTES = 4096 };

static size_t split(char *at, request_parameter *out)
{
    size_t count = 0;
    for (char *next; at && *at; at = next) {
        next = strchr(at, '&');
        if (next)
            *next++ = '\0';
        char *equals = strchr(at, '=');
        assert_non_null(equals);
        assert_true(count < PARAMETERS_MOST);
        *equals = '\0';
        out[count++] = (request_parameter){at, equals + 1};
    }
    return count;
}

assay_code asked_reply(workspace *w, const asked *a, reply *out, assay_err *err)
{
    char words[QUERY_BYTES];
    request_parameter parameter[PARAMETERS_MOST];
    snprintf(words, sizeof words, "%s", a->query ? a->query : "");
    request q = {.method = a->body || a->bytes ? "POST" : "GET",
                 .number = a->number,
                 .parameter = parameter,
                 .bytes = a->bytes,
                 .byte_count = a->bytes ? strlen(a->bytes) : 0,
                 .jobs = a->jobs,
                 .uploads = a->uploads};
    q.parameter_count = split(words, parameter);
    json_t *body = a->body ? json_loads(a->body, 0, NULL) : NULL;
    assert_true(!a->body || body);
    q.body = body;
    *out = (reply){0};
    const assay_code code = a->handle(w, &q, out, err);
    json_decref(body);
    return code;
}

json_t *asked_answer(workspace *w, const asked *a)
{
    reply out;
    assay_err err = {0};
    json_error_t why;
    if (asked_reply(w, a, &out, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(out.status, 0);
    assert_null(out.content_type);
    json_t *value = json_loadb(text_view(&out.body), out.body.length, JSON_REJECT_DUPLICATES, &why);
    if (!value)
        fail_msg("%s: %s", why.text, text_view(&out.body));
    reply_clear(&out);
    return value;
}

void asked_refusal(workspace *w, const asked *a, assay_code code, const char *message)
{
    reply out;
    assay_err err = {0};
    assert_int_equal(asked_reply(w, a, &out, &err), code);
    assert_string_equal(err.msg, message);
    reply_clear(&out);
}

void asked_fail_each_allocation(workspace *w, const asked *a)
{
    assay_code code = ASSAY_E_NOMEM;
    reply first; /* what is made once for all requests, such as views, is made here */
    assert_int_equal(asked_reply(w, a, &first, NULL), ASSAY_OK);
    reply_clear(&first);
    for (uint64_t n = 0; code == ASSAY_E_NOMEM; n++) {
        reply out;
        assay_err err = {0};
        kept_forget(workspace_answers(w));
        kept_forget(workspace_lasting(w));
        kept_forget(workspace_filters(w));
        const size_t live = mem_live();
        mem_fail_after(n);
        code = asked_reply(w, a, &out, &err);
        mem_fail_after(UINT64_MAX);
        reply_clear(&out);
        kept_forget(workspace_answers(w));
        kept_forget(workspace_lasting(w));
        kept_forget(workspace_filters(w));
        if (mem_live() != live)
            fail_msg("after allocation %llu: %zu more live", (unsigned long long)n,
                     mem_live() - live);
        assert_true(code == ASSAY_OK || (code == ASSAY_E_NOMEM && err.msg[0]));
        assert_true(n < 5000);
    }
    assert_int_equal(code, ASSAY_OK);
}

void asked_print(workspace *w, const char *definition, const asked *a)
{
    reply out;
    assay_err err = {0};
    if (asked_reply(w, a, &out, &err) != ASSAY_OK) {
        fprintf(stderr, "%s: %s\n", definition, err.msg);
        exit(1);
    }
    json_t *value = json_loadb(text_view(&out.body), out.body.length, 0, NULL);
    json_t *line = json_pack("{s:s, s:o}", "definition", definition, "reply", value);
    json_dumpf(line, stdout, JSON_COMPACT);
    puts("");
    json_decref(line);
    reply_clear(&out);
}

const json_t *asked_in(const json_t *value, const char *key)
{
    const json_t *member = json_object_get(value, key);
    if (!member)
        fail_msg("there is no %s", key);
    return member;
}

json_int_t asked_count(const json_t *value, const char *key)
{
    const json_t *member = asked_in(value, key);
    assert_true(json_is_integer(member));
    return json_integer_value(member);
}

double asked_number(const json_t *value, const char *key)
{
    const json_t *member = asked_in(value, key);
    assert_true(json_is_number(member));
    return json_number_value(member);
}

const char *asked_word(const json_t *value, const char *key)
{
    const json_t *member = asked_in(value, key);
    assert_true(json_is_string(member) || json_is_null(member));
    return json_string_value(member);
}
