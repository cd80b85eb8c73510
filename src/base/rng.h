#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/**
 * Seeded random numbers (xoshiro256++ by Blackman and Vigna, seeded through splitmix64). The same
 * (seed, stream) gives the same numbers on every machine; different streams are independent for
 * our purposes, so each fixed chunk of parallel work takes its own.
 */
typedef struct rng {
    uint64_t state[4];
} rng;

void rng_init(rng *r, uint64_t seed, uint64_t stream);

/** Uniform over all 64-bit numbers. */
uint64_t rng_next(rng *r);

/** Uniform in [0, 1), 53 bits. */
double rng_unit(rng *r);

/** Uniform in [0, limit), unbiased; limit >= 1. */
uint64_t rng_below(rng *r, uint64_t limit);

/** Standard normal (Marsaglia's polar method, no state kept between calls). */
double rng_normal(rng *r);

/** A seeded uniform permutation of 0..count-1 (Fisher-Yates). O(count). */
void rng_permutation(rng *r, uint32_t *out, size_t count);

/** 64-bit mix of a number (splitmix64's finaliser): a hash with no state. */
uint64_t rng_mix(uint64_t x);

#endif
