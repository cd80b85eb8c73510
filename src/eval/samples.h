#ifndef EVAL_SAMPLES_H
#define EVAL_SAMPLES_H

#include "base/mem.h"
#include "frame/frame.h"
#include "frame/selection.h"
#include "stats/cluster.h"

/**
 * The samples that a score runs over, gathered into dense arrays: those that are selected and have
 * a label and a prediction (and, when `shown` is given, whose label is shown). Immutable once made.
 */
typedef struct samples {
    size_t count;
    const uint32_t *row;        /* frame row of each sample, ascending; NULL: sample i is row i */
    const uint16_t *label;      /* count codes */
    const uint16_t *prediction; /* count codes */
    clustering groups; /* group of each sample, numbered without gaps; group NULL without --group */
    const frame *frame;
    void *owned[4]; /* what samples_clear() frees */
} samples;

/** `shown`: class_count flags, or NULL for all classes. NOMEM. O(N). Borrows the frame. */
ASSAY_MUST_USE assay_code samples_init(samples *s, const frame *f, const selection *selected,
                                       const bool *shown, assay_err *err);
void samples_clear(samples *s);

/** Those of `s` whose row has valid probabilities; nothing is copied where all have them. Borrows
 * `s` and its frame, which has probabilities. NOMEM. O(N). */
ASSAY_MUST_USE assay_code samples_with_probabilities(samples *out, const samples *s,
                                                     assay_err *err);

static inline size_t samples_row(const samples *s, size_t i)
{
    return s->row ? s->row[i] : i;
}

/**
 * The same samples without those whose value[row] is NaN: `kept` receives the sample positions (i,
 * not rows), count entries of room. Returns how many. O(count).
 */
size_t samples_with_value(const samples *s, const double *value, uint32_t *kept);

#endif
