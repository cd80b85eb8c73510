/* Which variants of the loop this processor can run. */
#include "eval/power_sums.h"

#include <stdbool.h>

typedef struct variant {
    const power_loop *loop;
    bool runs;
} variant;

const power_loop *power_loop_at(size_t i)
{
    const variant variants[] = {
#ifdef __x86_64__
        {&power_loop_avx512,
         __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")},
        {&power_loop_avx2, __builtin_cpu_supports("avx2")},
#endif
        {&power_loop_plain, true},
    };
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        if (variants[v].runs && i-- == 0)
            return variants[v].loop;
    }
    return NULL;
}
