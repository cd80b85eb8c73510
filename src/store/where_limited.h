#ifndef STORE_WHERE_LIMITED_H
#define STORE_WHERE_LIMITED_H

#include "store/where.h"

/** A condition and how long it may take: for tests that do not want to wait. */
typedef struct where_limits {
    const char *condition;
    int milliseconds;
} where_limits;

/** where_select() with another limit of time. */
ASSAY_MUST_USE assay_code where_select_limited(const frame *f, const where_limits *limits,
                                               int thread_count, selection *out, assay_err *err);

#endif
