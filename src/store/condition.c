/* Reads a condition just far enough to know that it cannot leave its parentheses. Knows no SQL
 * beyond that. */
#include "store/condition.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static assay_code refuse(const char *what, assay_err *err)
{
    return assay_fail(
        err, ASSAY_E_USAGE,
        "--where: %s; expected one SQL condition such as \"confidence < 0.5 AND label = 'cat'\"",
        what);
}

/* Past the closing quote of the text that begins at `at`, a doubled quote being one of its
 * characters; NULL: it never ends. */
static const char *skip_quoted(const char *at)
{
    const char quote = *at++;
    for (;; at++) {
        if (*at == '\0')
            return NULL;
        if (*at != quote)
            continue;
        if (at[1] != quote)
            return at + 1;
        at++;
    }
}

static bool is_escape_string(const char *start, const char *at)
{
    const bool after_e = at > start && (at[-1] == 'e' || at[-1] == 'E');
    return *at == '\'' && after_e &&
           (at - 1 == start || !(isalnum((unsigned char)at[-2]) || at[-2] == '_'));
}

/* Past the comment that begins at `at`, or `at` itself where none does; NULL: it never ends, or
 * holds another, which DuckDB would count. */
static const char *skip_comment(const char *at)
{
    if (at[0] == '-' && at[1] == '-')
        return at + strcspn(at, "\r\n");
    if (at[0] != '/' || at[1] != '*')
        return at;
    const char *end = strstr(at + 2, "*/");
    return end && memchr(at + 2, '*', (size_t)(end - at - 2)) == NULL ? end + 2 : NULL;
}

/* Past one character outside quotes and comments; NULL with *what where it may not stand. */
static const char *skip_plain(const char *at, long *depth, const char **what)
{
    *depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
    if (*depth < 0)
        *what = "closes a parenthesis that it did not open";
    else if (*at == ';' || *at == '$')
        *what = *at == ';' ? "has a ';'" : "has a '$'";
    else
        return at + 1;
    return NULL;
}

/* Past one quote, comment or character; NULL with *what where it may not stand. */
static const char *skip_token(const char *start, const char *at, long *depth, const char **what)
{
    if (is_escape_string(start, at)) {
        *what = "has an escape string (E'…')";
        return NULL;
    }
    if (*at == '\'' || *at == '"') {
        *what = "has a quote that never ends";
        return skip_quoted(at);
    }
    const char *after = skip_comment(at);
    *what = "has a comment that never ends";
    return after != at ? after : skip_plain(at, depth, what);
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether a call stands at `at` whose answer is another one each time, so that the same command
 * would give other numbers. */
static bool is_random_call(const char *start, const char *at)
{
    static const char *const names[] = {"random",          "uuid",   "uuidv4", "uuidv7",
                                        "gen_random_uuid", "setseed"};
    if (!in_word(*at) || (at > start && in_word(at[-1])))
        return false;
    size_t length = 0;
    while (in_word(at[length]))
        length++;
    if (at[length + strspn(at + length, " \t\r\n")] != '(')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == length && strncasecmp(names[i], at, length) == 0)
            return true;
    }
    return false;
}

assay_code condition_check(const char *condition, assay_err *err)
{
    const size_t length = strlen(condition);
    if (length > CONDITION_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "--where: is %zu bytes long; at most %d are read",
                          length, CONDITION_BYTES_MOST);
    if (utf8_valid(condition, length) != length)
        return refuse("is not valid UTF-8", err);
    if (condition[strspn(condition, " \t\r\n")] == '\0')
        return refuse("is empty", err);
    long depth = 0;
    for (const char *at = condition; *at;) {
        const char *what = "";
        if (is_random_call(condition, at))
            return assay_fail(
                err, ASSAY_E_USAGE,
                "--where: calls a random function, so each run would choose other samples; "
                "for a fixed random half use: hash(\"row\") %% 2 = 0");
        at = skip_token(condition, at, &depth, &what);
        if (!at)
            return refuse(what, err);
    }
    return depth == 0 ? ASSAY_OK : refuse("has a parenthesis that never closes", err);
}
