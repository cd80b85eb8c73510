/* Least-significant-digit radix sorts over 11-bit digits, and merging for short inputs. Of 64-bit
 * keys three digits are sorted, from the first bit in which any two keys differ; what is still
 * equal then lies together and is put right in its place. Knows bit patterns only: that they stand
 * for floats, scores or cells is its callers' business. */
#include "stats/sort.h"

#include <stdbool.h>
#include <string.h>

enum {
    DIGIT_BITS = 11, /* 2048 counters fill 8 KiB and the open cache lines of a scatter stay in L2 */
    BUCKETS = 1 << DIGIT_BITS,
    PASSES = 3,
    SORTED_BITS = PASSES * DIGIT_BITS,
    SHORT = 256, /* below this, clearing and summing the counters costs more than comparing */
    RUN = 16     /* sorted by insertion before runs are merged */
};

static inline size_t digit_of(uint64_t word, unsigned shift)
{
    return (size_t)(word >> shift) & (BUCKETS - 1);
}

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Every pass's histogram from one reading. */
static void count_digits(const uint64_t *restrict words, size_t n, unsigned low_bit,
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
static unsigned low_bit_of(const uint64_t *words, size_t n)
{
    uint64_t differing = 0;
    for (size_t i = 1; i < n; i++)
        differing |= words[i] ^ words[0];
    const unsigned used = differing ? 64 - (unsigned)__builtin_clzll(differing) : 0;
    return used > SORTED_BITS ? used - SORTED_BITS : 0;
}

static void counts_to_starts(uint32_t *count)
{
    uint32_t start = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        const uint32_t size = count[b];
        count[b] = start;
        start += size;
    }
}

static void scatter_words(const uint64_t *restrict from, uint64_t *restrict to, size_t n,
                          unsigned shift, uint32_t *restrict start)
{
    for (size_t i = 0; i < n; i++)
        to[start[digit_of(from[i], shift)]++] = from[i];
}

/* Stable by insertion of words compared above bit `low_bit`. */
static void insert_words(uint64_t *at, size_t n, unsigned low_bit)
{
    for (size_t i = 1; i < n; i++) {
        const uint64_t word = at[i];
        size_t j = i;
        for (; j > 0 && at[j - 1] >> low_bit > word >> low_bit; j--)
            at[j] = at[j - 1];
        at[j] = word;
    }
}

static void merge_words(const uint64_t *restrict left, size_t left_count,
                        const uint64_t *restrict right, size_t right_count, uint64_t *restrict out,
                        unsigned low_bit)
{
    size_t i = 0, j = 0;
    while (i < left_count && j < right_count) {
        const bool take_right = right[j] >> low_bit < left[i] >> low_bit;
        *out++ = take_right ? right[j] : left[i];
        j += take_right;
        i += !take_right;
    }
    memcpy(out, left + i, (left_count - i) * sizeof *out);
    memcpy(out + (left_count - i), right + j, (right_count - j) * sizeof *out);
}

static void sort_words_short(uint64_t *restrict at, uint64_t *restrict scratch, size_t n,
                             unsigned low_bit)
{
    for (size_t i = 0; i < n; i += RUN)
        insert_words(at + i, min_size(RUN, n - i), low_bit);
    uint64_t *from = at, *to = scratch;
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            const size_t left = min_size(width, n - i);
            const size_t right = min_size(width, n - i - left);
            merge_words(from + i, left, from + i + left, right, to + i, low_bit);
        }
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, n * sizeof *at);
}

static void sort_words(uint64_t *restrict at, uint64_t *restrict scratch, size_t n,
                       unsigned low_bit)
{
    if (n < SHORT) {
        sort_words_short(at, scratch, n, low_bit);
        return;
    }
    uint32_t count[PASSES][BUCKETS];
    count_digits(at, n, low_bit, count);
    uint64_t *from = at, *to = scratch;
    for (unsigned p = 0; p < PASSES; p++) {
        const unsigned shift = low_bit + p * DIGIT_BITS;
        if (count[p][digit_of(from[0], shift)] == n)
            continue;
        counts_to_starts(count[p]);
        scatter_words(from, to, n, shift, count[p]);
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, n * sizeof *at);
}

void sort_pairs_f32(uint64_t *restrict pairs, uint64_t *restrict scratch, size_t n)
{
    sort_words(pairs, scratch, n, 32);
}

/* Words that agree above bit `low_bit`: they lie together but are not in order yet. */
typedef struct run {
    size_t begin, end;
} run;

/* The next run from `begin` on with a word that is below the one before it; an empty one at the
 * end. */
static run next_disorder(const uint64_t *words, size_t begin, size_t n, unsigned low_bit)
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

void sort_u64(uint64_t *restrict at, uint64_t *restrict scratch, size_t n)
{
    const unsigned low_bit = n < SHORT ? 0 : low_bit_of(at, n);
    sort_words(at, scratch, n, low_bit);
    if (low_bit == 0)
        return;
    for (run r = {0, 0}; (r = next_disorder(at, r.end, n, low_bit)).begin < n;) {
        if (r.end - r.begin < SHORT / 2)
            insert_words(at + r.begin, r.end - r.begin, 0);
        else
            sort_words(at + r.begin, scratch, r.end - r.begin, 0);
    }
}

static void insert_keys(uint64_t *keys, uint32_t *index, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const uint64_t key = keys[i];
        const uint32_t of = index[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1] > key; j--) {
            keys[j] = keys[j - 1];
            index[j] = index[j - 1];
        }
        keys[j] = key;
        index[j] = of;
    }
}

typedef struct columns {
    uint64_t *key;
    uint32_t *index;
} columns;

static void scatter_keys(columns from, columns to, size_t n, unsigned shift,
                         uint32_t *restrict start)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t slot = start[digit_of(from.key[i], shift)]++;
        to.key[slot] = from.key[i];
        to.index[slot] = from.index[i];
    }
}

static void sort_columns(columns at, columns scratch, size_t n, unsigned low_bit)
{
    uint32_t count[PASSES][BUCKETS];
    count_digits(at.key, n, low_bit, count);
    columns from = at, to = scratch;
    for (unsigned p = 0; p < PASSES; p++) {
        const unsigned shift = low_bit + p * DIGIT_BITS;
        if (count[p][digit_of(from.key[0], shift)] == n)
            continue;
        counts_to_starts(count[p]);
        scatter_keys(from, to, n, shift, count[p]);
        const columns swap = from;
        from = to;
        to = swap;
    }
    if (from.key != at.key) {
        memcpy(at.key, from.key, n * sizeof *at.key);
        memcpy(at.index, from.index, n * sizeof *at.index);
    }
}

void sort_keys_f64(uint64_t *restrict keys, uint32_t *restrict index,
                   uint64_t *restrict key_scratch, uint32_t *restrict index_scratch, size_t n)
{
    if (n < SHORT / 2) {
        insert_keys(keys, index, n);
        return;
    }
    const columns scratch = {key_scratch, index_scratch};
    const unsigned low_bit = low_bit_of(keys, n);
    sort_columns((columns){keys, index}, scratch, n, low_bit);
    if (low_bit == 0)
        return;
    for (run r = {0, 0}; (r = next_disorder(keys, r.end, n, low_bit)).begin < n;) {
        const columns at = {keys + r.begin, index + r.begin};
        if (r.end - r.begin < SHORT / 2)
            insert_keys(at.key, at.index, r.end - r.begin);
        else
            sort_columns(at, scratch, r.end - r.begin, 0);
    }
}
