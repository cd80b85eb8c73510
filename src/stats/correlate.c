/* Pearson's correlation and the influence of each sample on it. Spearman's is the same on ranks.
 * Sums run in fixed lanes, so that the compiler can use the whole width of the processor without
 * reordering anything. */
#include "stats/correlate.h"

#include <math.h>
#include <stdbool.h>

enum { LANES = 8 };

/* |r| nearer to 1 than this is 1 but for rounding. */
static const double ROUNDING = 1e-14;

/* One variable: (x·scale - mean) is centred, and the scale keeps its squares from over- and
 * underflowing. */
typedef struct side {
    double scale;
    double mean;
} side;

typedef struct moments {
    double xx, xy, yy; /* sums of products of the centred variables */
} moments;

static double sum_lanes(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static double sum_scaled(const double *x, size_t n, double scale)
{
    double lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += x[i + k] * scale;
    for (; i < n; i++)
        lane[i % LANES] += x[i] * scale;
    return sum_lanes(lane);
}

/* The smallest and the largest of n >= 1 numbers. */
static void find_extremes(const double *x, size_t n, double *smallest, double *largest)
{
    double low[LANES], high[LANES];
    for (size_t k = 0; k < LANES; k++)
        low[k] = high[k] = x[0];
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            low[k] = x[i + k] < low[k] ? x[i + k] : low[k];
            high[k] = x[i + k] > high[k] ? x[i + k] : high[k];
        }
    for (; i < n; i++) {
        low[0] = fmin(low[0], x[i]);
        high[0] = fmax(high[0], x[i]);
    }
    for (size_t k = 1; k < LANES; k++) {
        low[0] = fmin(low[0], low[k]);
        high[0] = fmax(high[0], high[k]);
    }
    *smallest = low[0];
    *largest = high[0];
}

/* Scale and mean of n >= 1 numbers; false where all are equal. */
static bool side_init(side *s, const double *x, size_t n)
{
    double low, high;
    find_extremes(x, n, &low, &high);
    if (low == high)
        return false;
    int exponent;
    (void)frexp(fmax(fabs(low), fabs(high)), &exponent);
    /* A power of two rounds nothing. Beyond ±1000 it would itself leave the range of a double. */
    s->scale = ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
    s->mean = sum_scaled(x, n, s->scale) / (double)n;
    return true;
}

static inline double centred(side s, double x)
{
    return x * s.scale - s.mean;
}

static moments sum_products(const double *restrict x, side of_x, const double *restrict y,
                            side of_y, size_t n)
{
    double xx[LANES] = {0}, xy[LANES] = {0}, yy[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const double a = centred(of_x, x[i + k]), b = centred(of_y, y[i + k]);
            xx[k] += a * a;
            xy[k] += a * b;
            yy[k] += b * b;
        }
    for (; i < n; i++) {
        const double a = centred(of_x, x[i]), b = centred(of_y, y[i]);
        xx[i % LANES] += a * a;
        xy[i % LANES] += a * b;
        yy[i % LANES] += b * b;
    }
    return (moments){sum_lanes(xx), sum_lanes(xy), sum_lanes(yy)};
}

correlation correlate_pearson(const double *restrict x, const double *restrict y, size_t n,
                              double *restrict influence)
{
    correlation c = {(double)NAN, (double)NAN};
    side of_x, of_y;
    if (n < 2 || !side_init(&of_x, x, n) || !side_init(&of_y, y, n))
        return c;
    const moments m = sum_products(x, of_x, y, of_y, n);
    const double r = m.xy / (sqrt(m.xx) * sqrt(m.yy));
    c.r = fmin(1.0, fmax(-1.0, r));
    const double room = (1.0 - c.r) * (1.0 + c.r);
    if (!(room > ROUNDING))
        return c;
    const double count = (double)n, weight = 1.0 / (count * room), half = 0.5 * c.r;
    const double per_sd_x = sqrt(count / m.xx), per_sd_y = sqrt(count / m.yy);
    double squares[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        const double a = centred(of_x, x[i]) * per_sd_x, b = centred(of_y, y[i]) * per_sd_y;
        const double psi = (a * b - half * (a * a + b * b)) * weight;
        squares[i % LANES] += psi * psi;
        if (influence)
            influence[i] = psi;
    }
    c.se_fisher = sqrt(sum_lanes(squares));
    return c;
}
