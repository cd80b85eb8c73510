/* The inner loops for processors with AVX2. */
#include "knn/loops.h"

#include "knn/loops_dot.h"

#include <immintrin.h>

static size_t reach(const float *values, const float *bars, float row_bar, size_t n, uint32_t *hits)
{
    const __m256 row = _mm256_set1_ps(row_bar);
    size_t count = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256 x = _mm256_loadu_ps(values + i);
        const __m256 bar = _mm256_min_ps(row, _mm256_loadu_ps(bars + i));
        uint32_t mask = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(x, bar, _CMP_GE_OQ));
        for (; mask; mask &= mask - 1)
            hits[count++] = (uint32_t)i + (uint32_t)__builtin_ctz(mask);
    }
    for (; i < n; i++) {
        if (values[i] >= row_bar || values[i] >= bars[i])
            hits[count++] = (uint32_t)i;
    }
    return count;
}

const knn_loops knn_loops_avx2 = {"avx2", reach, dot_in_lanes};
