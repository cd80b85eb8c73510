#ifndef EVAL_MATRIX_INTERVAL_H
#define EVAL_MATRIX_INTERVAL_H

#include "eval/effective_counts.h"
#include "eval/matrix_function.h"
#include "eval/options.h"
#include "eval/score.h"

/**
 * Every function of the matrix with its interval, into scores[MATRIX_FUNCTIONS]; NaN without
 * interval where there is no answer.
 *
 * Delta method: Var = Σ_i n_i·(variance of g within row i + (mean of g in row i - mean of g)²),
 * which is Σ C g² - (Σ C g)²/N with g at the counted matrix, but within a row the share of right
 * predictions is taken as (TP + 1)/(n + 2): rows without an error would say that they could have
 * none. The wrong ones share what is left as they were counted; where there are none, they are
 * taken to have the mean column derivative of all samples. For the balanced accuracy that is Σ r(1
 * - r)/n / K². Measured (tests/simulation/coverage_matrix.c): too wide with many classes of hardly
 * any error each (up to 99.8 % for 95 %); weighted precision is biased upwards with many classes of
 * few samples and many errors, so that its interval holds too seldom (87 % at 50 classes of 20
 * samples, 60 % right).
 *
 * Groups: g - mean g summed within groups, not shrunk. Bootstrap on request, not with groups (cells
 * drawn one by one know nothing of groups): percentiles of `options->bootstrap` multinomial draws,
 * each with a random stream of its own. A score of exactly 0 or 1 (MCC: -1 or 1) gets Wilson's
 * bound for the smallest class: all wrong or all right of its samples, or groups. NOMEM. O(cells +
 * K) a function; with groups O(N); bootstrap O(replicates · (cells + K)).
 */
ASSAY_MUST_USE assay_code matrix_function_scores(const confusion *c, const samples *s,
                                                 const effective_counts *effective,
                                                 const evaluation_options *options, score *scores,
                                                 assay_err *err);

#endif
