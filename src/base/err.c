/* One function makes a failure; the table in assay/err.h says what each kind means outside. */
#include "assay/err.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

assay_code assay_fail(assay_err *err, assay_code code, const char *fmt, ...)
{
    assert(code != ASSAY_OK);
    if (!err)
        return code;
    err->code = code;
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(err->msg, sizeof err->msg, fmt, args);
    va_end(args);
    if (length >= (int)sizeof err->msg)
        err->msg[utf8_whole(err->msg, sizeof err->msg - 1)] = '\0';
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
