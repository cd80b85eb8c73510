/* Addresses are hostile input: one pass that decodes, and checks of what came out. Knows no route.
 */
#include "server/target.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/try.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that "%41" at `at` stands for; -1: it is no escape. */
static int read_escape(const char *at, const char *end)
{
    if (end - at < 3)
        return -1;
    const int high = hex_value(at[1]), low = hex_value(at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Decode [at, end) into `out`, which may be `at`. USAGE, with a failure told. */
static assay_code decode(const char *at, const char *end, bool plus_is_space, char *out,
                         assay_err *err)
{
    size_t length = 0;
    while (at < end) {
        int c = (unsigned char)*at;
        if (c == '+' && plus_is_space)
            c = ' ';
        if (c == '%') {
            c = read_escape(at, end);
            at += 2;
        }
        if (c < 0)
            return assay_fail(err, ASSAY_E_USAGE,
                              "the address has a %% without two hexadecimal digits after it");
        if (c == 0)
            return assay_fail(err, ASSAY_E_USAGE, "the address has a zero byte");
        out[length++] = (char)c;
        at++;
    }
    out[length] = '\0';
    return utf8_valid(out, length) == length
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_USAGE, "the address is not UTF-8");
}

/* No way up, no second name for one place, nothing that another system takes for a separator. */
static bool path_is_plain(const char *path)
{
    if (path[0] != '/')
        return false;
    for (const char *at = path; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == '\x7f' || *at == '\\')
            return false;
        if (*at != '/')
            continue;
        const size_t length = strcspn(at + 1, "/");
        const bool is_last = at[1 + length] == '\0';
        if ((length == 0 && !is_last) || (length == 1 && at[1] == '.') ||
            (length == 2 && at[1] == '.' && at[2] == '.'))
            return false;
    }
    return true;
}

/* Add "name=value" at [at, end), decoded in place; `end` may be written over. */
static assay_code add_parameter(char *at, char *end, target *out, assay_err *err)
{
    if (out->parameter_count == REQUEST_PARAMETERS_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "the address has more than %d parameters",
                          REQUEST_PARAMETERS_MOST);
    char *equals = memchr(at, '=', (size_t)(end - at));
    if (equals)
        ASSAY_TRY(decode(equals + 1, end, true, equals + 1, err));
    ASSAY_TRY(decode(at, equals ? equals : end, true, at, err));
    out->parameter[out->parameter_count++] =
        (request_parameter){.name = at, .value = equals ? equals + 1 : ""};
    return ASSAY_OK;
}

/* Cut "name=value&…" at `query` into parameters. */
static assay_code cut_query(char *query, target *out, assay_err *err)
{
    for (char *at = query; *at;) {
        char *end = at + strcspn(at, "&");
        char *next = *end ? end + 1 : end;
        if (end > at)
            ASSAY_TRY(add_parameter(at, end, out, err));
        at = next;
    }
    return ASSAY_OK;
}

static assay_code parse(size_t length, target *out, assay_err *err)
{
    char *query = memchr(out->room, '?', length);
    char *path_end = query ? query : out->room + length;
    if (out->room[0] != '/')
        return assay_fail(err, ASSAY_E_USAGE, "the address does not begin with /");
    ASSAY_TRY(decode(out->room, path_end, false, out->room, err));
    if (!path_is_plain(out->room))
        return assay_fail(err, ASSAY_E_USAGE,
                          "the address has a path with an empty segment, '.', '..', a backslash or "
                          "a control character");
    out->path = out->room;
    return query ? cut_query(query + 1, out, err) : ASSAY_OK;
}

assay_code target_parse(const char *raw, target *out, assay_err *err)
{
    *out = (target){0};
    const size_t length = strlen(raw);
    if (length > ADDRESS_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "the address has %zu bytes; at most %d are read",
                          length, ADDRESS_BYTES_MOST);
    size_t pieces = 1;
    for (size_t i = 0; i < length; i++)
        pieces += raw[i] == '&';
    if (pieces > REQUEST_PARAMETERS_MOST)
        pieces = REQUEST_PARAMETERS_MOST;
    out->room = mem_copy_text(raw, length);
    out->parameter = mem_zalloc(pieces, sizeof *out->parameter);
    assay_code code = out->room && out->parameter
                          ? parse(length, out, err)
                          : assay_fail(err, ASSAY_E_NOMEM, "out of memory for an address");
    if (code != ASSAY_OK)
        target_clear(out);
    return code;
}

void target_clear(target *t)
{
    mem_free(t->parameter);
    mem_free(t->room);
    *t = (target){0};
}

const char *target_text(const target *t, const char *name)
{
    const request q = {.parameter = t->parameter, .parameter_count = t->parameter_count};
    return request_text(&q, name);
}
