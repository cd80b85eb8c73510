#ifndef KNN_LOOPS_DOT_H
#define KNN_LOOPS_DOT_H

#include <stddef.h>

enum { DOT_LANES = 32 };

/* Thirty-two sums side by side, whatever the width of the processor's registers, so that each
 * variant that is compiled of this adds in the same order. */
static inline double dot_in_lanes(const float *a, const float *b, size_t n)
{
    double sums[DOT_LANES] = {0};
    size_t i = 0;
    for (; i + DOT_LANES <= n; i += DOT_LANES) {
        for (size_t lane = 0; lane < DOT_LANES; lane++)
            sums[lane] += (double)a[i + lane] * (double)b[i + lane];
    }
    for (size_t lane = 0; i < n; i++, lane++)
        sums[lane] += (double)a[i] * (double)b[i];
    for (size_t half = DOT_LANES / 2; half > 0; half /= 2) {
        for (size_t lane = 0; lane < half; lane++)
            sums[lane] += sums[lane + half];
    }
    return sums[0];
}

#endif
