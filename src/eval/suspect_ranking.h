#ifndef EVAL_SUSPECT_RANKING_H
#define EVAL_SUSPECT_RANKING_H

#include "assay/err.h"
#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/** Two scores of the same samples; NaN where there is none. Borrowed. */
typedef struct suspect_scores {
    const double *first, *second;
    size_t count;
} suspect_scores;

/**
 * Samples in the order of two scores together: each score gives mid-ranks (higher scores are more
 * suspect), and the sums of the ranks order the samples. A sample without either score (NaN) takes
 * no part. `order` receives sample indices, the most suspect first, the lower index among equals;
 * `rank_sum` (NULL: not wanted) the sum of each sample over the largest possible, 0..1, and NaN
 * where it takes no part. Both have `count` entries of room. `*ranked`: how many take part. NOMEM.
 * O(count).
 */
ASSAY_MUST_USE assay_code suspect_ranking(const suspect_scores *scores, uint32_t *order,
                                          double *rank_sum, size_t *ranked, assay_err *err);

#endif
