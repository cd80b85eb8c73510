#ifndef EVAL_THINNING_H
#define EVAL_THINNING_H

#include "eval/ranking.h"

#include <math.h>

/**
 * Which points of a long curve are kept, decided in one pass. Two counts that never fall describe a
 * place on the curve. A point is kept when, since the last one kept, `a` grew by a fixed share of
 * its total, or `b` did (ROC: true and false positives), or `b` grew by a fixed factor (PR and
 * risk-coverage: samples above the threshold, because precision and risk move with the logarithm of
 * that number). Each way has half of the points, so the first, the last and all that are kept
 * together are at most `most`. Both start at 0, so the first point asked for is kept.
 */
typedef struct thinning {
    uint64_t a_step, a_next, b_step, b_next;
    double b_factor; /* growth beyond 1 */
    bool all;
} thinning;

static inline uint64_t thinning_step(uint64_t total, uint64_t times)
{
    return times ? (total + times - 1) / times : UINT64_MAX / 2;
}

/** For a curve of `full` points of which at most `most` (>= 2) are kept, between equal shares of
 * both counts. */
static inline thinning thinning_by_shares(size_t full, size_t most, uint64_t a_total,
                                          uint64_t b_total)
{
    const size_t inner = most - 2;
    return (thinning){.a_step = thinning_step(a_total, inner / 2),
                      .b_step = thinning_step(b_total, inner - inner / 2),
                      .all = full <= most};
}

/** The same between equal shares of `a` and equal factors of `b`. */
static inline thinning thinning_by_factor(size_t full, size_t most, uint64_t a_total,
                                          uint64_t b_total)
{
    const size_t inner = most - 2;
    const double times = (double)(inner - inner / 2);
    return (thinning){.a_step = thinning_step(a_total, inner / 2),
                      .b_step = times > 0 ? 1 : UINT64_MAX / 2,
                      .b_factor = times > 0 ? expm1(log((double)b_total) / times) : 0,
                      .all = full <= most};
}

/** Whether the point at (a, b) is kept; `last`: it ends the curve. */
static inline bool thinning_keeps(thinning *t, uint64_t a, uint64_t b, bool last)
{
    if (!t->all && !last && a < t->a_next && b < t->b_next)
        return false;
    const uint64_t grown = (uint64_t)ceil((double)b * t->b_factor);
    t->a_next = a + t->a_step;
    t->b_next = b + (grown > t->b_step ? grown : t->b_step);
    return true;
}

#endif
