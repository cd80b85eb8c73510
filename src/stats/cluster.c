/* Standard errors of samples that come in groups. */
#include "stats/cluster.h"

#include "stats/compensated.h"

#include <math.h>
#include <string.h>

static double sum_of_squares(const double *x, size_t n)
{
    double sum = 0.0;
    double lost = 0.0;
    for (size_t i = 0; i < n; i++)
        compensated_add(&sum, &lost, x[i] * x[i]);
    return sum + lost;
}

double cluster_se(const double *psi, size_t n, clustering c, double *scratch)
{
    if (!c.group)
        return sqrt(sum_of_squares(psi, n));
    if (c.group_count < 2)
        return (double)NAN;
    memset(scratch, 0, c.group_count * sizeof *scratch);
    for (size_t i = 0; i < n; i++)
        scratch[c.group[i]] += psi[i];
    const double groups = (double)c.group_count;
    return sqrt(groups / (groups - 1.0) * sum_of_squares(scratch, c.group_count));
}

double cluster_effective_n(double p, double se, double n, double groups_seen)
{
    if (p <= 0.0 || p >= 1.0)
        return groups_seen;
    if (isnan(se))
        return se;
    return fmin(n, p * (1.0 - p) / (se * se));
}
