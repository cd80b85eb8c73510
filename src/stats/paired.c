/* Two proportions over the same pairs: whether they differ, and by how much. Only pairs in which
 * the two disagree tell anything. */
#include "stats/paired.h"

#include "stats/special.h"

#include <math.h>

double paired_mcnemar_p(uint64_t only_first, uint64_t only_second, bool exact)
{
    const uint64_t lesser = only_first < only_second ? only_first : only_second;
    const double m = (double)lesser, n = (double)only_first + (double)only_second;
    if (only_first == only_second)
        return 1.0; /* mid-p: the binomial is symmetric; exact: more than 1 */
    const double at_most = beta_cdf(0.5, n - m, m + 1.0);
    const double p = 2.0 * at_most - (exact ? 0.0 : binomial_density(m, n, 0.5));
    return fmin(1.0, p);
}

/* Shares of the pairs: `lost` first only, `won` second only. */
typedef struct shares {
    double lost, won;
} shares;

/* The most likely share of the lost, given that the won exceed them by `difference`: the larger
 * root of 2q² + b·q - lost·d·(1 - d) = 0. */
static double likely_lost(shares s, double difference)
{
    const double b = (2.0 + s.lost - s.won) * difference - s.lost - s.won;
    const double c = s.lost * difference * (1.0 - difference);
    const double root = sqrt(fmax(0.0, b * b + 8.0 * c));
    /* The form that does not cancel. */
    const double q = b > 0.0 ? 2.0 * c / (root + b) : (root - b) / 4.0;
    return fmax(q, fmax(0.0, -difference));
}

static bool is_compatible(shares s, double n, double difference, double z)
{
    const double away = s.won - s.lost - difference;
    const double spread = 2.0 * likely_lost(s, difference) + difference * (1.0 - difference);
    return n * away * away <= z * z * spread;
}

/* The largest compatible difference. Compatible ones are an interval around that of the sample. */
static double upper_bound(shares s, double n, double z)
{
    enum { HALVINGS = 64 };
    double inside = s.won - s.lost;
    double outside = 1.0;
    if (is_compatible(s, n, outside, z))
        return outside;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = inside + (outside - inside) / 2.0;
        if (is_compatible(s, n, middle, z))
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

interval interval_tango(uint64_t only_first, uint64_t only_second, uint64_t n, double z)
{
    if (n == 0)
        return (interval){(double)NAN, (double)NAN};
    const double count = (double)n;
    const shares s = {(double)only_first / count, (double)only_second / count};
    const shares mirrored = {s.won, s.lost};
    return (interval){-upper_bound(mirrored, count, z), upper_bound(s, count, z)};
}
