/* Random counts. */
#include "stats/resample.h"

#include "stats/special.h"

#include <math.h>
#include <stdbool.h>

/* Below this mean it is quicker to walk from zero. */
static const double WALK_MEAN_MOST = 10.0;

/* Below this many draws it is quicker to draw ball by ball. */
enum { BALLS_MOST = 32 };

static uint64_t binomial_by_inversion(rng *r, uint64_t n, double p)
{
    const double odds = p / (1.0 - p);
    double density = exp((double)n * log1p(-p));
    double left = rng_unit(r);
    for (uint64_t k = 0; k < n; k++) {
        if (left < density)
            return k;
        left -= density;
        density *= odds * (double)(n - k) / (double)(k + 1);
    }
    return n;
}

/* Hörmann (1993), transformed rejection with a squeeze; p <= 1/2 and n·p >= 10. */
static uint64_t binomial_by_rejection(rng *r, uint64_t n, double p)
{
    const double count = (double)n;
    const double sd = sqrt(count * p * (1.0 - p));
    const double b = 1.15 + 2.53 * sd;
    const double a = -0.0873 + 0.0248 * b + 0.01 * p;
    const double squeeze = 0.92 - 4.2 / b;
    const double alpha = (2.83 + 5.1 / b) * sd;
    const double at_mode = binomial_density(floor((count + 1.0) * p), count, p);
    for (;;) {
        const double u = rng_unit(r) - 0.5;
        const double v = rng_unit(r);
        const double edge = 0.5 - fabs(u);
        const double k = floor((2.0 * a / edge + b) * u + count * p + 0.5);
        if (edge >= 0.07 && v <= squeeze)
            return (uint64_t)k;
        if (!(k >= 0.0 && k <= count))
            continue;
        if (v * alpha / (a / (edge * edge) + b) <= binomial_density(k, count, p) / at_mode)
            return (uint64_t)k;
    }
}

uint64_t draw_binomial(rng *r, uint64_t n, double p)
{
    if (n == 0 || !(p > 0.0))
        return 0;
    if (p >= 1.0)
        return n;
    const double rarer = p > 0.5 ? 1.0 - p : p;
    const uint64_t drawn = (double)n * rarer < WALK_MEAN_MOST ? binomial_by_inversion(r, n, rarer)
                                                              : binomial_by_rejection(r, n, rarer);
    return p > 0.5 ? n - drawn : drawn;
}

static uint64_t hypergeometric_by_balls(rng *r, uint64_t total, uint64_t good, uint64_t draws)
{
    uint64_t white = 0;
    for (uint64_t i = 0; i < draws; i++)
        white += rng_below(r, total - i) < good - white;
    return white;
}

static double hypergeometric_density(double k, double total, double good, double draws)
{
    const double p = draws / total;
    return binomial_density(k, good, p) * binomial_density(draws - k, total - good, p) /
           binomial_density(draws, total, p);
}

/* Inversion that starts at the mode and goes up and down in turn: about one sd of steps. good and
 * draws are at most total/2. */
static uint64_t hypergeometric_by_inversion(rng *r, uint64_t total, uint64_t good, uint64_t draws)
{
    const double n = (double)total;
    const double m = (double)good;
    const double d = (double)draws;
    const double most = fmin(m, d);
    const double mode = fmin(most, floor((d + 1.0) * (m + 1.0) / (n + 2.0)));
    double below = mode;
    double above = mode;
    double density_below = hypergeometric_density(mode, n, m, d);
    double density_above = density_below;
    double left = rng_unit(r) - density_below;
    while (left >= 0.0 && (below > 0.0 || above < most)) {
        if (above < most) {
            density_above *=
                (m - above) * (d - above) / ((above + 1.0) * (n - m - d + above + 1.0));
            above += 1.0;
            left -= density_above;
            if (left < 0.0)
                return (uint64_t)above;
        }
        if (below > 0.0) {
            density_below *= below * (n - m - d + below) / ((m - below + 1.0) * (d - below + 1.0));
            below -= 1.0;
            left -= density_below;
            if (left < 0.0)
                return (uint64_t)below;
        }
    }
    return (uint64_t)mode;
}

/* good and draws are at most total/2. */
static uint64_t draw_of_halves(rng *r, uint64_t total, uint64_t good, uint64_t draws)
{
    /* The law is the same with the two exchanged. */
    const uint64_t larger = good > draws ? good : draws;
    const uint64_t smaller = good > draws ? draws : good;
    return smaller <= BALLS_MOST ? hypergeometric_by_balls(r, total, larger, smaller)
                                 : hypergeometric_by_inversion(r, total, larger, smaller);
}

uint64_t draw_hypergeometric(rng *r, uint64_t total, uint64_t good, uint64_t draws)
{
    if (good > total)
        good = total;
    if (draws > total)
        draws = total;
    const bool count_black = good > total - good;
    const bool count_left = draws > total - draws;
    const uint64_t colour = count_black ? total - good : good;
    const uint64_t taken = count_left ? total - draws : draws;
    const uint64_t drawn = draw_of_halves(r, total, colour, taken);
    const uint64_t of_colour = count_left ? colour - drawn : drawn;
    return count_black ? draws - of_colour : of_colour;
}

void draw_multinomial(rng *r, const uint64_t *weight, size_t cell_count, uint64_t n, uint64_t *out)
{
    uint64_t weight_left = 0;
    for (size_t i = 0; i < cell_count; i++)
        weight_left += weight[i];
    for (size_t i = 0; i < cell_count; i++) {
        const double share =
            weight[i] == weight_left ? 1.0 : (double)weight[i] / (double)weight_left;
        out[i] = draw_binomial(r, n, share);
        n -= out[i];
        weight_left -= weight[i];
    }
}
