/* Cutting sorted values into bins, and quantiles of them. Knows order, not what is measured. */
#include "stats/quantile.h"

#include "stats/sort.h"

#include <math.h>

size_t sorted_first_at_least(const uint64_t *sorted, size_t begin, size_t n, uint64_t key)
{
    while (begin < n) {
        const size_t middle = begin + (n - begin) / 2;
        if (sorted[middle] < key)
            begin = middle + 1;
        else
            n = middle;
    }
    return begin;
}

size_t sorted_first_above(const uint64_t *sorted, size_t begin, size_t n, uint64_t key)
{
    return key == UINT64_MAX ? n : sorted_first_at_least(sorted, begin, n, key + 1);
}

size_t quantile_bins(const uint64_t *sorted, size_t n, size_t bin_count, size_t *start)
{
    start[0] = 0;
    if (n == 0)
        return 0;
    size_t bins = 0;
    for (size_t b = 1; b < bin_count; b++) {
        const size_t ideal = b * n / bin_count;
        size_t cut = sorted_first_at_least(sorted, start[bins], n, sorted[ideal]);
        if (cut <= start[bins])
            cut = sorted_first_above(sorted, start[bins], n, sorted[ideal]);
        if (cut > start[bins] && cut < n)
            start[++bins] = cut;
    }
    start[++bins] = n;
    return bins;
}

/* The distance may overflow where each end does not. */
static double width_of(double low, double high, double parts)
{
    const double width = (high - low) / parts;
    return isfinite(width) ? width : high / parts - low / parts;
}

size_t equal_width_bins(const uint64_t *sorted, size_t n, size_t bin_count, size_t *start)
{
    start[0] = 0;
    if (n == 0)
        return 0;
    const double low = sort_unkey_f64(sorted[0]);
    const double width = width_of(low, sort_unkey_f64(sorted[n - 1]), (double)bin_count);
    size_t bins = 0;
    for (size_t b = 1; b < bin_count && isfinite(width); b++) {
        const uint64_t edge = sort_key_f64(low + (double)b * width);
        const size_t cut = sorted_first_at_least(sorted, start[bins], n, edge);
        if (cut > start[bins] && cut < n)
            start[++bins] = cut;
    }
    start[++bins] = n;
    return bins;
}

size_t distinct_bins(const uint64_t *sorted, size_t n, size_t most, size_t *start)
{
    size_t bins = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && sorted[i] == sorted[i - 1])
            continue;
        if (bins == most)
            return 0;
        start[bins++] = i;
    }
    start[bins] = n;
    return bins;
}

double median_of_sorted(const uint64_t *sorted, size_t begin, size_t end)
{
    if (begin >= end)
        return (double)NAN;
    const size_t count = end - begin;
    const double upper = sort_unkey_f64(sorted[begin + count / 2]);
    if (count % 2)
        return upper;
    return 0.5 * sort_unkey_f64(sorted[begin + count / 2 - 1]) + 0.5 * upper;
}

double quantile_of_sorted(const double *sorted, size_t n, double q)
{
    if (n == 0)
        return (double)NAN;
    const double at = q * (double)(n - 1);
    const size_t i = (size_t)at;
    if (i + 1 >= n)
        return sorted[n - 1];
    /* Measured from the nearer neighbour, as NumPy does, so that the last bit agrees. */
    const double part = at - (double)i, step = sorted[i + 1] - sorted[i];
    if (!isfinite(step))
        return sorted[i] * (1 - part) + sorted[i + 1] * part;
    return part < 0.5 ? sorted[i] + step * part : sorted[i + 1] - step * (1 - part);
}
