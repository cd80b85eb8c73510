/* Sorts of 64-bit keys that carry an index: many are dealt into buckets first, by several threads,
 * so that each bucket is sorted in the cache of one. */
#include "stats/sort_parts.h"

#include "base/threads.h"

#include <float.h>

enum {
    INSERTED_MOST = 128,   /* sorted by insertion */
    DEALT_LEAST = 1 << 16, /* fewer fit the cache as they are */
    DEAL_BITS = 10,
    DEALS = 1 << DEAL_BITS, /* their open pages fit the table of the processor's second level */
    PARTS_MOST = 8,
    LEVELS_MOST = 6,
    PIECE = 1 << 18, /* keys that are dealt between two looks at whether to go on */
    LOOKED_AT = 1024
};

typedef struct columns {
    uint64_t *key;
    uint32_t *index;
} columns;

static columns columns_from(columns c, size_t at)
{
    return (columns){c.key + at, c.index + at};
}

static void insert_keys(columns at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const uint64_t key = at.key[i];
        const uint32_t of = at.index[i];
        size_t j = i;
        for (; j > 0 && at.key[j - 1] > key; j--) {
            at.key[j] = at.key[j - 1];
            at.index[j] = at.index[j - 1];
        }
        at.key[j] = key;
        at.index[j] = of;
    }
}

static void copy_columns(columns from, columns to, size_t n)
{
    memcpy(to.key, from.key, n * sizeof *to.key);
    memcpy(to.index, from.index, n * sizeof *to.index);
}

static void scatter_keys(columns from, columns to, size_t n, unsigned shift,
                         uint32_t *restrict start)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t slot = start[digit_of(from.key[i], shift)]++;
        to.key[slot] = from.key[i];
        to.index[slot] = from.index[i];
    }
}

/* By three digits from `low_bit` on, from one place into another; the first is overwritten. */
static void sort_digits(columns from, columns to, size_t n, unsigned low_bit)
{
    uint32_t count[PASSES][BUCKETS];
    count_digits(from.key, n, low_bit, count);
    const columns wanted = to;
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
    if (from.key != wanted.key)
        copy_columns(from, wanted, n);
}

/* In place. */
static void sort_run(columns at, columns scratch, size_t n)
{
    if (n < INSERTED_MOST) {
        insert_keys(at, n);
        return;
    }
    copy_columns(at, scratch, n);
    sort_digits(scratch, at, n, 0);
}

/* From one place into another, in the cache where they fit it. */
static void sort_near(columns from, columns to, size_t n)
{
    if (n < INSERTED_MOST) {
        copy_columns(from, to, n);
        insert_keys(to, n);
        return;
    }
    const unsigned low_bit = low_bit_of(from.key, n);
    sort_digits(from, to, n, low_bit);
    for (run r = {0, 0}; low_bit && (r = next_disorder(to.key, r.end, n, low_bit)).begin < n;)
        sort_run(columns_from(to, r.begin), columns_from(from, r.begin), r.end - r.begin);
}

/* A monotone way from a key to one of DEALS buckets: by its bits, or by the double it stands for.
 * Keys beyond the two that it was made of go with these. */
typedef struct ruler {
    bool by_value;
    uint64_t smallest, largest;
    double low, buckets_per_unit;
    unsigned shift;
} ruler;

static inline size_t bucket_of(const ruler *r, bool by_value, uint64_t key)
{
    key = key < r->smallest ? r->smallest : key;
    key = key > r->largest ? r->largest : key;
    if (!by_value)
        return (size_t)((key - r->smallest) >> r->shift);
    const int64_t at = (int64_t)((sort_unkey_f64(key) - r->low) * r->buckets_per_unit);
    return at < DEALS ? (size_t)at : DEALS - 1;
}

typedef struct dealing {
    columns from, to;
    size_t n, part_count;
    cancellation *stop;
    ruler ruler;
    uint32_t next[PARTS_MOST][DEALS]; /* a part's: how many in each, then where the next one goes */
    uint32_t start[DEALS + 1];
} dealing;

static size_t part_begin(const dealing *d, size_t part)
{
    return threads_part_begin(d->n, part, d->part_count);
}

static void count_keys(ruler r, bool by_value, const uint64_t *key, size_t n, uint32_t *count)
{
    for (size_t i = 0; i < n; i++)
        count[bucket_of(&r, by_value, key[i])]++;
}

static int count_part(void *context, size_t part, int worker)
{
    (void)worker;
    dealing *d = context;
    const size_t begin = part_begin(d, part), n = part_begin(d, part + 1) - begin;
    memset(d->next[part], 0, sizeof d->next[part]);
    /* Twice, so that the way is chosen once and not for every key. */
    if (d->ruler.by_value)
        count_keys(d->ruler, true, d->from.key + begin, n, d->next[part]);
    else
        count_keys(d->ruler, false, d->from.key + begin, n, d->next[part]);
    return 0;
}

static void deal_keys(ruler r, bool by_value, columns from, columns to, size_t n, uint32_t *next)
{
    for (size_t i = 0; i < n; i++) {
        const uint32_t slot = next[bucket_of(&r, by_value, from.key[i])]++;
        to.key[slot] = from.key[i];
        to.index[slot] = from.index[i];
    }
}

static int deal_part(void *context, size_t part, int worker)
{
    (void)worker;
    dealing *d = context;
    const size_t end = part_begin(d, part + 1);
    for (size_t i = part_begin(d, part), n; i < end; i += n) {
        if (cancellation_asked(d->stop))
            return 1;
        n = end - i < PIECE ? end - i : PIECE;
        if (d->ruler.by_value)
            deal_keys(d->ruler, true, columns_from(d->from, i), d->to, n, d->next[part]);
        else
            deal_keys(d->ruler, false, columns_from(d->from, i), d->to, n, d->next[part]);
    }
    return 0;
}

/* Parts in order within a bucket: the order of equal keys stays. */
static void place_buckets(dealing *d)
{
    uint32_t used = 0;
    for (size_t b = 0; b < DEALS; b++) {
        d->start[b] = used;
        for (size_t p = 0; p < d->part_count; p++) {
            const uint32_t count = d->next[p][b];
            d->next[p][b] = used;
            used += count;
        }
    }
    d->start[DEALS] = used;
}

/* Some keys from all over stand for all of them. */
static uint64_t looked_at(const dealing *d, size_t i)
{
    return d->from.key[i * (d->n / LOOKED_AT)];
}

/* How many of them land in the fullest bucket. */
static size_t fullest(const dealing *d, const ruler *r)
{
    uint16_t count[DEALS] = {0};
    size_t most = 0;
    for (size_t i = 0; i < LOOKED_AT; i++) {
        const size_t here = ++count[bucket_of(r, r->by_value, looked_at(d, i))];
        most = here > most ? here : most;
    }
    return most;
}

static ruler ruler_by_bits(uint64_t smallest, uint64_t largest)
{
    const unsigned used = 64 - (unsigned)__builtin_clzll(largest - smallest);
    return (ruler){
        .smallest = smallest, .largest = largest, .shift = used > DEAL_BITS ? used - DEAL_BITS : 0};
}

/* The images of finite doubles lie between these two; false where there are others, or where the
 * way between the ends is too long or too short for a double. */
static bool ruler_by_value(uint64_t smallest, uint64_t largest, ruler *out)
{
    if (smallest < sort_key_f64(-DBL_MAX) || largest > sort_key_f64(DBL_MAX))
        return false;
    const double low = sort_unkey_f64(smallest);
    const double width = sort_unkey_f64(largest) - low, per_unit = DEALS / width;
    *out = (ruler){.by_value = true,
                   .smallest = smallest,
                   .largest = largest,
                   .low = low,
                   .buckets_per_unit = per_unit};
    return width < DBL_MAX && per_unit > 0 && per_unit < DBL_MAX;
}

/* False where the keys looked at are equal, or no way spreads them. */
static bool choose_ruler(dealing *d)
{
    uint64_t smallest = UINT64_MAX, largest = 0;
    for (size_t i = 0; i < LOOKED_AT; i++) {
        const uint64_t key = looked_at(d, i);
        smallest = key < smallest ? key : smallest;
        largest = key > largest ? key : largest;
    }
    if (smallest == largest)
        return false;
    ruler by_value;
    d->ruler = ruler_by_bits(smallest, largest);
    size_t most = fullest(d, &d->ruler);
    if (ruler_by_value(smallest, largest, &by_value)) {
        const size_t here = fullest(d, &by_value);
        d->ruler = here < most ? by_value : d->ruler;
        most = here < most ? here : most;
    }
    return most < LOOKED_AT * 9 / 10;
}

/* A bucket too full for one thread to sort while the others do the rest. */
static bool is_crowded(const dealing *d, size_t bucket)
{
    const size_t n = d->start[bucket + 1] - d->start[bucket];
    return n >= DEALT_LEAST && n > d->n / 16;
}

static int sort_bucket(void *context, size_t bucket, int worker)
{
    (void)worker;
    const dealing *d = context;
    if (cancellation_asked(d->stop))
        return 1;
    const size_t begin = d->start[bucket], n = d->start[bucket + 1] - begin;
    if (n > 0 && !is_crowded(d, bucket)) {
        const columns dealt = columns_from(d->to, begin), back = columns_from(d->from, begin);
        sort_near(dealt, back, n);
    }
    return 0;
}

/* Ranges that are still to be sorted, the last one first. Of one range at most 15 are crowded. */
typedef struct work {
    columns at, spare;
    int thread_count;
    cancellation *stop;
    size_t count;
    struct {
        size_t begin, n;
        int level; /* of buckets within buckets */
    } range[16 * LEVELS_MOST];
} work;

static void put_off(work *w, size_t begin, size_t n, int level)
{
    copy_columns(columns_from(w->spare, begin), columns_from(w->at, begin), n);
    w->range[w->count].begin = begin;
    w->range[w->count].n = n;
    w->range[w->count++].level = level;
}

/* Dealt into the spare place, and sorted back; crowded buckets are put off. False, and nothing
 * moved, where dealing would not help. Given up, nothing is put off. */
static bool deal_and_sort(work *w, size_t begin, size_t n, int level)
{
    dealing d = {.from = columns_from(w->at, begin),
                 .to = columns_from(w->spare, begin),
                 .n = n,
                 .stop = w->stop,
                 .part_count = threads_parts(n, 1, PARTS_MOST, w->thread_count)};
    if (!choose_ruler(&d))
        return false;
    (void)threads_run(d.part_count, w->thread_count, count_part, &d);
    place_buckets(&d);
    if (threads_run(d.part_count, w->thread_count, deal_part, &d) != 0 ||
        threads_run(DEALS, w->thread_count, sort_bucket, &d) != 0)
        return true;
    for (size_t b = 0; b < DEALS; b++) {
        if (is_crowded(&d, b))
            put_off(w, begin + d.start[b], d.start[b + 1] - d.start[b], level + 1);
    }
    return true;
}

static void sort_range(work *w, size_t begin, size_t n, int level)
{
    if (n >= DEALT_LEAST && level < LEVELS_MOST && deal_and_sort(w, begin, n, level))
        return;
    const columns at = columns_from(w->at, begin), spare = columns_from(w->spare, begin);
    sort_near(at, spare, n);
    copy_columns(spare, at, n);
}

bool sort_keyed_until(const sort_keyed *k, int thread_count, cancellation *stop)
{
    work w = {.at = {k->key, k->index},
              .spare = {k->key_scratch, k->index_scratch},
              .thread_count = thread_count < 1 ? 1 : thread_count,
              .stop = stop};
    if (k->n < INSERTED_MOST) {
        insert_keys(w.at, k->n);
        return true;
    }
    sort_range(&w, 0, k->n, 0);
    while (w.count > 0 && !cancellation_asked(stop)) {
        w.count--;
        sort_range(&w, w.range[w.count].begin, w.range[w.count].n, w.range[w.count].level);
    }
    return !cancellation_asked(stop);
}

void sort_keys_f64(uint64_t *restrict keys, uint32_t *restrict index,
                   uint64_t *restrict key_scratch, uint32_t *restrict index_scratch, size_t n)
{
    const sort_keyed k = {keys, index, key_scratch, index_scratch, n};
    (void)sort_keyed_until(&k, 1, NULL);
}
