#ifndef EVAL_DISTRIBUTION_H
#define EVAL_DISTRIBUTION_H

#include "base/mem.h"
#include "eval/metric_codes.h"
#include "frame/frame.h"

enum { HISTOGRAM_BINS = 30 };

/** How many values lie outside the fences. The four counts are disjoint: a severe outlier is not
 * counted as a moderate one too. */
typedef struct outlier_counts {
    uint64_t moderate_low;  /* severe_low fence <= x < moderate_low fence */
    uint64_t moderate_high; /* moderate_high fence < x <= severe_high fence */
    uint64_t severe_low;    /* x < severe_low fence */
    uint64_t severe_high;   /* x > severe_high fence */
} outlier_counts;

/** Where values become outliers; NaN where there are no values. */
typedef struct outlier_fences {
    double moderate_low, moderate_high; /* q1 - 1.5 IQR, q3 + 1.5 IQR */
    double severe_low, severe_high;     /* q1 - 2.5 IQR, q3 + 2.5 IQR */
} outlier_fences;

/**
 * How the values of one metric lie. A sample without a value (NaN) is missing, one whose value is
 * infinite is counted as that; neither is in any other number. What has no answer is NaN: all of
 * them without values, sd with fewer than two.
 */
typedef struct metric_distribution {
    const char *name; /* borrowed from the frame */
    uint64_t count;   /* finite values */
    uint64_t missing;
    uint64_t infinite;
    double min, q1, median, q3, max; /* linear interpolation, as numpy.quantile */
    double mean;
    double sd; /* of a sample: divided by count - 1 */
    outlier_fences fences;
    outlier_counts outliers;
    /* Equal widths from min to max: bin b is [min + b·w, min + (b+1)·w), the last one closed, w =
     * (max - min) / bin_count; as numpy.histogram. One bin where all values are equal, none
     * without values. */
    uint64_t bin[HISTOGRAM_BINS];
    size_t bin_count;
} metric_distribution;

typedef struct metric_distributions {
    metric_distribution *metric; /* in the order asked for */
    size_t count;
    uint64_t samples; /* how many were selected */
} metric_distributions;

/** Some of a frame's metrics, as indices into frame->metric. */
typedef struct metric_choice {
    const size_t *which;
    size_t count;
    const metric_codes *const *codes; /* of all of the frame's metrics, NULL where the order is not
                                         known: then it is sorted. NULL: of none */
} metric_choice;

/**
 * The distributions of the chosen metrics over the selected rows (NULL: all). Metrics are worked on
 * in parallel, each by one thread; same bits at any thread count. NOMEM. O(N) a metric (radix
 * sort), 16 bytes a row and thread.
 */
ASSAY_MUST_USE assay_code metric_distributions_new(const frame *f, const selection *selected,
                                                   metric_choice chosen, int thread_count,
                                                   metric_distributions **out, assay_err *err);
void metric_distributions_free(metric_distributions *d);
ASSAY_AUTO_DECLARE(metric_distributions)

typedef struct outlier {
    uint32_t row;
    bool high, severe;
    double value;
    double iqrs; /* how many IQRs beyond the nearer quartile; infinite where the IQR is 0 */
} outlier;

typedef struct outlier_list {
    outlier *at;
    size_t count;
} outlier_list;

/**
 * The outliers of one metric among the selected rows (NULL: all), by the fences of its
 * distribution over the same rows. The furthest outside first, in the metric's own unit; then by
 * row. NOMEM. O(N + outliers · log).
 */
ASSAY_MUST_USE assay_code outlier_list_init(outlier_list *out, const frame *f,
                                            const selection *selected, const metric_column *metric,
                                            const metric_distribution *d, assay_err *err);
void outlier_list_clear(outlier_list *list);
ASSAY_AUTO_CLEAR_DECLARE(outlier_list)

#endif
