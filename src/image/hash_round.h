#ifndef IMAGE_HASH_ROUND_H
#define IMAGE_HASH_ROUND_H

/* The steps of the pixel hash, for the loops that take it along: hash_pixels.c says what it is. */

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { HASH_LANES = 4, HASH_PAIR_BYTES = 16, HASH_ROUND_BYTES = HASH_PAIR_BYTES * HASH_LANES };

typedef struct pixel_hasher {
    uint64_t lane[HASH_LANES];
} pixel_hasher;

/* Odd numbers without a pattern: the first bits of the roots of 2, 3, 5, 7 and 11 behind the point.
 */
static const uint64_t hash_salt[HASH_LANES + 1] = {
    0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B,
    0xA54FF53A5F1D36F1, 0x510E527FADE682D1,
};

__extension__ typedef unsigned __int128 hash_wide;

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    const hash_wide product = (hash_wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_word(const uint8_t *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof w);
    return le64toh(w);
}

static inline void hash_pair(uint64_t *lane, const uint8_t *at, uint64_t constant)
{
    *lane = hash_fold(*lane ^ hash_word(at), hash_word(at + 8) ^ constant);
}

/** HASH_ROUND_BYTES of a row. */
static inline void hash_round(pixel_hasher *h, const uint8_t *at)
{
    for (size_t k = 0; k < HASH_LANES; k++)
        hash_pair(&h->lane[k], at + k * HASH_PAIR_BYTES, hash_salt[k]);
}

/** One row, or what is left of one after whole rounds. */
void pixel_hash_add(pixel_hasher *h, const uint8_t *at, size_t length);

#endif
