/* The grey histogram, and its entropy with a logarithm of our own: the C library's last bit depends
 * on the processor. */
#include "image/measure_parts.h"

#include <math.h>

void grey_add_row(grey_counts *counts, const uint8_t *grey, size_t n)
{
    size_t i = 0;
    for (; i + GREY_TABLES <= n; i += GREY_TABLES) {
        for (size_t t = 0; t < GREY_TABLES; t++)
            counts->of[t][grey[i + t]]++;
    }
    for (; i < n; i++)
        counts->of[0][grey[i]]++;
}

void grey_finish(grey_counts *counts)
{
    for (size_t t = 1; t < GREY_TABLES; t++) {
        for (size_t level = 0; level < GREY_LEVELS; level++)
            counts->of[0][level] += counts->of[t][level];
    }
}

/* log2(a / b) for a >= b >= 1. The ratio is brought to within 3/4..3/2 by doubling b; then with
 * s = (a - b) / (a + b), |s| <= 1/5, ln(a / b) = 2 (s + s^3/3 + s^5/5 + …): eleven terms leave an
 * error below 1e-17. */
static double log2_ratio(double a, double b)
{
    static const double two_over_ln2 = 2.885390081777926814719849362;
    int doublings = 0;
    (void)frexp(a / b, &doublings);
    doublings--;
    b = ldexp(b, doublings);
    if (a > 1.5 * b) {
        b *= 2;
        doublings++;
    }
    const double s = (a - b) / (a + b), square = s * s;
    double series = 0;
    for (int k = 23; k >= 1; k -= 2)
        series = series * square + 1.0 / k;
    return doublings + two_over_ln2 * (s * series);
}

double grey_entropy(const uint32_t counts[GREY_LEVELS], uint64_t n)
{
    double entropy = 0;
    for (size_t level = 0; level < GREY_LEVELS; level++) {
        if (counts[level])
            entropy += counts[level] * log2_ratio((double)n, counts[level]);
    }
    return entropy / (double)n;
}

void grey_sums(const uint32_t counts[GREY_LEVELS], byte_sums *sums)
{
    *sums = (byte_sums){0};
    for (uint64_t level = 0; level < GREY_LEVELS; level++) {
        sums->sum += level * counts[level];
        sums->squares += level * level * counts[level];
    }
}

uint32_t grey_rank(const uint32_t counts[GREY_LEVELS], uint64_t k)
{
    uint32_t level = 0;
    while (level + 1 < GREY_LEVELS && k >= counts[level])
        k -= counts[level++];
    return level;
}
