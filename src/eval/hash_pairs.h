#ifndef EVAL_HASH_PAIRS_H
#define EVAL_HASH_PAIRS_H

#include "base/progress.h"
#include "base/try.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Perceptual hashes that differ in so few bits are worth a look. */
enum { HASH_BITS_APART = 6 };

/* Samples of one hash that are paired with everyone; more of them are paired in a row, each with
 * the next, and only the first of them with other hashes: flat pictures share one hash, and a
 * million of them must not make 10^12 pairs. */
enum { HASH_CROWD = 8 };

/** Two samples that may be near-duplicates, first < second. */
typedef struct sample_pair {
    uint32_t first, second;
} sample_pair;

/** Pairs, which grow. {0} is none. */
typedef struct sample_pairs {
    sample_pair *at;
    size_t count, room;
    bool cut; /* there were more than `most` */
} sample_pairs;

void sample_pairs_clear(sample_pairs *pairs);

/** Adds a pair in either order; a sample with itself is none. False: out of memory. */
ASSAY_MUST_USE bool sample_pairs_add(sample_pairs *pairs, uint32_t a, uint32_t b);

/** Puts the pairs in order and each once. NOMEM. O(count). */
ASSAY_MUST_USE assay_code sample_pairs_order(sample_pairs *pairs, assay_err *err);

typedef struct hash_pairs_options {
    bool mirrored; /* also where one is like the mirror image of the other, for twice the cost */
    size_t most;   /* pairs kept before the search ends with `cut` set; 0: no limit */
    const progress *progress; /* "comparing hashes"; may stop it */
} hash_pairs_options;

/**
 * Adds all pairs of samples whose perceptual hashes differ in up to HASH_BITS_APART bits, but for
 * crowds. `has` tells who has a hash (NULL: all). Hashes are cut into 7, 8 or 9 bands, of which at
 * least 1, 2 or 3 must be equal: one sort and a walk over small buckets for each choice of bands.
 * The mirror image of a hash is guessed by turning the bits of odd frequencies, which is right but
 * for the few that lie between the median and its negative. 16 bytes a hash and 4 a sample; ten
 * million hashes take 84 sorts. CANCELLED, NOMEM.
 */
ASSAY_MUST_USE assay_code hash_pairs_find(const uint64_t *hash, const uint8_t *has, size_t count,
                                          const hash_pairs_options *options, sample_pairs *pairs,
                                          assay_err *err);

#endif
