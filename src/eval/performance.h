#ifndef EVAL_PERFORMANCE_H
#define EVAL_PERFORMANCE_H

#include "eval/metric_codes.h"
#include "eval/options.h"
#include "eval/samples.h"
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

/** The performance of one class: recall among the samples of that true class, or precision among
 * those predicted as it. */
typedef enum performance_of { PERFORMANCE_RECALL, PERFORMANCE_PRECISION } performance_of;
typedef struct class_question {
    uint16_t class_code;
    performance_of what;
} class_question;

/** Samples without a value are left out; `out` has no bins when none is left. NOMEM,
 * CANCELLED. O(N). */
ASSAY_MUST_USE assay_code class_performance(const samples *s, const metric_column *metric,
                                            class_question question,
                                            const evaluation_options *options,
                                            metric_performance *out, assay_err *err);
void metric_performance_clear(metric_performance *p);

/**
 * The samples that have a value of a metric, in ascending order of it: what curves, ranks and
 * information are all read from. Made once for each worker and filled with one metric after the
 * other.
 */
typedef struct ordered_metric {
    size_t count;  /* samples with a value */
    uint64_t *key; /* sort_key_f64() of their values, ascending */
    uint32_t *tag; /* twice the sample's position, plus 1 where it is right */
    uint64_t *key_spare;
    uint32_t *tag_spare;
    /* With groups only. */
    uint32_t *group;    /* what ordered_groups() answers with */
    uint32_t *number;   /* group_count: scratch of ordered_groups() */
    double *psi;        /* an influence for each sample in order, to be filled by the caller */
    double *sum;        /* group_count: scratch of cluster_se() */
    cancellation *stop; /* the caller's, set after the init; NULL: it is never given up */
} ordered_metric;

/** Room for any metric of `s`. NOMEM. */
ASSAY_MUST_USE assay_code ordered_metric_init(ordered_metric *o, const samples *s, assay_err *err);
void ordered_metric_clear(ordered_metric *o);

/** Order the samples by value[row]; with `only`, those that its question is about. The same at any
 * number of threads. Where `stop` is asked, here and below, there are no samples. O(N), a sort by
 * digits. */
void ordered_metric_fill(ordered_metric *o, const samples *s, const double *value,
                         const class_question *only, int thread_count);

/** The same without a sort, from what is known of the metric's order: the samples are `rows`, at
 * most as many as there is room for, of which `right` are right. Tags hold rows instead of
 * positions, so that nothing may be asked of groups. O(N). */
void ordered_metric_fill_coded(ordered_metric *o, const metric_codes *c, const selection *rows,
                               const selection *right);

/** How many of the samples at [begin, end) are right. */
uint64_t ordered_correct(const ordered_metric *o, size_t begin, size_t end);

/** The groups of the samples at [begin, end), numbered without gaps; valid until the next call. No
 * group without --group. O(end - begin). */
clustering ordered_groups(const ordered_metric *o, const samples *s, size_t begin, size_t end);

/** Room for options->bins bins. NOMEM. */
ASSAY_MUST_USE assay_code metric_performance_init(metric_performance *p,
                                                  const evaluation_options *options,
                                                  assay_err *err);

/** The curve of an ordered metric into a performance with room. O(N). */
void ordered_performance(const ordered_metric *o, const samples *s,
                         const evaluation_options *options, metric_performance *p);

#endif
