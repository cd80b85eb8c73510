#ifndef EVAL_TEMPERATURE_H
#define EVAL_TEMPERATURE_H

#include "eval/options.h"
#include "eval/samples.h"

/* Below so many samples a temperature says nothing. */
enum { TEMPERATURE_SAMPLES_LEAST = 20 };

/* A half of more probabilities and more samples than this is thinned: the fit would take longer
 * than all the rest. */
enum { TEMPERATURE_VALUES_MOST = 1 << 23, TEMPERATURE_SAMPLES_MOST = 512 };

/** What one number would do for the calibration; all NaN where there is no answer. */
typedef struct temperature_scaling {
    double temperature; /* in [0.05, 20]; above 1: the model is too sure of itself */
    double ece_before, ece_after, log_loss_before, log_loss_after; /* on the other half */
} temperature_scaling;

/**
 * Temperature scaling over the samples kept[0..count) (positions in `s`): T minimises −Σ ln
 * softmax(ln max(p, ε)/T)_y on one half and is tried on the other. The halves come from a seeded
 * hash of the frame row, so that a filter moves no sample from one to the other; a half of more
 * than TEMPERATURE_VALUES_MOST probabilities is thinned evenly. The confidence is the probability
 * of the prediction. No answer without probabilities or under TEMPERATURE_SAMPLES_LEAST samples.
 * Same bits at any thread count. NOMEM. About ten passes over the fitting samples: the log loss is
 * convex in 1/T.
 */
ASSAY_MUST_USE assay_code temperature_init(temperature_scaling *out, const samples *s,
                                           const uint32_t *kept, size_t count,
                                           const evaluation_options *options, assay_err *err);

#endif
