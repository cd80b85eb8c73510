/* The hash of an image's pixels and shape, and of a path. Words of 8 bytes go two at a time into
 * four lanes in turn: a lane, mixed with one word, times a constant, mixed with the other; the
 * upper half of the 128-bit product folded into the lower. It finds equal pictures; it is no
 * defence against somebody who wants two to collide. docs/measures.md defines it. */
#include "image/measure_parts.h"

#include "image/hash_round.h"

#include <string.h>

void pixel_hash_begin(pixel_hasher *h, uint32_t width, uint32_t height)
{
    const uint64_t shape = (uint64_t)width << 32 | height;
    for (size_t i = 0; i < HASH_LANES; i++)
        h->lane[i] = hash_fold(shape ^ hash_salt[i], hash_salt[i + 1]);
}

void pixel_hash_add(pixel_hasher *h, const uint8_t *at, size_t length)
{
    size_t i = 0;
    pixel_hasher local = *h;
    for (; i + HASH_ROUND_BYTES <= length; i += HASH_ROUND_BYTES)
        hash_round(&local, at + i);
    size_t k = 0;
    for (; i + HASH_PAIR_BYTES <= length; i += HASH_PAIR_BYTES, k++)
        hash_pair(&local.lane[k], at + i, hash_salt[k]);
    if (i < length) {
        uint8_t rest[HASH_PAIR_BYTES] = {0};
        memcpy(rest, at + i, length - i);
        hash_pair(&local.lane[k], rest, hash_salt[k]);
    }
    *h = local;
}

uint64_t pixel_hash_end(const pixel_hasher *h)
{
    uint64_t all = hash_salt[HASH_LANES];
    for (size_t i = 0; i < HASH_LANES; i++)
        all = hash_fold(all ^ h->lane[i], hash_salt[i]) + h->lane[i];
    return hash_fold(all ^ hash_salt[0], hash_salt[HASH_LANES]);
}

double image_measure_random(const char *path, size_t length)
{
    pixel_hasher h;
    pixel_hash_begin(&h, (uint32_t)(length >> 32), (uint32_t)length);
    pixel_hash_add(&h, (const uint8_t *)path, length);
    return (double)(pixel_hash_end(&h) >> 11) * 0x1p-53;
}
