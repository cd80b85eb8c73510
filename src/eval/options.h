#ifndef EVAL_OPTIONS_H
#define EVAL_OPTIONS_H

#include "base/cancellation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How to evaluate. Filled with evaluation_defaults() first. */
typedef struct evaluation_options {
    double confidence_level; /* 0.5 .. 0.9999; 0.95 */
    bool exact_proportions;  /* Clopper-Pearson instead of Wilson */
    uint32_t bootstrap;      /* replicates for functions of the matrix; 0: delta method */
    uint32_t bins;           /* of performance by metric: BINS_LEAST..BINS_MOST; 50 */
    bool equal_width;        /* bins of equal width instead of equal counts */
    bool importance_nearest; /* the nearest-neighbour estimator instead of the binned one */
    uint64_t seed;
    int thread_count;     /* 1..THREADS_MOST */
    const bool *shown;    /* class_count flags, or NULL: all classes */
    const bool *ranked;   /* class_count flags of those that are ranked against the rest, for who
                             wants no means; NULL: all */
    const size_t *metric; /* the metrics to analyse, indices into frame->metric */
    size_t metric_count;  /* 0: none */
    /* Only what is quick, for whoever will ask for the rest: neither ranking, rank correlation,
     * calibration, curves, risk nor performance by metric. */
    bool first;
    /* What is known of the order of each of the frame's metrics (eval/metric_codes.h), so that
     * nothing needs to be sorted; NULL: nothing, an entry NULL: nothing of that metric. */
    const struct metric_codes *const *codes;
    /* What an evaluation of the same samples with the same options but `first` has found, and need
     * not be found again; the new one borrows of it, and has the same bits as without. NULL:
     * nothing. */
    const struct evaluation *known;
    /* Who asks for less than what was begun: it is given up within some 50 ms of ten million
     * samples, CANCELLED. NULL: nobody does. */
    cancellation *stop;
} evaluation_options;

#endif
