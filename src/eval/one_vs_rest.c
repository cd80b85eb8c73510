/* The order of the samples by one class's probability, and what one walk along it tells. Knows
 * columns and counts; intervals and means are made next door. */
#include "eval/one_vs_rest.h"

#include <math.h>

enum {
    TILE_ROWS = 1024, /* a tile of all columns of a block stays in L2 */
    BLOCK_MOST = 16,  /* float32 columns in one cache line */
    NEIGHBOURS = 4096 /* samples whose influences stay in L2 while they are summed */
};

/* Keys of one block a worker; beyond this, blocks get narrower. */
#define BLOCK_BYTES_MOST ((size_t)64 << 20)

/* In a pair, beside the sample: it belongs to the class. */
#define POSITIVE 0x80000000U

static size_t key_bytes(const one_vs_rest *v)
{
    return v->narrow ? sizeof(uint32_t) : sizeof(uint64_t);
}

/* As wide as the cache line of a row feeds, and so that every thread gets the same number of
 * blocks. */
static size_t block_width(const one_vs_rest *v, size_t threads)
{
    const size_t classes = v->s->frame->classes.count;
    const size_t fit = BLOCK_BYTES_MOST / ((v->s->count + 1) * key_bytes(v));
    const size_t widest = fit < 1 ? 1 : fit < BLOCK_MOST ? fit : BLOCK_MOST;
    const size_t rounds = (classes + widest * threads - 1) / (widest * threads);
    const size_t blocks = rounds * threads;
    return (classes + blocks - 1) / blocks;
}

/* Sums of up to K influences, each within ±4 over all samples, must stay inside 63 bits. */
static double step_for(size_t class_count)
{
    int bits = 0;
    while ((size_t)1 << bits < class_count)
        bits++;
    return ldexp(1, bits - 60);
}

void one_vs_rest_init(one_vs_rest *v, const samples *s, const uint64_t *support, int thread_count)
{
    const uint32_t classes = s->frame->classes.count;
    *v = (one_vs_rest){.s = s,
                       .support = support,
                       .narrow = probabilities_exact_f32(s->frame->probability),
                       .step = step_for(classes)};
    for (uint32_t k = 0; k < classes; k++)
        v->largest = support[k] > v->largest ? support[k] : v->largest;
    v->block = block_width(v, (size_t)thread_count);
}

bool one_vs_rest_room_init(one_vs_rest_room *at, const one_vs_rest *v)
{
    const size_t n = v->s->count;
    *at = (one_vs_rest_room){
        .keys = mem_alloc_large(n * v->block, key_bytes(v)),
        .scratch = mem_alloc_large(n, sizeof *at->pairs),
        .tile = mem_alloc(TILE_ROWS * v->block, key_bytes(v)),
        .pairs = mem_alloc_large(n, sizeof *at->pairs),
        .table = mem_alloc(v->largest + 1, sizeof *at->table),
        .cursor = mem_alloc(n / NEIGHBOURS + 1, sizeof *at->cursor),
    };
    return at->keys && at->scratch && at->tile && at->pairs && at->table && at->cursor;
}

void one_vs_rest_room_clear(one_vs_rest_room *at)
{
    mem_free(at->keys);
    mem_free(at->scratch);
    mem_free(at->tile);
    mem_free(at->pairs);
    mem_free(at->table);
    mem_free(at->cursor);
    *at = (one_vs_rest_room){0};
}

/* A tile's rows [row, ...) of one column, as keys of the samples [begin, end) that lie in it. */
static void take_keys_f32(const samples *s, size_t begin, size_t end, const float *restrict value,
                          uint32_t *restrict key)
{
    const size_t row = samples_row(s, begin);
    for (size_t i = begin; i < end; i++)
        key[i] = sort_key_f32(value[samples_row(s, i) - row]);
}

static void take_keys_f64(const samples *s, size_t begin, size_t end, const double *restrict value,
                          uint64_t *restrict key)
{
    const size_t row = samples_row(s, begin);
    for (size_t i = begin; i < end; i++)
        key[i] = sort_key_f64(value[samples_row(s, i) - row]);
}

/* The end of the samples whose rows lie within a tile of that of sample `begin`. */
static size_t end_of_tile(const samples *s, size_t begin)
{
    const size_t beyond = samples_row(s, begin) + TILE_ROWS;
    if (!s->row)
        return beyond < s->count ? beyond : s->count;
    size_t end = begin + 1;
    while (end < s->count && s->row[end] < beyond)
        end++;
    return end;
}

void one_vs_rest_read(const one_vs_rest *v, const one_vs_rest_room *at, size_t column, size_t count)
{
    const samples *s = v->s;
    const probabilities *p = s->frame->probability;
    for (size_t begin = 0, end; begin < s->count; begin = end) {
        if (cancellation_asked(v->stop))
            return;
        end = end_of_tile(s, begin);
        const size_t row = samples_row(s, begin), rows = samples_row(s, end - 1) - row + 1;
        if (v->narrow)
            probabilities_columns_f32(p, row, rows, column, count, at->tile);
        else
            probabilities_columns_f64(p, row, rows, column, count, at->tile);
        for (size_t c = 0; c < count; c++) {
            if (v->narrow)
                take_keys_f32(s, begin, end, (const float *)at->tile + c * rows,
                              (uint32_t *)at->keys + c * s->count);
            else
                take_keys_f64(s, begin, end, (const double *)at->tile + c * rows,
                              (uint64_t *)at->keys + c * s->count);
        }
    }
}

static uint32_t flagged(const samples *s, size_t i, size_t k)
{
    return (uint32_t)i | (s->label[i] == k ? POSITIVE : 0);
}

static void sort_narrow(const one_vs_rest *v, const one_vs_rest_room *at,
                        const uint32_t *restrict key, size_t k)
{
    const size_t n = v->s->count;
    for (size_t i = 0; i < n; i++)
        at->pairs[i] = (uint64_t)key[i] << 32 | flagged(v->s, i, k);
    sort_pairs_f32_until(at->pairs, at->scratch, n, v->stop);
}

/* 64-bit keys are sorted apart; the pairs get the number of the distinct key in its place. */
static void sort_wide(const one_vs_rest *v, const one_vs_rest_room *at, uint64_t *restrict key,
                      size_t k)
{
    const size_t n = v->s->count;
    uint32_t *const index = at->scratch;
    for (size_t i = 0; i < n; i++)
        index[i] = flagged(v->s, i, k);
    const sort_keyed all = {key, index, at->pairs, index + n, n};
    sort_keyed_until(&all, 1, v->stop);
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++) {
        number += i > 0 && key[i] != key[i - 1];
        at->pairs[i] = number << 32 | index[i];
    }
}

one_vs_rest_order one_vs_rest_sort(const one_vs_rest *v, const one_vs_rest_room *at, size_t c,
                                   size_t k)
{
    const size_t n = v->s->count;
    one_vs_rest_order o = {
        .pair = at->pairs, .n = n, .positives = v->support[k], .negatives = n - v->support[k]};
    if (v->narrow) {
        sort_narrow(v, at, (const uint32_t *)at->keys + c * n, k);
    } else {
        uint64_t *const key = (uint64_t *)at->keys + c * n;
        sort_wide(v, at, key, k);
        o.key = key;
    }
    return o;
}

/* The end of the ties that begin at `begin`, and how many of them are positive. */
static inline size_t end_of_ties(const one_vs_rest_order *o, size_t begin, uint64_t *positives)
{
    const uint64_t key = o->pair[begin] >> 32;
    uint64_t found = 0;
    size_t i = begin;
    do
        found += o->pair[i++] >> 31 & 1;
    while (i < o->n && o->pair[i] >> 32 == key);
    *positives = found;
    return i;
}

/* count · x², where x is below 2^32. */
static inline one_vs_rest_wide squares(uint64_t count, uint64_t x)
{
    const uint64_t square = x * x;
    return (one_vs_rest_wide)count * square;
}

/* What the samples of one threshold share goes to the table, one entry a positive. */
static void note_placement(one_vs_rest_placement *table, uint64_t end, uint64_t positives,
                           one_vs_rest_placement x)
{
    for (uint64_t r = end - positives; r < end; r++)
        table[r] = x;
}

/* The record of a sample: twice the number of positives above it (ties once) over flag and sample.
 * Half of that number, rounded down, finds its entry in the table. */
one_vs_rest_tally one_vs_rest_walk(const one_vs_rest_order *o, const one_vs_rest_room *at)
{
    one_vs_rest_tally t = {0};
    uint64_t *const records = at->scratch;
    double gain = 0, loss = 0; /* sums over the positives so far of 1/M and precision/M */
    uint64_t left = o->positives, below = 0, positives;
    at->table[left] = (one_vs_rest_placement){0};
    for (size_t i = 0; i < o->n; i += NEIGHBOURS)
        at->cursor[i / NEIGHBOURS] = (uint32_t)i;
    for (size_t begin = 0, end; begin < o->n; begin = end) {
        end = end_of_ties(o, begin, &positives);
        const uint64_t negatives = end - begin - positives;
        const uint64_t twice_below = 2 * below + negatives, twice_above = 2 * left - positives;
        t.negative_squares += squares(negatives, twice_above);
        t.distinct++;
        if (positives) {
            const double tied = (double)positives, at_least = (double)(o->n - begin);
            const double precision = (double)left / at_least;
            t.twice_wins += positives * twice_below;
            t.positive_squares += squares(positives, twice_below);
            t.precision_sum += tied * precision;
            gain += tied / at_least;
            loss += tied * precision / at_least;
            note_placement(
                at->table, left, positives,
                (one_vs_rest_placement){(double)twice_below, loss, precision + gain - loss});
        }
        for (size_t i = begin; i < end; i++) {
            const uint32_t sample = (uint32_t)o->pair[i];
            records[at->cursor[(sample & ~POSITIVE) / NEIGHBOURS]++] = twice_above << 32 | sample;
        }
        left -= positives;
        below += negatives;
    }
    t.average_precision = t.precision_sum / (double)o->positives;
    t.precision_bias = (gain - loss) / (double)o->positives;
    t.auroc = (double)t.twice_wins / (2.0 * (double)o->positives * (double)o->negatives);
    return t;
}

static inline int64_t whole(double x)
{
    return (int64_t)llrint(x);
}

void one_vs_rest_add_influences(const one_vs_rest *v, const one_vs_rest_room *at,
                                const one_vs_rest_order *o, const one_vs_rest_tally *t,
                                one_vs_rest_influence *restrict to)
{
    const uint64_t *restrict records = at->scratch;
    const one_vs_rest_placement *restrict table = at->table;
    const uint32_t *restrict group = v->s->groups.group;
    const double p = (double)o->positives, n = (double)o->negatives;
    const double p_scale = 1 / (v->step * p), n_scale = 1 / (v->step * n);
    const double half_pair = 1 / (2 * v->step * p * n); /* both kinds: a tie is half a pair won */
    for (size_t i = 0; i < o->n; i++) {
        const uint64_t twice_above = records[i] >> 32;
        const uint32_t sample = (uint32_t)records[i] & ~POSITIVE;
        const one_vs_rest_placement *entry = &table[twice_above / 2];
        one_vs_rest_influence *slot = &to[group ? group[sample] : sample];
        if (!group && i + NEIGHBOURS < o->n)
            __builtin_prefetch(&to[i + NEIGHBOURS], 1); /* the next neighbourhood, in passing */
        if ((uint32_t)records[i] & POSITIVE) {
            slot->auroc += whole(half_pair * entry->twice_below - p_scale * t->auroc);
            slot->precision += whole(p_scale * (entry->merit - t->average_precision));
        } else {
            slot->auroc += whole(half_pair * (double)twice_above - n_scale * t->auroc);
            slot->precision += whole(-p_scale * entry->loss);
        }
    }
}
