#ifndef EVAL_EVALUATION_H
#define EVAL_EVALUATION_H

#include "eval/calibration.h"
#include "eval/confusion.h"
#include "eval/importance.h"
#include "eval/proper.h"
#include "eval/ranking.h"
#include "eval/scores.h"

enum { TOP_PAIRS = 20 };

/** Every number of one evaluation: what the terminal, the JSON and the page show. Immutable once
 * made. */
typedef struct evaluation {
    uint64_t samples; /* selected */
    uint64_t scored;  /* with label and prediction (and, with `shown`, whose label is shown) */
    uint64_t missing_label, missing_prediction;
    confusion *confusion;
    matrix_scores *matrix;
    bool has_probabilities, has_confidence, has_calibration, has_top_k;
    proper_scores proper;     /* where has_probabilities or has_top_k */
    ranking *ranking;         /* NULL without probabilities */
    risk_coverage risk;       /* where has_confidence */
    calibration calibration;  /* where has_calibration */
    metric_analyses *metrics; /* NULL without metrics */
    confused_pair pair[TOP_PAIRS], pair_both_ways[TOP_PAIRS];
    size_t pair_count, pair_both_ways_count;
    uint32_t group_count; /* 0 without groups */
    bool borrows;         /* confusion and matrix are options->known's */
} evaluation;

void evaluation_defaults(evaluation_options *options);

/**
 * Evaluate the selected samples of a frame. Everything is borrowed for the call. USAGE (an option
 * out of range), NOMEM, LIMIT, CANCELLED (options->stop). O(N·K) with probabilities.
 */
ASSAY_MUST_USE assay_code evaluation_new(const frame *f, const selection *selected,
                                         const evaluation_options *options, evaluation **out,
                                         assay_err *err);
void evaluation_free(evaluation *e);

/** Give up what is borrowed of the frame, so that it may outlive it: names of metrics become NULL.
 */
void evaluation_detach(evaluation *e);

/** What it weighs. */
size_t evaluation_bytes(const evaluation *e);

#endif
