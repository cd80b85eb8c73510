#ifndef EVAL_CODED_IMPORTANCE_H
#define EVAL_CODED_IMPORTANCE_H

#include "eval/importance.h"
#include "eval/metric_codes.h"
#include "eval/outcome_rows.h"

/** Metrics of a frame and their codes. */
typedef struct coded_metrics {
    const frame *frame;
    const size_t *which; /* indices into frame->metric */
    const metric_codes *const
        *codes;   /* of all of the frame's metrics; those of `which` are there */
    size_t count; /* of `which` */
} coded_metrics;

/**
 * What metric_analyses_new() finds with options->first, without a sort: importance with its test
 * from counts of codes, to the bit; correlation from sums of powers, which differs in the last
 * digits. Rows of no group. Same bits at any thread count. NOMEM, CANCELLED. O(N) a metric: one
 * pass over two bytes a row, and over eight where codes are several values.
 */
ASSAY_MUST_USE assay_code coded_analyses_new(const coded_metrics *m, const outcome_rows *of,
                                             const evaluation_options *options,
                                             metric_analyses **out, assay_err *err);

#endif
