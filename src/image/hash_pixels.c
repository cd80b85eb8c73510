/* The hash of an image's pixels and shape, and of a path. Words of 8 bytes go two at a time into
 * four lanes in turn: a lane, mixed with one word, times a constant, mixed with the other; the
 * upper half of the 128-bit product folded into the lower. It finds equal pictures; it is no
 * defence against somebody who wants two to collide. docs/measures.md defines it. */
#include "image/measure_parts.h"

#include <endian.h>
#include <string.h>

enum { PAIR_BYTES = 16, ROUND_BYTES = PAIR_BYTES * HASH_LANES };

/* Odd numbers without a pattern: the first bits of the roots of 2, 3, 5, 7 and 11 behind the point.
 */
static const uint64_t salt[HASH_LANES + 1] = {
    0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B,
    0xA54FF53A5F1D36F1, 0x510E527FADE682D1,
};

__extension__ typedef unsigned __int128 wide;

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    const wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word(const uint8_t *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof w);
    return le64toh(w);
}

static inline void add_pair(uint64_t *lane, const uint8_t *at, uint64_t constant)
{
    *lane = fold(*lane ^ word(at), word(at + 8) ^ constant);
}

void pixel_hash_begin(pixel_hasher *h, uint32_t width, uint32_t height)
{
    const uint64_t shape = (uint64_t)width << 32 | height;
    for (size_t i = 0; i < HASH_LANES; i++)
        h->lane[i] = fold(shape ^ salt[i], salt[i + 1]);
}

void pixel_hash_add(pixel_hasher *h, const uint8_t *at, size_t length)
{
    size_t i = 0;
    uint64_t lane[HASH_LANES];
    memcpy(lane, h->lane, sizeof lane);
    for (; i + ROUND_BYTES <= length; i += ROUND_BYTES) {
        for (size_t k = 0; k < HASH_LANES; k++)
            add_pair(&lane[k], at + i + k * PAIR_BYTES, salt[k]);
    }
    size_t k = 0;
    for (; i + PAIR_BYTES <= length; i += PAIR_BYTES, k++)
        add_pair(&lane[k], at + i, salt[k]);
    if (i < length) {
        uint8_t rest[PAIR_BYTES] = {0};
        memcpy(rest, at + i, length - i);
        add_pair(&lane[k], rest, salt[k]);
    }
    memcpy(h->lane, lane, sizeof lane);
}

uint64_t pixel_hash_end(const pixel_hasher *h)
{
    uint64_t all = salt[HASH_LANES];
    for (size_t i = 0; i < HASH_LANES; i++)
        all = fold(all ^ h->lane[i], salt[i]) + h->lane[i];
    return fold(all ^ salt[0], salt[HASH_LANES]);
}

double image_measure_random(const char *path, size_t length)
{
    pixel_hasher h;
    pixel_hash_begin(&h, (uint32_t)(length >> 32), (uint32_t)length);
    pixel_hash_add(&h, (const uint8_t *)path, length);
    return (double)(pixel_hash_end(&h) >> 11) * 0x1p-53;
}
