#ifndef ASSAY_ERR_H
#define ASSAY_ERR_H

#ifdef __cplusplus
extern "C" {
#endif

#define ASSAY_API __attribute__((visibility("default")))
#define ASSAY_MUST_USE __attribute__((warn_unused_result))
#define ASSAY_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* X(code, exit status of the program, HTTP status, Python exception, text): one row a kind of
 * failure. */
#define ASSAY_CODE_MAP(X)                                                                          \
    X(ASSAY_OK, 0, 200, "", "ok")                                                                  \
    X(ASSAY_E_USAGE, 2, 400, "ValueError", "the call or command was wrong")                        \
    X(ASSAY_E_INPUT, 10, 422, "ValueError", "the data is malformed")                               \
    X(ASSAY_E_NOT_FOUND, 11, 404, "FileNotFoundError", "there is no such thing")                   \
    X(ASSAY_E_CONFLICT, 12, 409, "RuntimeError", "somebody else holds it, or it changed")          \
    X(ASSAY_E_LIMIT, 13, 413, "OverflowError", "it is larger than allowed")                        \
    X(ASSAY_E_IO, 14, 500, "OSError", "reading or writing went wrong")                             \
    X(ASSAY_E_NOMEM, 15, 503, "MemoryError", "out of memory")                                      \
    X(ASSAY_E_CANCELLED, 16, 499, "KeyboardInterrupt", "it was interrupted")                       \
    X(ASSAY_E_INTERNAL, 17, 500, "AssertionError", "assay itself is at fault")

typedef enum assay_code {
#define X(code, exit_status, http_status, exception, text) code,
    ASSAY_CODE_MAP(X)
#undef X
} assay_code;

/* Room for a first line and the first five bad rows, each with file, row and value. */
enum { ASSAY_ERR_MSG_SIZE = 2048 };

/** Why a call failed. Lives on the caller's stack; holds no pointers. */
typedef struct assay_err {
    assay_code code;
    char msg[ASSAY_ERR_MSG_SIZE]; /* UTF-8, always terminated, "" when code is ASSAY_OK */
} assay_err;

/**
 * Record a failure and hand its code back: `return assay_fail(err, ASSAY_E_INPUT, ...)`.
 * `err` may be NULL. A message longer than the buffer is cut at a whole character. What would act
 * on a terminal (controls, bytes that are not UTF-8) is written as \x1b; newlines stay. O(length).
 */
ASSAY_API assay_code assay_fail(assay_err *err, assay_code code, const char *fmt, ...)
    ASSAY_PRINTF(3, 4);

/** The program's exit status for a code: 0, 2, or 10 and up, one number a kind. */
ASSAY_API int assay_exit_status(assay_code code);

#ifdef __cplusplus
}
#endif
#endif
