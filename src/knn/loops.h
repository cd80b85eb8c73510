#ifndef KNN_LOOPS_H
#define KNN_LOOPS_H

#include <stddef.h>
#include <stdint.h>

/* The inner loops of comparing vectors. Every variant gives the same bits. None allocates or fails.
 */

typedef struct knn_loops {
    const char *name;
    /** Which of n values reach `row_bar` or their own bar: their places, ascending, into `hits`
     * (room for n + 16). Returns how many. */
    size_t (*reach)(const float *values, const float *bars, float row_bar, size_t n,
                    uint32_t *hits);
    /** Σ a·b in 64 bits over n values, in a fixed order. */
    double (*dot)(const float *a, const float *b, size_t n);
} knn_loops;

extern const knn_loops knn_loops_plain;
#ifdef __x86_64__
extern const knn_loops knn_loops_avx2, knn_loops_avx512;
#endif

/** The i-th variant that this processor runs, the best first; NULL past the last. */
const knn_loops *knn_loops_at(size_t i);

#endif
