#ifndef EVAL_ORDERED_METRIC_H
#define EVAL_ORDERED_METRIC_H

#include "base/cancellation.h"
#include "eval/metric_codes.h"
#include "eval/samples.h"

/** The performance of one class: recall among the samples of that true class, or precision among
 * those predicted as it. */
typedef enum performance_of { PERFORMANCE_RECALL, PERFORMANCE_PRECISION } performance_of;
typedef struct class_question {
    uint16_t class_code;
    performance_of what;
} class_question;

/** How many samples there are up to the end of a run of equal values, and how many of them are
 * right. */
typedef struct ordered_run {
    uint32_t end, right;
} ordered_run;

/**
 * The samples that have a value of a metric, in ascending order of it: what curves, ranks and
 * information are all read from. Made once for each worker and filled with one metric after the
 * other.
 */
typedef struct ordered_metric {
    size_t count;           /* samples with a value */
    uint64_t *key;          /* sort_key_f64() of their values, ascending */
    uint32_t *tag;          /* twice the sample's position, plus 1 where it is right */
    const ordered_run *run; /* of equal values, ascending: what is asked of all samples is asked of
                               these, each once; lies in key_spare */
    size_t run_count;
    uint64_t *key_spare; /* of sorts; writing to it ends the runs */
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

/** The run before number `run`; of the first one, none and nothing. O(1). */
static inline ordered_run ordered_run_before(const ordered_metric *o, size_t run)
{
    return run ? o->run[run - 1] : (ordered_run){0, 0};
}

/** How many samples run number `run` has, and how many of them are right. O(1). */
static inline ordered_run ordered_run_of(const ordered_metric *o, size_t run)
{
    const ordered_run before = ordered_run_before(o, run);
    return (ordered_run){o->run[run].end - before.end, o->run[run].right - before.right};
}

/** Which run holds the sample at `position`; run_count at or past the end. O(log N). */
size_t ordered_run_at(const ordered_metric *o, size_t position);

/** How many of the samples at [begin, end) are right. O(log N) where equal values are not parted.
 */
uint64_t ordered_correct(const ordered_metric *o, size_t begin, size_t end);

/** The groups of the samples at [begin, end), numbered without gaps; valid until the next call. No
 * group without --group. O(end - begin). */
clustering ordered_groups(const ordered_metric *o, const samples *s, size_t begin, size_t end);

#endif
