#ifndef SERVER_BODY_ROWS_H
#define SERVER_BODY_ROWS_H

#include "server/sample_query.h"

/** The samples that a body names: `samples`, a list of numbers, or `all` that a query gives but for
 * those of the list `except`. */
typedef struct body_rows {
    sample_query query; /* of `all`; without one, all samples of the project's first model */
    selection rows;
} body_rows;

/**
 * With `samples` and `all`: the samples of the list, seen with the model of the query's filter.
 * What `except` names need not be among those of the query. Lists are as long as a body may be
 * (route_body_most()). USAGE: neither of the two, `except` beside `samples`, a member that is not
 * what it should be; NOT_FOUND: a sample beyond the last; failures of sample_query_of_json(). On
 * failure *out is zero.
 */
ASSAY_MUST_USE assay_code body_rows_read(workspace *w, const json_t *body, body_rows *out,
                                         reply *failed, assay_err *err);
void body_rows_clear(body_rows *b);
ASSAY_AUTO_CLEAR_DECLARE(body_rows)

/** USAGE: the body is none, or has another member than these; the list ends with NULL. */
ASSAY_MUST_USE assay_code body_check(const json_t *body, const char *const *members,
                                     assay_err *err);

#endif
