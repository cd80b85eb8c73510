/* Sums of powers for any processor. */
#include "eval/power_sums.h"

#include "eval/power_sums_lanes.h"

const power_loop power_loop_plain = {"plain", sum_in_lanes};
