/* The page from the program and from a folder; nothing from elsewhere. */
#include "server/web_files.h"
#include "support/check.h"

#include "base/mem.h"
#include "server/coding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void write_file(const char *name, const char *words)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(words, f);
    fclose(f);
}

static int make_folder(void **state)
{
    (void)state;
    char path[128], target[128];
    strcpy(folder, "/tmp/assay_web_XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/web", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/web/assets", folder);
    mkdir(path, 0700);
    write_file("secret.js", "secret");
    write_file("web/index.html", "<p>");
    write_file("web/assets/a-1.css", "p{}");
    write_file("web/empty.txt", "");
    snprintf(target, sizeof target, "%s/secret.js", folder);
    snprintf(path, sizeof path, "%s/web/link.js", folder);
    if (symlink(target, path) != 0)
        return -1;
    strcat(folder, "/web");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    *strrchr(folder, '/') = '\0';
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void types_go_by_what_a_name_ends_in(void **state)
{
    (void)state;
    assert_string_equal(web_content_type("index.html"), "text/html; charset=utf-8");
    assert_string_equal(web_content_type("assets/index-1.2.js"), "text/javascript; charset=utf-8");
    assert_string_equal(web_content_type("a.css"), "text/css; charset=utf-8");
    assert_string_equal(web_content_type("a.svg"), "image/svg+xml");
    assert_string_equal(web_content_type("a.html.exe"), "application/octet-stream");
    assert_string_equal(web_content_type("html"), "application/octet-stream");
    assert_string_equal(web_content_type(""), "application/octet-stream");
}

static void the_program_holds_a_page(void **state)
{
    (void)state;
    static const char *const paths[] = {"/", "/index.html", "/explorer", "/explorer/deep/"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        web_file plain, packed;
        assert_int_equal(web_file_find(NULL, paths[i], false, &plain, NULL), ASSAY_OK);
        assert_false(plain.packed);
        assert_int_equal(strncasecmp(plain.at, "<!doctype html>", 15), 0);
        assert_string_equal(plain.content_type, "text/html; charset=utf-8");
        assert_int_equal(strlen(plain.version), 16);
        assert_false(plain.immutable);
        assert_int_equal(web_file_find(NULL, paths[i], true, &packed, NULL), ASSAY_OK);
        text back;
        assert_true(packed.packed);
        assert_string_equal(packed.version, plain.version);
        assert_int_equal(coding_unpack(packed.at, packed.length, plain.length, &back, NULL),
                         ASSAY_OK);
        assert_memory_equal(back.at, plain.at, plain.length);
        text_clear(&back);
        web_file_clear(&packed);
        web_file_clear(&plain);
    }
}

static void a_folder_is_read_each_time(void **state)
{
    (void)state;
    web_file f;
    assert_int_equal(web_file_find(folder, "/", true, &f, NULL), ASSAY_OK);
    assert_string_equal(f.at, "<p>");
    assert_false(f.packed);
    assert_string_equal(f.version, "");
    web_file_clear(&f);
    assert_int_equal(web_file_find(folder, "/assets/a-1.css", true, &f, NULL), ASSAY_OK);
    assert_int_equal(f.length, 3);
    assert_false(f.immutable);
    web_file_clear(&f);
    assert_int_equal(web_file_find(folder, "/empty.txt", true, &f, NULL), ASSAY_OK);
    assert_int_equal(f.length, 0);
    web_file_clear(&f);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    /* Where nobody checked the path before, too. */
    static const char *const paths[] = {
        "/none.js",      "/../secret.js", "/link.js",   "/assets/../../secret.js",
        "/a.d/index.js", "/..",           "/../web.js", "/assets/."};
    const char *const folders[] = {NULL, folder};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        for (size_t k = 0; k < 2; k++) {
            web_file f;
            assay_err err;
            char words[128];
            assert_int_equal(web_file_find(folders[k], paths[i], true, &f, &err),
                             ASSAY_E_NOT_FOUND);
            snprintf(words, sizeof words, "the page has no file '%s'", paths[i] + 1);
            assert_string_equal(err.msg, words);
            assert_null(f.at);
        }
    }
    web_file f;
    assert_int_equal(web_file_find("/nowhere", "/", true, &f, NULL), ASSAY_E_NOT_FOUND);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    const char *const folders[] = {NULL, folder};
    const size_t before = mem_live();
    for (size_t k = 0; k < 2; k++) {
        assay_code code = ASSAY_E_NOMEM;
        for (uint64_t n = 0; code == ASSAY_E_NOMEM; n++) {
            web_file f;
            mem_fail_after(n);
            code = web_file_find(folders[k], "/", false, &f, NULL);
            mem_fail_after(UINT64_MAX);
            web_file_clear(&f);
            assert_int_equal(mem_live(), before);
        }
        assert_int_equal(code, ASSAY_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_go_by_what_a_name_ends_in),
        cmocka_unit_test(the_program_holds_a_page),
        cmocka_unit_test(a_folder_is_read_each_time),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
