/* Pearson's correlation and the influence of each sample on it. Spearman's is the same on ranks.
 * Sums run in fixed lanes, so that the compiler can use the whole width of the processor without
 * reordering anything. */
#include "stats/correlate.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { LANES = 8 };
_Static_assert(CORRELATE_BLOCK % LANES == 0, "a lane's numbers must not depend on the blocks");

/* |r| nearer to 1 than this is 1 but for rounding. */
static const double ROUNDING = 1e-14;

/* One variable: (x·scale - mean) - rest is centred, and the scale keeps its squares from over- and
 * underflowing. The rest is what the mean lost when it was rounded: as much as the whole spread of
 * numbers that differ in their last digits. */
typedef struct side {
    double scale;
    double mean;
    double rest;
} side;

typedef struct moments {
    double x, y;       /* sums of the variables less their rounded means */
    double xx, xy, yy; /* sums of products of the same */
} moments;

static double sum_lanes(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
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

/* Numbers come a block after the other, a multiple of the lanes, so that a lane gets the same ones
 * however many there are. */
typedef struct pairs {
    correlate_source *fill;
    const void *context;
    size_t n;
} pairs;

typedef struct block {
    double x[CORRELATE_BLOCK], y[CORRELATE_BLOCK];
    size_t count;
} block;

static void read_block(const pairs *p, size_t begin, block *out)
{
    out->count = p->n - begin < CORRELATE_BLOCK ? p->n - begin : CORRELATE_BLOCK;
    p->fill(p->context, begin, out->count, out->x, out->y);
}

static void add_scaled(const double *restrict x, size_t n, double scale, double *restrict lane)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += x[i + k] * scale;
    for (; i < n; i++)
        lane[i % LANES] += x[i] * scale;
}

double correlate_scale(double low, double high)
{
    int exponent;
    (void)frexp(fmax(fabs(low), fabs(high)), &exponent);
    return ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
}

static side side_of(correlate_side known)
{
    const double scale = correlate_scale(known.low, known.high);
    return (side){scale, known.mean * scale, 0.0};
}

static void find_means(const pairs *p, side *of_x, side *of_y)
{
    double x[LANES] = {0}, y[LANES] = {0};
    block b;
    for (size_t begin = 0; begin < p->n; begin += b.count) {
        read_block(p, begin, &b);
        add_scaled(b.x, b.count, of_x->scale, x);
        add_scaled(b.y, b.count, of_y->scale, y);
    }
    of_x->mean = sum_lanes(x) / (double)p->n;
    of_y->mean = sum_lanes(y) / (double)p->n;
}

static inline double centred(side s, double x)
{
    return (x * s.scale - s.mean) - s.rest;
}

typedef struct product_lanes {
    double x[LANES], y[LANES], xx[LANES], xy[LANES], yy[LANES];
} product_lanes;

static inline void add_product(product_lanes *restrict to, size_t lane, double x, double y)
{
    to->x[lane] += x;
    to->y[lane] += y;
    to->xx[lane] += x * x;
    to->xy[lane] += x * y;
    to->yy[lane] += y * y;
}

static void add_products(const block *b, side of_x, side of_y, product_lanes *restrict to)
{
    size_t i = 0;
    for (; i + LANES <= b->count; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            add_product(to, k, centred(of_x, b->x[i + k]), centred(of_y, b->y[i + k]));
    for (; i < b->count; i++)
        add_product(to, i % LANES, centred(of_x, b->x[i]), centred(of_y, b->y[i]));
}

static moments sum_products(const pairs *p, side of_x, side of_y)
{
    product_lanes lanes = {0};
    block b;
    for (size_t begin = 0; begin < p->n; begin += b.count) {
        read_block(p, begin, &b);
        add_products(&b, of_x, of_y, &lanes);
    }
    return (moments){sum_lanes(lanes.x), sum_lanes(lanes.y), sum_lanes(lanes.xx),
                     sum_lanes(lanes.xy), sum_lanes(lanes.yy)};
}

/* What turns centred values into influences. */
typedef struct influence_terms {
    side of_x, of_y;
    double per_sd_x, per_sd_y, half, weight;
} influence_terms;

static inline double influence_of(const influence_terms *t, double x, double y)
{
    const double a = centred(t->of_x, x) * t->per_sd_x, b = centred(t->of_y, y) * t->per_sd_y;
    return (a * b - t->half * (a * a + b * b)) * t->weight;
}

static void add_influences(const block *b, const influence_terms *terms, double *restrict squares,
                           double *restrict influence)
{
    const influence_terms t = *terms;
    double psi[CORRELATE_BLOCK];
    for (size_t i = 0; i < b->count; i++)
        psi[i] = influence_of(&t, b->x[i], b->y[i]);
    size_t i = 0;
    for (; i + LANES <= b->count; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            squares[k] += psi[i + k] * psi[i + k];
    for (; i < b->count; i++)
        squares[i % LANES] += psi[i] * psi[i];
    if (influence)
        memcpy(influence, psi, b->count * sizeof *psi);
}

static double influence_norm(const pairs *p, const influence_terms *terms, double *influence)
{
    double squares[LANES] = {0};
    block b;
    for (size_t begin = 0; begin < p->n; begin += b.count) {
        read_block(p, begin, &b);
        add_influences(&b, terms, squares, influence ? influence + begin : NULL);
    }
    return sqrt(sum_lanes(squares));
}

/* r, and what its influences are made of; false where they have no end. */
static bool conclude(const moments *m, double n, side of_x, side of_y, double *r,
                     influence_terms *out)
{
    of_x.rest = m->x / n;
    of_y.rest = m->y / n;
    const double xx = m->xx - m->x * of_x.rest, yy = m->yy - m->y * of_y.rest;
    *r = fmin(1.0, fmax(-1.0, (m->xy - m->x * of_y.rest) / (sqrt(xx) * sqrt(yy))));
    const double room = (1.0 - *r) * (1.0 + *r);
    if (!(room > ROUNDING))
        return false;
    *out = (influence_terms){of_x, of_y, sqrt(n / xx), sqrt(n / yy), 0.5 * *r, 1.0 / (n * room)};
    return true;
}

correlation correlate_pairs(correlate_source *fill, const void *context, size_t n, correlate_side x,
                            correlate_side y, double *influence)
{
    correlation c = {(double)NAN, (double)NAN};
    if (n < 2 || x.low == x.high || y.low == y.high)
        return c;
    const pairs p = {fill, context, n};
    side of_x = side_of(x), of_y = side_of(y);
    if (isnan(x.mean) || isnan(y.mean))
        find_means(&p, &of_x, &of_y);
    const moments m = sum_products(&p, of_x, of_y);
    influence_terms terms;
    if (conclude(&m, (double)n, of_x, of_y, &c.r, &terms))
        c.se_fisher = influence_norm(&p, &terms, influence);
    return c;
}

/* Distinct values with their outcomes, a block after the other. */
typedef struct outcomes {
    outcome_source *fill;
    const void *context;
    size_t count;
    double ones, zeros;
} outcomes;

typedef struct outcome_block {
    double x[CORRELATE_BLOCK], one[CORRELATE_BLOCK], zero[CORRELATE_BLOCK];
    size_t count; /* a multiple of the lanes: what is missing has no samples */
} outcome_block;

static size_t read_outcomes(const outcomes *o, size_t begin, outcome_block *out)
{
    size_t n = o->count - begin < CORRELATE_BLOCK ? o->count - begin : CORRELATE_BLOCK;
    o->fill(o->context, begin, n, out->x, out->one, out->zero);
    const size_t end = begin + n;
    for (; n % LANES; n++)
        out->x[n] = out->one[n] = out->zero[n] = 0.0;
    out->count = n;
    return end;
}

static double outcome_mean(const outcomes *o, double scale)
{
    double sum[LANES] = {0};
    outcome_block b;
    for (size_t begin = 0; begin < o->count;) {
        begin = read_outcomes(o, begin, &b);
        for (size_t i = 0; i < b.count; i += LANES)
            for (size_t k = 0; k < LANES; k++)
                sum[k] += (b.one[i + k] + b.zero[i + k]) * (b.x[i + k] * scale);
    }
    return sum_lanes(sum) / (o->ones + o->zeros);
}

/* The products of the centred values and outcomes; those of the outcomes alone are known. */
static moments outcome_products(const outcomes *o, side of_x)
{
    const double n = o->ones + o->zeros, share = o->ones / n, rest = o->zeros / n;
    double x_sum[LANES] = {0}, xx[LANES] = {0}, xy[LANES] = {0};
    outcome_block b;
    for (size_t begin = 0; begin < o->count;) {
        begin = read_outcomes(o, begin, &b);
        for (size_t i = 0; i < b.count; i += LANES)
            for (size_t k = 0; k < LANES; k++) {
                const double x = centred(of_x, b.x[i + k]);
                const double count = b.one[i + k] + b.zero[i + k];
                x_sum[k] += count * x;
                xx[k] += count * (x * x);
                xy[k] += (b.one[i + k] * rest - b.zero[i + k] * share) * x;
            }
    }
    return (moments){sum_lanes(x_sum), 0.0, sum_lanes(xx), sum_lanes(xy), n * share * rest};
}

static double outcome_influence_norm(const outcomes *o, const influence_terms *terms)
{
    const influence_terms t = *terms;
    double squares[LANES] = {0};
    outcome_block b;
    for (size_t begin = 0; begin < o->count;) {
        begin = read_outcomes(o, begin, &b);
        for (size_t i = 0; i < b.count; i += LANES)
            for (size_t k = 0; k < LANES; k++) {
                const double one = influence_of(&t, b.x[i + k], 1.0);
                const double zero = influence_of(&t, b.x[i + k], 0.0);
                squares[k] += b.one[i + k] * (one * one) + b.zero[i + k] * (zero * zero);
            }
    }
    return sqrt(sum_lanes(squares));
}

correlation correlate_outcomes(outcome_source *fill, const void *context, size_t value_count,
                               double ones, double zeros, correlate_side x)
{
    correlation c = {(double)NAN, (double)NAN};
    if (!(ones > 0.0 && zeros > 0.0) || x.low == x.high)
        return c;
    const outcomes o = {fill, context, value_count, ones, zeros};
    side of_x = side_of(x);
    if (isnan(x.mean))
        of_x.mean = outcome_mean(&o, of_x.scale);
    const side of_y = {1.0, ones / (ones + zeros), 0.0};
    const moments m = outcome_products(&o, of_x);
    influence_terms terms;
    if (conclude(&m, ones + zeros, of_x, of_y, &c.r, &terms))
        c.se_fisher = outcome_influence_norm(&o, &terms);
    return c;
}

typedef struct two_arrays {
    const double *x, *y;
} two_arrays;

static void fill_from_arrays(const void *context, size_t begin, size_t count, double *x, double *y)
{
    const two_arrays *from = context;
    memcpy(x, from->x + begin, count * sizeof *x);
    memcpy(y, from->y + begin, count * sizeof *y);
}

correlation correlate_pearson(const double *restrict x, const double *restrict y, size_t n,
                              double *restrict influence)
{
    if (n < 2)
        return (correlation){(double)NAN, (double)NAN};
    correlate_side of_x = {.mean = (double)NAN}, of_y = {.mean = (double)NAN};
    find_extremes(x, n, &of_x.low, &of_x.high);
    find_extremes(y, n, &of_y.low, &of_y.high);
    const two_arrays from = {x, y};
    return correlate_pairs(fill_from_arrays, &from, n, of_x, of_y, influence);
}
