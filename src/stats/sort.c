/* Least-significant-digit radix sorts over 11-bit digits, and merging for short inputs. Knows bit
 * patterns only: that they stand for floats, scores or cells is its callers' business. */
#include "stats/sort.h"

#include <stdbool.h>
#include <string.h>

enum {
    DIGIT_BITS = 11, /* 2048 counters fill 8 KiB and the open cache lines of a scatter stay in L2 */
    BUCKETS = 1 << DIGIT_BITS,
    PASSES_32 = 3,
    PASSES_64 = 6,
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

/* Every pass's histogram from one reading. Inlined, so that `passes` is a constant to the compiler.
 */
__attribute__((always_inline)) static inline void count_digits(const uint64_t *restrict words,
                                                               size_t n, unsigned low_bit,
                                                               unsigned passes,
                                                               uint32_t (*restrict count)[BUCKETS])
{
    memset(count, 0, passes * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        const uint64_t word = words[i] >> low_bit;
        for (unsigned p = 0; p < passes; p++)
            count[p][digit_of(word, p * DIGIT_BITS)]++;
    }
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

__attribute__((always_inline)) static inline void sort_words(uint64_t *restrict at,
                                                             uint64_t *restrict scratch, size_t n,
                                                             unsigned low_bit, unsigned passes)
{
    if (n < SHORT) {
        sort_words_short(at, scratch, n, low_bit);
        return;
    }
    uint32_t count[PASSES_64][BUCKETS];
    count_digits(at, n, low_bit, passes, count);
    uint64_t *from = at, *to = scratch;
    for (unsigned p = 0; p < passes; p++) {
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
    sort_words(pairs, scratch, n, 32, PASSES_32);
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

void sort_keys_f64(uint64_t *restrict keys, uint32_t *restrict index,
                   uint64_t *restrict key_scratch, uint32_t *restrict index_scratch, size_t n)
{
    if (n < SHORT / 2) {
        insert_keys(keys, index, n);
        return;
    }
    uint32_t count[PASSES_64][BUCKETS];
    count_digits(keys, n, 0, PASSES_64, count);
    columns from = {keys, index}, to = {key_scratch, index_scratch};
    for (unsigned p = 0; p < PASSES_64; p++) {
        if (count[p][digit_of(from.key[0], p * DIGIT_BITS)] == n)
            continue;
        counts_to_starts(count[p]);
        scatter_keys(from, to, n, p * DIGIT_BITS, count[p]);
        const columns swap = from;
        from = to;
        to = swap;
    }
    if (from.key != keys) {
        memcpy(keys, from.key, n * sizeof *keys);
        memcpy(index, from.index, n * sizeof *index);
    }
}

void sort_u64(uint64_t *restrict at, uint64_t *restrict scratch, size_t n)
{
    sort_words(at, scratch, n, 0, PASSES_64);
}
