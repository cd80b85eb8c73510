/* Least-significant-digit radix sorts over 11-bit digits, and merging for short inputs. Of 64-bit
 * keys three digits are sorted, from the first bit in which any two keys differ; what is still
 * equal then lies together and is put right in its place. Knows bit patterns only: that they stand
 * for floats, scores or cells is its callers' business. */
#include "stats/sort_parts.h"

enum {
    PIECE = 1 << 18, /* words that are scattered between two looks at whether to go on */
    SHORT = 256,     /* below this, clearing and summing the counters costs more than comparing */
    RUN = 16         /* sorted by insertion before runs are merged */
};

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void scatter_words(const uint64_t *restrict from, uint64_t *restrict to, size_t n,
                          unsigned shift, uint32_t *restrict start)
{
    for (size_t i = 0; i < n; i++)
        to[start[digit_of(from[i], shift)]++] = from[i];
}

/* The same in pieces; false where it was given up between two of them. */
static bool scatter_words_until(const uint64_t *from, uint64_t *to, size_t n, unsigned shift,
                                uint32_t *start, cancellation *stop)
{
    for (size_t i = 0; i < n; i += PIECE) {
        if (cancellation_asked(stop))
            return false;
        scatter_words(from + i, to, min_size(PIECE, n - i), shift, start);
    }
    return true;
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

static bool sort_words(uint64_t *restrict at, uint64_t *restrict scratch, size_t n,
                       unsigned low_bit, cancellation *stop)
{
    if (n < SHORT) {
        sort_words_short(at, scratch, n, low_bit);
        return true;
    }
    uint32_t count[PASSES][BUCKETS];
    count_digits(at, n, low_bit, count);
    uint64_t *from = at, *to = scratch;
    for (unsigned p = 0; p < PASSES; p++) {
        const unsigned shift = low_bit + p * DIGIT_BITS;
        if (count[p][digit_of(from[0], shift)] == n)
            continue;
        counts_to_starts(count[p]);
        if (!scatter_words_until(from, to, n, shift, count[p], stop))
            return false;
        uint64_t *const swap = from;
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, n * sizeof *at);
    return true;
}

void sort_pairs_f32(uint64_t *restrict pairs, uint64_t *restrict scratch, size_t n)
{
    sort_words(pairs, scratch, n, 32, NULL);
}

bool sort_pairs_f32_until(uint64_t *restrict pairs, uint64_t *restrict scratch, size_t n,
                          cancellation *stop)
{
    return sort_words(pairs, scratch, n, 32, stop);
}

void sort_u64(uint64_t *restrict at, uint64_t *restrict scratch, size_t n)
{
    const unsigned low_bit = n < SHORT ? 0 : low_bit_of(at, n);
    sort_words(at, scratch, n, low_bit, NULL);
    if (low_bit == 0)
        return;
    for (run r = {0, 0}; (r = next_disorder(at, r.end, n, low_bit)).begin < n;) {
        if (r.end - r.begin < SHORT / 2)
            insert_words(at + r.begin, r.end - r.begin, 0);
        else
            sort_words(at + r.begin, scratch, r.end - r.begin, 0, NULL);
    }
}
