/* Which variant of the inner loops this processor runs. */
#include "image/kernels.h"

const pixel_kernels *kernels_pick(void)
{
    return &kernels_plain;
}
