#ifndef EVAL_CALIBRATION_BINS_H
#define EVAL_CALIBRATION_BINS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* Equal-width bins of a confidence: bin b is (b/15, (b+1)/15], the first closed at 0. */
enum { CALIBRATION_BINS = 15 };

/** Edge b, b/15 as a double. */
static inline double calibration_edge(size_t b)
{
    return (double)b / CALIBRATION_BINS;
}

/** The bin by comparison with the edges. */
static inline size_t calibration_bin_at_edge(double c)
{
    if (!(c > 1.0 / CALIBRATION_BINS))
        return 0;
    if (c >= 1.0)
        return CALIBRATION_BINS - 1;
    const size_t nearest = (size_t)(c * CALIBRATION_BINS + 0.5);
    return c > calibration_edge(nearest) ? nearest : nearest - 1;
}

/**
 * The bin of a confidence: the b with b/15 < c <= (b+1)/15 as doubles; 0 belongs to the first, what
 * is above 1 to the last. Well inside a bin the product tells which; beside an edge, where it may
 * have rounded across, the edge does.
 */
static inline size_t calibration_bin(double c)
{
    const double inside = c > 0.0 ? (c < 1.0 ? c : 1.0) : 0.0;
    const double scaled = inside * CALIBRATION_BINS;
    const int32_t b = (int32_t)scaled;
    return fabs(scaled - b - 0.5) < 0.5 - 1e-9 ? (size_t)b : calibration_bin_at_edge(c);
}

#endif
