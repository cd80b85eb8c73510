#ifndef STORE_PROJECT_VALUES_H
#define STORE_PROJECT_VALUES_H

#include "store/duck.h"

#include <stddef.h>
#include <stdint.h>

/** A column of numbers in a project's tables, and where it goes. Texts are borrowed. */
typedef struct stored_numbers {
    const char *sql; /* gives (sample UINTEGER, value DOUBLE), once a sample at most */
    bool parameter;  /* the statement has a parameter, $1, which is `number` */
    uint32_t number;
    const char *name;   /* begins the message of a failure */
    double *value;      /* is written whole: NaN where the table has no number */
    size_t value_count; /* samples past it are left out */
} stored_numbers;

/** Read a column on the connection of `d`, in its transaction. INPUT, NOMEM. O(N). */
ASSAY_MUST_USE assay_code project_read_numbers(const duck *d, const stored_numbers *column,
                                               assay_err *err);

/** Read several columns as they are committed, on several threads: each has a connection of its
 * own, so that the open transaction of `d` is not looked at. Of two failures any one is told. */
ASSAY_MUST_USE assay_code project_read_number_columns(const duck *d, const stored_numbers *column,
                                                      size_t count, int thread_count,
                                                      assay_err *err);

#endif
