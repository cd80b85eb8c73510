#ifndef EVAL_COMPARE_PARTS_H
#define EVAL_COMPARE_PARTS_H

#include "eval/compare.h"

/* What the files of the comparison share. */

/** Two models' samples: the same rows, those that are compared. */
typedef struct sample_pair {
    samples a, b;
} sample_pair;

/** A rule for rows beyond having a label and both predictions. */
typedef bool sample_rule(const frame *f, size_t row);

/** The samples that are selected, labelled and predicted by both, that fulfil `rule` (NULL: all)
 * in both frames and whose label is shown (NULL: all). NOMEM. O(N). */
ASSAY_MUST_USE assay_code sample_pair_init(sample_pair *out, const comparison_request *request,
                                           sample_rule *rule, const bool *shown, assay_err *err);
void sample_pair_clear(sample_pair *p);
ASSAY_AUTO_CLEAR_DECLARE(sample_pair)

/** Add a score; one of which neither has a value is left out. */
void comparison_add(comparison *out, const score_difference *of);

/** A difference of proportions over the same samples, with Tango's interval. */
score difference_of_proportions(uint64_t only_a, uint64_t only_b, uint64_t n, double z);

/** Log loss, Brier, top-k, macro AUROC, macro AP and AURC as far as both models have them. */
ASSAY_MUST_USE assay_code compare_probabilities(comparison *out, const comparison_request *request,
                                                assay_err *err);
ASSAY_MUST_USE assay_code compare_rankings(comparison *out, const comparison_request *request,
                                           assay_err *err);
ASSAY_MUST_USE assay_code compare_risks(comparison *out, const comparison_request *request,
                                        assay_err *err);

#endif
