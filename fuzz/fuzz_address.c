/* A request's address and the headers by which strangers are told apart: lines of the input. What
 * is accepted is plain, and nobody is let in by a name or a token that is not ours. */
#include "server/guard.h"
#include "server/target.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES_MOST = 60000, LINES_MOST = 5 };
static const char token[] = "abcdefgh-12345678";

static bool is_plain(const char *path)
{
    const size_t length = strlen(path);
    return path[0] == '/' && utf8_valid(path, length) == length && !strstr(path, "//") &&
           !strstr(path, "/../") && !strstr(path, "/./") && !strchr(path, '\\') &&
           !strchr(path, '\n') && !(length >= 3 && strcmp(path + length - 3, "/..") == 0);
}

static void check_address(const char *address)
{
    target t;
    assay_err err = {0};
    const assay_code code = target_parse(address, &t, &err);
    if (code != ASSAY_OK && (t.path || !err.msg[0]))
        __builtin_trap();
    if (code == ASSAY_OK && !is_plain(t.path))
        __builtin_trap();
    for (size_t i = 0; i < t.parameter_count; i++) {
        const request_parameter *p = &t.parameter[i];
        if (utf8_valid(p->value, strlen(p->value)) != strlen(p->value) || !p->name)
            __builtin_trap();
    }
    target_clear(&t);
}

static void check_guard(const char *const line[LINES_MOST])
{
    guard g;
    const guard_options options = {.bind = "127.0.0.1", .port = 8080, .token = token};
    if (guard_init(&g, &options, NULL) != ASSAY_OK)
        __builtin_trap();
    const guard_request q = {.method = "GET",
                             .path = "/api/project",
                             .host = line[1],
                             .origin = *line[2] ? line[2] : NULL,
                             .cookie = line[3],
                             .authorization = line[4]};
    const guard_verdict verdict = guard_check(&g, &q);
    const bool is_ours = strcasecmp(line[1], "127.0.0.1:8080") == 0 ||
                         strcasecmp(line[1], "localhost:8080") == 0 ||
                         strcmp(line[1], "[::1]:8080") == 0;
    const bool knows = strstr(line[3], token) || strstr(line[4], token);
    if (verdict.answer != GUARD_REFUSED && (!is_ours || !knows))
        __builtin_trap();
    const guard_options everywhere = {.bind = "0.0.0.0", .port = 8080, .token = token};
    if (guard_init(&g, &everywhere, NULL) != ASSAY_OK)
        __builtin_trap();
    if (guard_check(&g, &q).answer != GUARD_REFUSED && !knows)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > BYTES_MOST)
        return 0;
    char *bytes = malloc(size + 1);
    if (!bytes)
        return 0;
    if (size)
        memcpy(bytes, data, size);
    bytes[size] = '\0';
    const char *line[LINES_MOST] = {"", "", "", "", ""};
    char *at = bytes;
    for (int i = 0; i < LINES_MOST && at; i++) {
        char *end = strchr(at, '\n');
        if (end)
            *end = '\0';
        line[i] = at;
        at = end ? end + 1 : NULL;
    }
    check_address(line[0]);
    check_guard(line);
    free(bytes);
    return 0;
}
