#ifndef EVAL_PERFORMANCE_H
#define EVAL_PERFORMANCE_H

#include "eval/options.h"
#include "eval/ordered_metric.h"
#include "eval/score.h"

typedef struct performance_bin {
    double low, high, median; /* of the metric's values in the bin */
    uint64_t count, correct;
    score rate; /* share correct */
} performance_bin;

/** The performance curve of one metric, ascending; no bin is empty. */
typedef struct metric_performance {
    performance_bin *bin;
    size_t count;
} metric_performance;

/** Samples without a value are left out; `out` has no bins when none is left. NOMEM,
 * CANCELLED. O(N). */
ASSAY_MUST_USE assay_code class_performance(const samples *s, const metric_column *metric,
                                            class_question question,
                                            const evaluation_options *options,
                                            metric_performance *out, assay_err *err);
void metric_performance_clear(metric_performance *p);

/** Room for options->bins bins. NOMEM. */
ASSAY_MUST_USE assay_code metric_performance_init(metric_performance *p,
                                                  const evaluation_options *options,
                                                  assay_err *err);

/** The curve of an ordered metric into a performance with room. O(N). */
void ordered_performance(const ordered_metric *o, const samples *s,
                         const evaluation_options *options, metric_performance *p);

#endif
