#ifndef EVAL_IMPORTANCE_PARTS_H
#define EVAL_IMPORTANCE_PARTS_H

#include "eval/importance.h"
#include "stats/correlate.h"
#include "stats/mutual_information.h"

/* What both ways of finding a metric's importance share: from sorted samples, and from codes. */

enum {
    VALUES_AS_BINS_MOST = 64,
    INFORMATION_BINS = 32,
    TEST_BINS = 10,
    IMPORTANCE_PERMUTATIONS = 999
};

/* Apart from every other stream of random numbers of the same seed. */
#define PERMUTATION_STREAM ((uint64_t)0x7065726D << 32)

/** Right ones among the samples that have a value. */
typedef struct outcome_total {
    size_t n, right;
} outcome_total;

/** Whether the intervals were not measured for so few right or wrong ones. */
bool outcomes_few(outcome_total t);

/** No answers yet, and room for performance unless options->first. NOMEM. */
ASSAY_MUST_USE assay_code metric_analyses_init(metric_analyses *m, const frame *f,
                                               const size_t *which, size_t count,
                                               const evaluation_options *options, assay_err *err);

/** p-values adjusted over all of them. NOMEM. */
ASSAY_MUST_USE assay_code metric_analyses_adjust(metric_analyses *m, assay_err *err);

/** A correlation as a score; `se` is of its influence, on Fisher's scale. */
score importance_correlation(outcome_total t, correlation c, double se, bool grouped, double z);

/** The information of bins as a score; `se` is of the plug-in. */
score importance_information(outcome_total t, const binned_information *i, double se, bool grouped,
                             double z);

/** Why there can be no test, or NULL. */
const char *importance_untestable(outcome_total t, size_t bin_count);

/** The G-test of bins, by permutation where a cell is expected to hold few. `metric` is its index
 * in the frame: each has random numbers of its own. */
void importance_test(metric_importance *m, const outcome_bin *bins, size_t bin_count,
                     const binned_information *i, uint64_t seed, size_t metric);

void importance_set_p(metric_importance *m, double p, const char *method);

#endif
