#ifndef STORE_CONDITION_H
#define STORE_CONDITION_H

#include "assay/err.h"

/**
 * Whether a text stays inside the parentheses that will be put around it: quotes and comments end,
 * parentheses match and never close more than they opened, no `;` and no `$` outside quotes, no
 * escape strings (E'…'), no call of a random function, at most CONDITION_BYTES_MOST bytes of UTF-8.
 * It may still not be SQL: that is DuckDB's to say. Pure. O(length).
 */
ASSAY_MUST_USE assay_code condition_check(const char *condition, assay_err *err);

#endif
