/* The inner loops for any processor. */
#include "knn/loops.h"

#include "knn/loops_dot.h"

static size_t reach(const float *values, const float *bars, float row_bar, size_t n, uint32_t *hits)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        hits[count] = (uint32_t)i;
        count += values[i] >= row_bar || values[i] >= bars[i];
    }
    return count;
}

const knn_loops knn_loops_plain = {"plain", reach, dot_in_lanes};
