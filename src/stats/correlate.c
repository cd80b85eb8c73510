/* Pearson's correlation and the influence of each sample on it. Spearman's is the same on ranks.
 * Sums run in fixed lanes, so that the compiler can use the whole width of the processor without
 * reordering anything. */
#include "stats/correlate.h"

#include <math.h>
#include <string.h>

enum { LANES = 8 };
_Static_assert(CORRELATE_BLOCK % LANES == 0, "a lane's numbers must not depend on the blocks");

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

/* A power of two rounds nothing. Beyond ±1000 it would itself leave the range of a double. */
static double scale_of(double low, double high)
{
    int exponent;
    (void)frexp(fmax(fabs(low), fabs(high)), &exponent);
    return ldexp(1.0, exponent > 1000 ? -1000 : exponent < -1000 ? 1000 : -exponent);
}

static side side_of(correlate_side known)
{
    const double scale = scale_of(known.low, known.high);
    return (side){scale, known.mean * scale};
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
    return x * s.scale - s.mean;
}

typedef struct product_lanes {
    double xx[LANES], xy[LANES], yy[LANES];
} product_lanes;

static void add_products(const block *b, side of_x, side of_y, product_lanes *restrict to)
{
    size_t i = 0;
    for (; i + LANES <= b->count; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const double x = centred(of_x, b->x[i + k]), y = centred(of_y, b->y[i + k]);
            to->xx[k] += x * x;
            to->xy[k] += x * y;
            to->yy[k] += y * y;
        }
    for (; i < b->count; i++) {
        const double x = centred(of_x, b->x[i]), y = centred(of_y, b->y[i]);
        to->xx[i % LANES] += x * x;
        to->xy[i % LANES] += x * y;
        to->yy[i % LANES] += y * y;
    }
}

static moments sum_products(const pairs *p, side of_x, side of_y)
{
    product_lanes lanes = {0};
    block b;
    for (size_t begin = 0; begin < p->n; begin += b.count) {
        read_block(p, begin, &b);
        add_products(&b, of_x, of_y, &lanes);
    }
    return (moments){sum_lanes(lanes.xx), sum_lanes(lanes.xy), sum_lanes(lanes.yy)};
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
    const double r = m.xy / (sqrt(m.xx) * sqrt(m.yy));
    c.r = fmin(1.0, fmax(-1.0, r));
    const double room = (1.0 - c.r) * (1.0 + c.r);
    if (!(room > ROUNDING))
        return c;
    const double count = (double)n;
    const influence_terms terms = {
        of_x, of_y, sqrt(count / m.xx), sqrt(count / m.yy), 0.5 * c.r, 1.0 / (count * room)};
    c.se_fisher = influence_norm(&p, &terms, influence);
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
