#ifndef SERVER_SAMPLE_ORDER_H
#define SERVER_SAMPLE_ORDER_H

#include "frame/selection.h"

#include "base/try.h"

/** All samples by the value of one metric. Immutable once made. */
typedef struct metric_order {
    uint32_t *row;     /* row_count rows: those with a value first, ascending, ties by row; then
                          those without, by row */
    selection differs; /* bit i: the value of place i is another than that of i - 1; bit 0 is set */
    size_t row_count;
    size_t valued; /* how many have a value */
} metric_order;

/** `value` has a number a row, NaN where there is none. Fewer than 2^31 rows. NOMEM. O(N), by radix
 * sort. */
ASSAY_MUST_USE assay_code metric_order_make(const double *value, size_t row_count,
                                            metric_order *out, assay_err *err);
void metric_order_clear(metric_order *o);
size_t metric_order_bytes(const metric_order *o);

/** Some samples in an order. */
typedef struct sample_list {
    uint32_t *row; /* count rows; NULL: every row in order, or backwards */
    size_t count;
    bool backwards; /* of `row` NULL */
} sample_list;

/**
 * The rows of `in` by an order; `order` NULL: by row. `descending`: the largest value (the last
 * row) first; equal values stay in the order of rows, and what has no value is last all the same.
 * NOMEM. O(N).
 */
ASSAY_MUST_USE assay_code sample_list_make(const metric_order *order, const selection *in,
                                           bool descending, sample_list *out, assay_err *err);
void sample_list_clear(sample_list *l);
size_t sample_list_bytes(const sample_list *l);

static inline uint32_t sample_list_at(const sample_list *l, size_t i)
{
    if (l->row)
        return l->row[i];
    return (uint32_t)(l->backwards ? l->count - 1 - i : i);
}

#endif
