/* Confidence intervals of single numbers. Where a formula cancels near 0 or 1 it is written in the
 * form that does not, so that the bounds are exact at the edges. */
#include "stats/interval.h"

#include "stats/special.h"

#include <math.h>

static const interval NONE = {(double)NAN, (double)NAN};

/* The smaller root of Wilson's quadratic, as product of the roots over the larger one. */
static double wilson_low(double successes, double n, double z)
{
    const double spread = sqrt(successes * (n - successes) / n + z * z / 4.0);
    return successes * (successes / n) / (successes + z * z / 2.0 + z * spread);
}

interval interval_wilson(double successes, double n, double z)
{
    if (!(n > 0.0))
        return NONE;
    return (interval){wilson_low(successes, n, z), 1.0 - wilson_low(n - successes, n, z)};
}

static double clopper_pearson_low(uint64_t successes, uint64_t n, double level)
{
    if (successes == 0)
        return 0.0;
    return beta_quantile((1.0 - level) / 2.0, (double)successes, (double)(n - successes) + 1.0);
}

interval interval_clopper_pearson(uint64_t successes, uint64_t n, double level)
{
    if (n == 0)
        return NONE;
    return (interval){clopper_pearson_low(successes, n, level),
                      1.0 - clopper_pearson_low(n - successes, n, level)};
}

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* There and back, a bound next to the value may have been rounded across it. */
static interval around(double value, double low, double high)
{
    return (interval){fmin(value, low), fmax(value, high)};
}

interval interval_logit_scale(double value, double se_logit, double z)
{
    if (!(value > 0.0 && value < 1.0) || !isfinite(se_logit))
        return NONE;
    const double middle = log(value / (1.0 - value));
    return around(value, logistic(middle - z * se_logit), logistic(middle + z * se_logit));
}

interval interval_logit(double value, double se, double z)
{
    return interval_logit_scale(value, se / (value * (1.0 - value)), z);
}

interval interval_fisher(double value, double se, double z)
{
    const double se_fisher = se / ((1.0 - value) * (1.0 + value));
    if (!(fabs(value) < 1.0) || !isfinite(se_fisher))
        return NONE;
    const double middle = atanh(value);
    return around(value, tanh(middle - z * se_fisher), tanh(middle + z * se_fisher));
}

interval interval_plain(double value, double se, double z)
{
    if (!isfinite(value) || !isfinite(se))
        return NONE;
    return (interval){value - z * se, value + z * se};
}

static interval f1_of_jaccard(interval jaccard)
{
    return (interval){2.0 * jaccard.low / (1.0 + jaccard.low),
                      2.0 * jaccard.high / (1.0 + jaccard.high)};
}

interval interval_f1(double tp, double in_union, double z)
{
    return f1_of_jaccard(interval_wilson(tp, in_union, z));
}

interval interval_f1_exact(uint64_t tp, uint64_t in_union, double level)
{
    return f1_of_jaccard(interval_clopper_pearson(tp, in_union, level));
}

interval interval_clip(interval i, double low, double high)
{
    if (isnan(i.low) || isnan(i.high))
        return NONE;
    return (interval){fmin(fmax(i.low, low), high), fmin(fmax(i.high, low), high)};
}
