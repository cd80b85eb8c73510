/* The server begins whole or not at all, and ends with nothing left behind. tests/server asks it.
 */
#include "server/server.h"
#include "support/served.h"

#include "base/mem.h"
#include "server/project_watch.h"
#include "support/listed.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void it_tells_where_it_is(void **state)
{
    (void)state;
    served_make_bare();
    workspace *w = served_open();
    static const struct {
        const char *bind, *token, *begins;
    } cases[] = {
        {NULL, NULL, "http://127.0.0.1:"},
        {"127.0.0.2", NULL, "http://127.0.0.2:"},
        {NULL, "abcdefgh-12345678", "http://127.0.0.1:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        server *s;
        const server_options options = {
            .workspace = w, .bind = cases[i].bind, .token = cases[i].token};
        assert_int_equal(server_start(&options, &s, NULL), ASSAY_OK);
        assert_int_equal(strncmp(server_url(s), cases[i].begins, strlen(cases[i].begins)), 0);
        const char *token = strstr(server_url(s), "/?token=");
        assert_int_equal(token != NULL, cases[i].token != NULL);
        if (token)
            assert_string_equal(token + 8, cases[i].token);
        server_stop(s);
    }
    workspace_close(w);
}

static void what_cannot_be_listened_to_is_told(void **state)
{
    (void)state;
    served_make_bare();
    workspace *w = served_open();
    static const struct {
        const char *bind, *token;
        assay_code code;
        const char *message;
    } cases[] = {
        {"localhost", NULL, ASSAY_E_USAGE,
         "'localhost' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 or ::1"},
        {"192.0.2.1", NULL, ASSAY_E_IO, "192.0.2.1 is no address of this machine"},
        {NULL, "short", ASSAY_E_USAGE, "the token has 5 characters; use from 16 to 128 of them"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        server *s;
        assay_err err;
        const server_options options = {
            .workspace = w, .bind = cases[i].bind, .token = cases[i].token};
        assert_int_equal(server_start(&options, &s, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_null(s);
    }
    workspace_close(w);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    served_make_bare();
    workspace *w = served_open();
    /* The first view is kept by the workspace. */
    const server_options options = {.workspace = w};
    server *s;
    assert_int_equal(server_start(&options, &s, NULL), ASSAY_OK);
    server_stop(s);
    const size_t before = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        assay_err err;
        mem_fail_after(n);
        code = server_start(&options, &s, &err);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        server_stop(s);
        assert_int_equal(mem_live(), before);
        assert_true(n < 100);
    }
    workspace_close(w);
}

typedef struct asked {
    atomic_int revision, changes;
} asked;

static assay_code tell_revision(void *context, uint64_t *out, assay_err *err)
{
    asked *a = context;
    *out = (uint64_t)atomic_load(&a->revision);
    return *out ? ASSAY_OK : assay_fail(err, ASSAY_E_CONFLICT, "somebody writes it");
}

static void note_change(void *context)
{
    asked *a = context;
    atomic_fetch_add(&a->changes, 1);
}

static void wait_for(const project_watch *w, uint64_t revision)
{
    for (int i = 0; project_watch_revision(w) != revision && i < 6000; i++)
        usleep(10000);
    assert_int_equal(project_watch_revision(w), revision);
}

static void another_revision_is_noticed(void **state)
{
    (void)state;
    asked a = {.revision = 7};
    const project_watch_options options = {tell_revision, note_change, &a};
    project_watch *w;
    assert_int_equal(project_watch_new(&options, &w, NULL), ASSAY_OK);
    assert_int_equal(project_watch_revision(w), 7);
    project_watch_poke(w);
    usleep(20000);
    assert_int_equal(a.changes, 0);
    /* Nobody knows for a while. */
    a.revision = 0;
    project_watch_poke(w);
    usleep(20000);
    assert_int_equal(project_watch_revision(w), 7);
    a.revision = 8;
    project_watch_poke(w);
    wait_for(w, 8);
    /* Without being told, within a second. */
    a.revision = 9;
    wait_for(w, 9);
    project_watch_free(w);
    assert_int_equal(a.changes, 2);
    a.revision = 0;
    assay_err err;
    assert_int_equal(project_watch_new(&options, &w, &err), ASSAY_E_CONFLICT);
    assert_null(w);
    project_watch_free(NULL);
}

int main(void)
{
    json_use_our_memory();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_where_it_is),
        cmocka_unit_test(what_cannot_be_listened_to_is_told),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(another_revision_is_noticed),
    };
    return cmocka_run_group_tests_name("server", tests, listed_make_folder, listed_drop_folder);
}
