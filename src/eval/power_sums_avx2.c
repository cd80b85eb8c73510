/* Sums of powers for processors with AVX2. */
#include "eval/power_sums.h"

#include "eval/power_sums_lanes.h"

const power_loop power_loop_avx2 = {"avx2", sum_in_lanes};
