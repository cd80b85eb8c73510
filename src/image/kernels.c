/* Which variants of the inner loops this processor can run. */
#include "image/kernels.h"

#include <stdbool.h>

typedef struct variant {
    const pixel_kernels *kernels;
    bool runs;
} variant;

const pixel_kernels *kernels_at(size_t i)
{
    const variant variants[] = {
#ifdef __x86_64__
        {&kernels_avx512,
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
             __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("bmi2")},
        {&kernels_avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")},
#endif
        {&kernels_plain, true},
    };
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        if (variants[v].runs && i-- == 0)
            return variants[v].kernels;
    }
    return NULL;
}
