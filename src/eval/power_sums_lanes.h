#ifndef EVAL_POWER_SUMS_LANES_H
#define EVAL_POWER_SUMS_LANES_H

#include "eval/power_sums.h"

#include <string.h>

/* The loop over vectors of eight, which the compiler cuts to what the processor of a file has. */

typedef double lanes __attribute__((vector_size(64)));
typedef int64_t lane_bits __attribute__((vector_size(64)));

static void add_up(const lanes *sum, double *out)
{
    for (size_t k = 0; k < POWERS; k++) {
        double lane[8];
        memcpy(lane, &sum[k], sizeof lane);
        out[k] = ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
                 ((lane[1] + lane[5]) + (lane[3] + lane[7]));
    }
}

static void sum_in_lanes(const power_rows *of, power_sums *out)
{
    const lane_bits bit = {1, 2, 4, 8, 16, 32, 64, 128};
    const lanes shift = (lanes){0} + of->shift, scale = (lanes){0} + of->scale;
    lanes all[POWERS] = {{0}}, right[POWERS] = {{0}};
    for (size_t w = 0; w < of->words; w++) {
        uint64_t rows = of->rows[w], correct = of->right[w];
        for (size_t i = 0; rows; i += 8, rows >>= 8, correct >>= 8) {
            if (!(rows & 0xFF))
                continue;
            lanes x;
            memcpy(&x, of->value + w * 64 + i, sizeof x);
            const lane_bits in = (((lane_bits){0} + (int64_t)(rows & 0xFF)) & bit) == bit;
            const lane_bits is_right = (((lane_bits){0} + (int64_t)(correct & 0xFF)) & bit) == bit;
            const lanes t = (lanes)((lane_bits)((x - shift) * scale) & in & (x == x));
            const lanes r = (lanes)((lane_bits)t & is_right);
            const lanes t2 = t * t, r2 = r * r;
            all[0] += t;
            all[1] += t2;
            all[2] += t2 * t;
            all[3] += t2 * t2;
            right[0] += r;
            right[1] += r2;
            right[2] += r2 * r;
            right[3] += r2 * r2;
        }
    }
    add_up(all, out->all);
    add_up(right, out->right);
}

#endif
