/* Ranks of sorted keys. Ties share the mean of their ranks. */
#include "stats/rank.h"

#include "stats/quantile.h"

void rank_mid(const uint64_t *restrict sorted_keys, const uint32_t *restrict index, size_t n,
              double *restrict rank)
{
    for (size_t begin = 0; begin < n;) {
        size_t end = begin + 1;
        while (end < n && sorted_keys[end] == sorted_keys[begin])
            end++;
        const double mid = 0.5 * (double)(begin + 1 + end);
        for (size_t i = begin; i < end; i++)
            rank[index[i]] = mid;
        begin = end;
    }
}

void rank_mid_of_sorted(const uint64_t *restrict sorted_keys, size_t n, size_t begin, size_t count,
                        double *restrict rank)
{
    const size_t stop = begin + count;
    size_t first = begin; /* of the ties that reach over the beginning */
    if (begin > 0 && begin < stop && sorted_keys[begin - 1] == sorted_keys[begin])
        first = sorted_first_at_least(sorted_keys, 0, begin, sorted_keys[begin]);
    for (size_t i = begin; i < stop;) {
        const uint64_t key = sorted_keys[i];
        size_t end = i + 1;
        while (end < stop && sorted_keys[end] == key)
            end++;
        const size_t last = end < stop ? end : sorted_first_above(sorted_keys, end, n, key);
        const double mid = 0.5 * (double)(first + 1 + last);
        for (; i < end; i++)
            rank[i - begin] = mid;
        first = end;
    }
}
