#ifndef EVAL_IMPORTANCE_H
#define EVAL_IMPORTANCE_H

#include "eval/performance.h"

/**
 * How one metric goes with being right. The information's value is corrected for bias; its interval
 * is that of the plug-in, Î ± z·sd/√N inside [0, H(s)], widened to hold the value where the
 * correction leaves it. `few`: fewer than 20 samples are right, or wrong.
 * tests/simulation/coverage_importance.c says what the intervals cover.
 */
typedef struct metric_importance {
    uint64_t samples;  /* with a value */
    score correlation; /* Pearson with right (1) and wrong (0) */
    score spearman;
    score information;     /* nats; no answer where every sample is right or every one wrong */
    double share;          /* of the entropy of right/wrong, 0..1; NaN with no answer */
    double p_value;        /* NaN where there is none; p_missing says why */
    double p_adjusted;     /* Benjamini-Hochberg over the metrics of this evaluation */
    const char *p_method;  /* "g-test", "permutation", "group-permutation", "none" */
    const char *p_missing; /* why there is no p-value; NULL where there is one */
} metric_importance;

/** One metric over the samples: both answers come from one sort. */
typedef struct metric_analysis {
    const char *name; /* borrowed from the frame */
    metric_importance importance;
    metric_performance performance;
} metric_analysis;

typedef struct metric_analyses {
    metric_analysis *metric;
    size_t count;
    bool first;  /* options->first: neither Spearman's correlation nor performance */
    bool summed; /* correlations come from sums of powers: not to the last bit those of the samples
                  */
} metric_analyses;

/** Which metrics: indices into frame->metric. `confidence`: the samples in the order of
 * frame->confidence, which a metric of the same array need not be sorted for; or NULL. */
typedef struct analysed_metrics {
    const size_t *which;
    size_t count;
    const ordered_metric *confidence;
} analysed_metrics;

/**
 * Importance, correlations and performance of metrics. s = [prediction == label]. Metrics are
 * worked on in parallel; same bits at any thread count. NOMEM, CANCELLED. O(N) a metric (a sort by
 * digits), with groups O(999·(groups + the rarer outcome)) more at most.
 */
ASSAY_MUST_USE assay_code metric_analyses_new(const samples *s, const analysed_metrics *choice,
                                              const evaluation_options *options,
                                              metric_analyses **out, assay_err *err);
void metric_analyses_free(metric_analyses *m);

#endif
