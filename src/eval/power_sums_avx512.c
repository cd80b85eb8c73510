/* Sums of powers for processors with AVX-512. */
#include "eval/power_sums.h"

#include "eval/power_sums_lanes.h"

const power_loop power_loop_avx512 = {"avx512", sum_in_lanes};
