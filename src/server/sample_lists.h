#ifndef SERVER_SAMPLE_LISTS_H
#define SERVER_SAMPLE_LISTS_H

#include "server/sample_order.h"
#include "server/sample_query.h"

/** How a list is ordered. */
typedef struct list_order {
    const char *metric;  /* NULL: the project's order */
    const double *value; /* of the metric, in the query's frame */
    bool descending;
} list_order;

/**
 * The list that a query gives in an order, from what is kept, or made and kept. In use until
 * kept_release(workspace_answers(w), …); kept_value() is a sample_list. NOMEM. O(1), or O(N).
 */
ASSAY_MUST_USE assay_code sample_lists_get(workspace *w, const sample_query *q,
                                           const list_order *order, kept_item **out,
                                           assay_err *err);

#endif
