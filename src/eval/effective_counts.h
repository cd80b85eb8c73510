#ifndef EVAL_EFFECTIVE_COUNTS_H
#define EVAL_EFFECTIVE_COUNTS_H

#include "eval/confusion.h"
#include "eval/samples.h"

/** How many independent samples the proportions of one class are worth. 0: as many as there are.
 * NaN: one group, nothing is known. */
typedef struct class_effective {
    double recall, precision, f1; /* of the samples of the class, predicted as it, in either */
    uint32_t groups;              /* with a sample of the class */
} class_effective;

/** Effective numbers of samples, from the spread between groups. Zeroes without groups. */
typedef struct effective_counts {
    double accuracy, micro_precision;
    uint32_t groups;            /* with a sample whose class is shown */
    class_effective *per_class; /* class_count; NULL without groups */
} effective_counts;

/**
 * The influence of sample i on a ratio p = Σx/Σd is (x_i - p·d_i)/Σd; they are summed within
 * groups, and G counts the groups that have a sample in the denominator. `s` are all samples of the
 * matrix, or NULL. NOMEM. O(N + K).
 */
ASSAY_MUST_USE assay_code effective_counts_init(effective_counts *out, const confusion *c,
                                                const samples *s, const bool *shown,
                                                assay_err *err);
void effective_counts_clear(effective_counts *e);

#endif
