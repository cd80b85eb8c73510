#ifndef SERVER_TARGET_H
#define SERVER_TARGET_H

#include "server/request.h"

/** The address of a request, taken apart. Zeroed is valid and has no path. */
typedef struct target {
    char *path; /* decoded, UTF-8, begins with '/' and has no segment that is empty, "." or ".." */
    request_parameter *parameter; /* in the order of the query */
    size_t parameter_count;
    char *room; /* what all of them point into */
} target;

/**
 * Take apart what stands in a request's first line, as the browser sent it: path and query,
 * percent- encoded; a plus in the query is a space. LIMIT: longer than ADDRESS_BYTES_MOST; USAGE:
 * no path, a broken escape, a zero byte or another control character, not UTF-8, too many
 * parameters; NOMEM. `out` is zeroed on failure. O(length).
 */
ASSAY_MUST_USE assay_code target_parse(const char *raw, target *out, assay_err *err);
void target_clear(target *t);

/** The value of a parameter; NULL where there is none. */
const char *target_text(const target *t, const char *name);

#endif
