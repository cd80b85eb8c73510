/* Ranks of sorted keys. Ties share the mean of their ranks. */
#include "stats/rank.h"

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
