#ifndef EVAL_IMPORTANCE_H
#define EVAL_IMPORTANCE_H

#include "eval/options.h"
#include "eval/samples.h"
#include "eval/score.h"

/** How one metric goes with being right. */
typedef struct metric_importance {
    uint64_t samples;     /* with a value */
    score correlation;    /* Pearson with right (1) and wrong (0) */
    score spearman;
    score information;    /* nats; no answer where every sample is right or every one wrong */
    double share;         /* of the entropy of right/wrong, 0..1; NaN with no answer */
    double p_value;       /* NaN where there is none; p_missing says why */
    double p_adjusted;    /* Benjamini-Hochberg over the metrics of this evaluation */
    const char *p_method; /* "g-test", "permutation", "group-permutation", "none" */
    const char *p_missing; /* why there is no p-value; NULL where there is one */
} metric_importance;

typedef struct performance_bin {
    double low, high, median; /* of the metric's values in the bin */
    uint64_t count, correct;
    score rate; /* share correct */
} performance_bin;

/** The performance curve of one metric. */
typedef struct metric_performance {
    performance_bin *bin;
    size_t count;
} metric_performance;

/** One metric over the samples: both answers come from one sort. */
typedef struct metric_analysis {
    const char *name; /* borrowed from the frame */
    metric_importance importance;
    metric_performance performance;
} metric_analysis;

typedef struct metric_analyses {
    metric_analysis *metric;
    size_t count;
} metric_analyses;

/**
 * Importance, correlations and performance of the frame's metrics `which[0..count)` (indices into frame->metric).
 * s = [prediction == label]. Metrics are worked on in parallel; same bits at any thread count. NOMEM. O(N) a metric (radix sort).
 */
ASSAY_MUST_USE assay_code metric_analyses_new(const samples *s, const size_t *which, size_t count,
                                              const evaluation_options *options,
                                              metric_analyses **out, assay_err *err);
void metric_analyses_free(metric_analyses *m);

/** The performance of one class: recall among the samples of that true class, or precision among those predicted as it. */
typedef enum performance_of { PERFORMANCE_RECALL, PERFORMANCE_PRECISION } performance_of;
ASSAY_MUST_USE assay_code class_performance(const samples *s, const metric_column *metric,
                                            uint16_t class_code, performance_of what,
                                            const evaluation_options *options,
                                            metric_performance *out, assay_err *err);
void metric_performance_clear(metric_performance *p);

#endif
