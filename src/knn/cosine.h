#ifndef KNN_COSINE_H
#define KNN_COSINE_H

#include <math.h>

/** 1 - cos in [0, 2] from a·b, a·a and b·b, both above 0; exactly 0 where b is a, for √(x·x) is x.
 */
static inline float cosine_distance(double product, double square_a, double square_b)
{
    const double d = 1.0 - product / sqrt(square_a * square_b);
    return (float)(d < 0.0 ? 0.0 : d > 2.0 ? 2.0 : d);
}

#endif
