/* Shares of pixels by their colour. */
#include "image/measure_parts.h"

void colour_finish(const colour_counts *counts, uint64_t n, image_measures *out)
{
    const double all = (double)n;
    out->value[MEASURE_RED_VALUES] = (double)counts->red / all;
    out->value[MEASURE_GREEN_VALUES] = (double)counts->green / all;
    out->value[MEASURE_BLUE_VALUES] = (double)counts->blue / all;
    out->value[MEASURE_COLOUR_SHARE] = (double)counts->coloured / all;
}
