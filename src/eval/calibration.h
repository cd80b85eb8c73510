#ifndef EVAL_CALIBRATION_H
#define EVAL_CALIBRATION_H

#include "eval/calibration_bins.h"
#include "eval/performance.h"
#include "eval/ranking.h"

enum { CALIBRATION_DRAWS = 200 };

/* A bin of at most so many samples is drawn sample by sample; see calibration_init(). */
enum { CALIBRATION_EXACT_MOST = 2000 };

/** A calibration error and what it would be by chance were the model calibrated. */
typedef struct calibration_error {
    double value; /* NaN: no answer */
    double calibrated_mean, calibrated_p95;
} calibration_error;

typedef struct reliability_bin {
    double low, high; /* (low, high], the first [low, high] */
    uint64_t count;
    double confidence; /* mean; NaN for an empty bin */
    score accuracy;
} reliability_bin;

typedef struct calibration {
    calibration_error ece, mce, adaptive_ece;
    calibration_error classwise_ece; /* no answer without probabilities */
    reliability_bin bin[CALIBRATION_BINS];
    /* Temperature scaling (eval/temperature.h); NaN without probabilities or under 20 samples. */
    double temperature, ece_before, ece_after, log_loss_before, log_loss_after;
    uint64_t samples; /* with a confidence */
} calibration;

/** The samples that have a confidence in its order: what calibration, risk and the confidence as a
 * metric are read from. frame->confidence is not NULL. NOMEM. One sort, O(N). */
ASSAY_MUST_USE assay_code confidence_order_init(ordered_metric *out, const samples *s,
                                                const evaluation_options *options, assay_err *err);

/**
 * Calibration of the confidence over the samples that have one, which `confidence` has in order.
 * frame->confidence is not NULL and in [0, 1].
 *
 * "If calibrated": the mean and 95th percentile of each error over CALIBRATION_DRAWS seeded draws
 * in which a prediction of confidence c is right with probability c. What matters of a draw is how
 * many are right in each bin. In a bin of at most CALIBRATION_EXACT_MOST samples every sample is
 * drawn; in a larger one, and in every bin of a class, the count is binomial with the mean and (up
 * to whole trials) the variance of the true sum of unequal coin tosses. The classes' bins are drawn
 * independently of each other.
 *
 * Same bits at any thread count. NOMEM. O(N + N·K).
 */
ASSAY_MUST_USE assay_code calibration_init(calibration *out, const samples *s,
                                           const ordered_metric *confidence,
                                           const evaluation_options *options, assay_err *err);

/** The risk-coverage curve: x = coverage, y = risk, threshold = the least confidence kept. */
typedef struct risk_coverage {
    score aurc;
    curve kept; /* thinned */
} risk_coverage;

/** Over the samples that have a confidence, which `confidence` has in order. NOMEM. O(N). */
ASSAY_MUST_USE assay_code risk_coverage_init(risk_coverage *out, const samples *s,
                                             const ordered_metric *confidence, size_t curve_points,
                                             const evaluation_options *options, assay_err *err);
/** The area alone, and each sample's influence on it into `influence` (s->count numbers; 0 without
 * a confidence): how much it moves the area, to first order. NOMEM. One sort, O(N). */
ASSAY_MUST_USE assay_code risk_area_with_influences(score *aurc, double *influence,
                                                    const samples *s,
                                                    const evaluation_options *options,
                                                    assay_err *err);
void risk_coverage_clear(risk_coverage *r);

#endif
