#ifndef STATS_CORRELATE_H
#define STATS_CORRELATE_H

#include <stddef.h>

/**
 * A correlation and its standard error on Fisher's scale, sd(u)/(√N(1-r²)). `r` is NaN where a side
 * is constant or n < 2; `se_fisher` is NaN there and where |r| is 1, because atanh(r) has no end.
 */
typedef struct correlation {
    double r;
    double se_fisher;
} correlation;

/**
 * Pearson's r of x and y (n finite numbers each), two passes, double sums, at any magnitude.
 * `influence`, when not NULL, receives n values u_i / (n (1-r²)) with u_i = a_i b_i -
 * r(a_i²+b_i²)/2, a and b standardised by population sd: the influence of sample i on atanh(r);
 * se_fisher = sqrt(Σ influence²). Where se_fisher is NaN nothing is written. O(n).
 */
correlation correlate_pearson(const double *restrict x, const double *restrict y, size_t n,
                              double *restrict influence);

/** A power of two, which rounds nothing, that brings numbers from `low` to `high` to about 1, so
 * that their squares stay in the range of a double. O(1). */
double correlate_scale(double low, double high);

enum { CORRELATE_BLOCK = 512 };

/** The pairs [begin, begin + count) of a list into x and y; count is at most CORRELATE_BLOCK. Asked
 * for each pair two or three times, always in the same pieces. */
typedef void correlate_source(const void *context, size_t begin, size_t count, double *x,
                              double *y);

/** What is known of one side beforehand: the smallest and the largest, and the mean or NaN. */
typedef struct correlate_side {
    double low, high, mean;
} correlate_side;

/** correlate_pearson() of pairs that stand in no arrays; to the bit where no mean is known. */
correlation correlate_pairs(correlate_source *fill, const void *context, size_t n, correlate_side x,
                            correlate_side y, double *influence);

/** Of the distinct values [begin, begin + count): each one, and how many samples with it have the
 * outcome 1 and 0. count is at most CORRELATE_BLOCK; asked for each value two or three times. */
typedef void outcome_source(const void *context, size_t begin, size_t count, double *x, double *one,
                            double *zero);

/**
 * The same of samples whose y is 0 or 1 and whose x repeat, each distinct value once: `ones` and
 * `zeros` samples in all. Sums of products of counts and squares, so that the last digits may
 * differ. O(value_count).
 */
correlation correlate_outcomes(outcome_source *fill, const void *context, size_t value_count,
                               double ones, double zeros, correlate_side x);

#endif
