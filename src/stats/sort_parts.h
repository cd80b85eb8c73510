#ifndef STATS_SORT_PARTS_H
#define STATS_SORT_PARTS_H

#include "stats/sort.h"

#include <stdbool.h>

/* What the sorts of words and of keys with their indices share: digits, and what three digits leave
 * undone. */

enum {
    DIGIT_BITS = 11, /* 2048 counters fill 8 KiB and the open cache lines of a scatter stay in L2 */
    BUCKETS = 1 << DIGIT_BITS,
    PASSES = 3,
    SORTED_BITS = PASSES * DIGIT_BITS
};

static inline size_t digit_of(uint64_t word, unsigned shift)
{
    return (size_t)(word >> shift) & (BUCKETS - 1);
}

/* Every pass's histogram from one reading. */
static inline void count_digits(const uint64_t *restrict words, size_t n, unsigned low_bit,
                                uint32_t (*restrict count)[BUCKETS])
{
    memset(count, 0, PASSES * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        const uint64_t word = words[i] >> low_bit;
        count[0][digit_of(word, 0)]++;
        count[1][digit_of(word, DIGIT_BITS)]++;
        count[2][digit_of(word, 2 * DIGIT_BITS)]++;
    }
}

/* The lowest of the bits to sort n >= 1 words by: those from the first in which any two differ. */
static inline unsigned low_bit_of(const uint64_t *words, size_t n)
{
    uint64_t differing = 0;
    for (size_t i = 1; i < n; i++)
        differing |= words[i] ^ words[0];
    const unsigned used = differing ? 64 - (unsigned)__builtin_clzll(differing) : 0;
    return used > SORTED_BITS ? used - SORTED_BITS : 0;
}

static inline void counts_to_starts(uint32_t *count)
{
    uint32_t start = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        const uint32_t size = count[b];
        count[b] = start;
        start += size;
    }
}

/* Words that agree above bit `low_bit`: they lie together but are not in order yet. */
typedef struct run {
    size_t begin, end;
} run;

/* The next run from `begin` on with a word that is below the one before it; an empty one at the
 * end. */
static inline run next_disorder(const uint64_t *words, size_t begin, size_t n, unsigned low_bit)
{
    size_t i = begin + 1;
    while (i < n && words[i - 1] <= words[i])
        i++;
    if (i >= n)
        return (run){n, n};
    run found = {i - 1, i + 1};
    while (found.begin > begin && words[found.begin - 1] >> low_bit == words[i] >> low_bit)
        found.begin--;
    while (found.end < n && words[found.end] >> low_bit == words[i] >> low_bit)
        found.end++;
    return found;
}

#endif
