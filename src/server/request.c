/* The parameters of a request, as a handler asks for them. */
#include "server/request.h"

#include <stdbool.h>
#include <string.h>

const char *request_text(const request *q, const char *name)
{
    for (size_t i = 0; i < q->parameter_count; i++) {
        if (strcmp(q->parameter[i].name, name) == 0)
            return q->parameter[i].value;
    }
    return NULL;
}

/* Digits and nothing else; false beyond 64 bits too. */
static bool read_digits(const char *at, uint64_t *out)
{
    uint64_t value = 0;
    if (!*at)
        return false;
    for (; *at; at++) {
        if (*at < '0' || *at > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return false;
    }
    *out = value;
    return true;
}

/* NOLINTNEXTLINE(readability-function-size): a range, a default, and the usual four. */
assay_code request_number(const request *q, const char *name, uint64_t least, uint64_t most,
                          uint64_t otherwise, uint64_t *out, assay_err *err)
{
    *out = otherwise;
    const char *words = request_text(q, name);
    uint64_t value;
    if (!words)
        return ASSAY_OK;
    if (!read_digits(words, &value) || value < least || value > most)
        return assay_fail(err, ASSAY_E_USAGE, "%s is '%.40s'; use a whole number from %llu to %llu",
                          name, words, (unsigned long long)least, (unsigned long long)most);
    *out = value;
    return ASSAY_OK;
}
