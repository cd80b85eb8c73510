/* Which variants of the inner loops this processor can run. */
#include "knn/loops.h"

#include <stdbool.h>

typedef struct variant {
    const knn_loops *loops;
    bool runs;
} variant;

const knn_loops *knn_loops_at(size_t i)
{
    const variant variants[] = {
#ifdef __x86_64__
        {&knn_loops_avx512, __builtin_cpu_supports("avx512f")},
        {&knn_loops_avx2, __builtin_cpu_supports("avx2")},
#endif
        {&knn_loops_plain, true},
    };
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
        if (variants[v].runs && i-- == 0)
            return variants[v].loops;
    }
    return NULL;
}
