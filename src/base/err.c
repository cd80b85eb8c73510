/* One function makes a failure; the table in assay/err.h says what each kind means outside. */
#include "assay/err.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Names and values come from files: none may act on the terminal or the log that shows them. Only
 * the ends of our own lines stay. */
static void make_visible(const char *raw, size_t length, char out[ASSAY_ERR_MSG_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        utf8_glyph g = {.at = "\n", .length = 1, .take = 1};
        if (raw[i] != '\n')
            g = utf8_visible(raw + i, length - i);
        if (used + g.length >= ASSAY_ERR_MSG_SIZE)
            break;
        memcpy(out + used, g.at, g.length);
        used += g.length;
        i += g.take;
    }
    out[used] = '\0';
}

assay_code assay_fail(assay_err *err, assay_code code, const char *fmt, ...)
{
    assert(code != ASSAY_OK);
    if (!err)
        return code;
    err->code = code;
    char raw[ASSAY_ERR_MSG_SIZE] = "";
    va_list args;
    va_start(args, fmt);
    const int length = vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    const bool cut = length >= (int)sizeof raw;
    make_visible(raw, cut ? utf8_whole(raw, sizeof raw - 1) : strlen(raw), err->msg);
    return code;
}

int assay_exit_status(assay_code code)
{
    switch (code) {
#define X(code_, exit_status, http_status, exception, text)                                        \
    case code_:                                                                                    \
        return exit_status;
        ASSAY_CODE_MAP(X)
#undef X
    }
    return 1;
}
