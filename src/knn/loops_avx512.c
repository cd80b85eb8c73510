/* The inner loops for processors with AVX-512. */
#include "knn/loops.h"

#include "knn/loops_dot.h"

#include <immintrin.h>

enum { LANES = 16 };

static size_t reach(const float *values, const float *bars, float row_bar, size_t n, uint32_t *hits)
{
    const __m512 row = _mm512_set1_ps(row_bar);
    size_t count = 0;
    for (size_t i = 0; i < n; i += LANES) {
        const size_t left = n - i;
        const __mmask16 here = left >= LANES ? 0xFFFF : (__mmask16)((1U << left) - 1);
        const __m512 x = _mm512_maskz_loadu_ps(here, values + i);
        const __m512 bar = _mm512_min_ps(row, _mm512_maskz_loadu_ps(here, bars + i));
        uint32_t mask = _mm512_mask_cmp_ps_mask(here, x, bar, _CMP_GE_OQ);
        for (; mask; mask &= mask - 1)
            hits[count++] = (uint32_t)i + (uint32_t)__builtin_ctz(mask);
    }
    return count;
}

const knn_loops knn_loops_avx512 = {"avx512", reach, dot_in_lanes};
