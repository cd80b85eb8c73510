#ifndef STATS_INTERVAL_H
#define STATS_INTERVAL_H

#include <stdint.h>

/** A confidence interval; both NaN where there is none. */
typedef struct interval {
    double low, high;
} interval;

/** Wilson score interval of successes/n for real n > 0 (an effective n need not be whole); none for
 * n <= 0. z is the normal quantile. */
interval interval_wilson(double successes, double n, double z);

/** Clopper-Pearson (exact) interval of successes out of n at a level such as 0.95; none for n = 0.
 */
interval interval_clopper_pearson(uint64_t successes, uint64_t n, double level);

/** value in (0, 1) with standard error `se`: value ± z·se on the logit scale, mapped back. value 0
 * or 1, or se not finite: none. */
interval interval_logit(double value, double se, double z);

/** The same when the standard error is given on the logit scale itself. */
interval interval_logit_scale(double value, double se_logit, double z);

/** value in (-1, 1) with standard error `se`: ± z on Fisher's scale atanh(value), mapped back. None
 * for se 0. */
interval interval_fisher(double value, double se, double z);

/** value ± z·se. */
interval interval_plain(double value, double se, double z);

/** Interval of F1 = 2J/(1+J) from the Wilson (exact: Clopper-Pearson) interval of J = tp/in_union;
 * none for in_union = 0. */
interval interval_f1(double tp, double in_union, double z);
interval interval_f1_exact(uint64_t tp, uint64_t in_union, double level);

/** Kept inside [low, high]. */
interval interval_clip(interval i, double low, double high);

#endif
