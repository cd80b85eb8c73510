#include "base/file.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "test_file_XXXXXX";

static void only_regular_files_are_opened(void **state)
{
    (void)state;
    char pipe[64], link[64];
    snprintf(pipe, sizeof pipe, "%s/pipe", folder);
    snprintf(link, sizeof link, "%s/loop", folder);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink("loop", link), 0);
    const struct {
        const char *path;
        assay_code code;
        const char *message;
    } cases[] = {
        {"no such thing", ASSAY_E_NOT_FOUND, "there is no such file"},
        {folder, ASSAY_E_INPUT, "is a folder; expected a file"},
        {pipe, ASSAY_E_INPUT, "is a pipe; expected a file"},
        {"/dev/zero", ASSAY_E_INPUT, "is a device; expected a file"},
        {link, ASSAY_E_IO, "cannot be opened: Too many levels of symbolic links"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int fd = 0;
        uint64_t bytes = 1;
        assay_err err = {0};
        assert_int_equal(file_open(cases[i].path, &fd, &bytes, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_int_equal(fd, -1);
        assert_int_equal(bytes, 0);
    }
    unlink(pipe);
    unlink(link);
}

static void a_file_is_opened_with_its_size(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "%s/file", folder);
    FILE *out = fopen(path, "wb");
    assert_true(out && fputs("twelve bytes", out) >= 0 && fclose(out) == 0);
    int fd;
    uint64_t bytes;
    assert_int_equal(file_open(path, &fd, &bytes, NULL), ASSAY_OK);
    assert_int_equal(bytes, 12);
    char start[6];
    assert_int_equal(read(fd, start, sizeof start), sizeof start);
    assert_memory_equal(start, "twelve", 6);
    close(fd);
    unlink(path);
}

static int begin(void **state)
{
    (void)state;
    return !mkdtemp(folder);
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_regular_files_are_opened),
        cmocka_unit_test(a_file_is_opened_with_its_size),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
