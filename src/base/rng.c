/* Seeded random numbers, the same on every machine. */
#include "base/rng.h"

#include <math.h>

uint64_t rng_mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

void rng_init(rng *r, uint64_t seed, uint64_t stream)
{
    uint64_t x = rng_mix(seed + 0x9E3779B97F4A7C15u) ^ rng_mix(stream * 0xD1342543DE82EF95u + 1);
    for (int i = 0; i < 4; i++) {
        x += 0x9E3779B97F4A7C15u;
        r->state[i] = rng_mix(x);
    }
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t rng_next(rng *r)
{
    uint64_t *s = r->state;
    const uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    const uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double rng_unit(rng *r)
{
    return (double)(rng_next(r) >> 11) * 0x1p-53;
}

uint64_t rng_below(rng *r, uint64_t limit)
{
    /* Lemire's multiply-and-reject. */
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)rng_next(r) * limit;
    if ((uint64_t)product < limit) {
        const uint64_t floor = (0 - limit) % limit;
        while ((uint64_t)product < floor)
            product = (wide)rng_next(r) * limit;
    }
    return (uint64_t)(product >> 64);
}

double rng_normal(rng *r)
{
    for (;;) {
        const double u = 2.0 * rng_unit(r) - 1.0;
        const double v = 2.0 * rng_unit(r) - 1.0;
        const double s = u * u + v * v;
        if (s > 0.0 && s < 1.0)
            return u * sqrt(-2.0 * log(s) / s);
    }
}

void rng_permutation(rng *r, uint32_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        const size_t j = (size_t)rng_below(r, i);
        const uint32_t kept = out[i - 1];
        out[i - 1] = out[j];
        out[j] = kept;
    }
}
