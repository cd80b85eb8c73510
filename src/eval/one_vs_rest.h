#ifndef EVAL_ONE_VS_REST_H
#define EVAL_ONE_VS_REST_H

#include "eval/samples.h"
#include "stats/sort.h"

/* One class against the rest: its column of probabilities is sorted once, together with each
 * sample's number and whether it belongs to the class; everything else walks that order. */

/** What every class shares. */
typedef struct one_vs_rest {
    const samples *s; /* all with probabilities */
    const uint64_t *support;
    uint64_t largest; /* class's support */
    size_t block;     /* columns that are read at once */
    bool narrow;      /* keys have 32 bits */
    double step;      /* of influences */
    /* The caller's, set after the init: once it is asked, keys are not all read and orders are
     * none. NULL: never. */
    cancellation *stop;
} one_vs_rest;

/** `support`: a class's samples, for all classes. O(K). */
void one_vs_rest_init(one_vs_rest *v, const samples *s, const uint64_t *support, int thread_count);

/** What the positives of one threshold share. */
typedef struct one_vs_rest_placement {
    double twice_below; /* negatives below, ties half */
    double loss; /* sum of precision/M over the positives up to here, M = samples at or above one */
    double
        merit; /* precision here, and the sum of (1 - precision)/M over the positives up to here */
} one_vs_rest_placement;

/** Room for one worker. */
typedef struct one_vs_rest_room {
    void *keys;    /* block × n order-preserving keys, 32 or 64 bits each */
    void *scratch; /* n words */
    void *tile;
    uint64_t *pairs;
    one_vs_rest_placement *table; /* the largest class's size + 1 */
    uint32_t *cursor;             /* a neighbourhood of samples */
} one_vs_rest_room;

/** False when memory is short; what was got is the caller's to clear all the same. */
bool one_vs_rest_room_init(one_vs_rest_room *at, const one_vs_rest *v);
void one_vs_rest_room_clear(one_vs_rest_room *at);

/** The keys of columns [column, column + count) of all samples, count <= block, into the room. */
void one_vs_rest_read(const one_vs_rest *v, const one_vs_rest_room *at, size_t column,
                      size_t count);

/** The samples in ascending order of one class's probability. */
typedef struct one_vs_rest_order {
    const uint64_t *pair; /* key << 32 | [belongs to the class] << 31 | sample */
    const uint64_t *key;  /* sorted 64-bit keys; NULL where the pair's own upper half is the key */
    size_t n;
    uint64_t positives, negatives;
} one_vs_rest_order;

/** Column `c` of the room's block, which is class `k`. Valid until the next is sorted. O(N). */
one_vs_rest_order one_vs_rest_sort(const one_vs_rest *v, const one_vs_rest_room *at, size_t c,
                                   size_t k);

/** The probability of the i-th in order. */
static inline double one_vs_rest_threshold(const one_vs_rest_order *o, size_t i)
{
    return o->key ? sort_unkey_f64(o->key[i])
                  : (double)sort_unkey_f32((uint32_t)(o->pair[i] >> 32));
}

__extension__ typedef unsigned __int128 one_vs_rest_wide;

/** What one walk over the order finds. */
typedef struct one_vs_rest_tally {
    uint64_t twice_wins; /* pairs of a positive above a negative, twice; ties once */
    one_vs_rest_wide positive_squares, negative_squares; /* of each sample's own share of it */
    double precision_sum;                                /* over the positives */
    size_t distinct;
    double auroc, average_precision;
    /* How far AP lies above that of endless samples, to first order: each positive counts itself
     * among those at or above it. */
    double precision_bias;
} one_vs_rest_tally;

/**
 * One walk up the thresholds. It leaves in the room what one_vs_rest_add_influences() needs: a
 * table, and a record a sample, dealt to neighbourhoods of samples so that their sums stay inside
 * the cache. The class has positives. O(N).
 */
one_vs_rest_tally one_vs_rest_walk(const one_vs_rest_order *o, const one_vs_rest_room *at);

/** What a sample adds to a class's score, in steps: whole numbers, so that the sums over classes
 * are exact in any order. Over all classes and samples they stay below 2^62. */
typedef struct one_vs_rest_influence {
    int64_t auroc, precision;
} one_vs_rest_influence;

/** Add each sample's influence on AUROC and AP to its slot (its group, or itself), after the walk.
 * The class has negatives too. O(N). */
void one_vs_rest_add_influences(const one_vs_rest *v, const one_vs_rest_room *at,
                                const one_vs_rest_order *o, const one_vs_rest_tally *t,
                                one_vs_rest_influence *restrict to);

#endif
