/* The inner loops for processors with AVX-512 and its instructions for bytes (Ice Lake, Zen 4 and
 * later): 64 bytes at a time. */
#include "image/kernels.h"

#include <stdbool.h>

#include <immintrin.h>

typedef __m512i vec;
typedef __mmask64 mask8;
enum { LANES = 64 };
/* The channels of as many pixels as a vector has bytes. */
typedef struct colours {
    vec r, g, b;
} colours;
#define V(op) _mm512_##op

static inline vec load(const uint8_t *at)
{
    return _mm512_loadu_si512(at);
}

/* The first n bytes, fewer than a vector holds, and zeroes. */
static inline vec load_some(const uint8_t *at, size_t n)
{
    return _mm512_maskz_loadu_epi8(((uint64_t)1 << n) - 1, at);
}

static inline void store(uint8_t *at, vec x)
{
    _mm512_storeu_si512(at, x);
}

static inline vec zero(void)
{
    return _mm512_setzero_si512();
}

static inline uint64_t sum64(vec x)
{
    return (uint64_t)_mm512_reduce_add_epi64(x);
}

static inline uint64_t sum32(vec x)
{
    const vec evens = _mm512_and_si512(x, _mm512_set1_epi64(UINT32_MAX));
    return sum64(_mm512_add_epi64(evens, _mm512_srli_epi64(x, 32)));
}

/* Pairs of signed 16-bit numbers squared, and added to 32 bits. */
static inline vec add_squares(vec sums, vec x)
{
    return _mm512_dpwssd_epi32(sums, x, x);
}

/* Sums and sums of squares of a few thousand vectors of bytes. Only one factor of a product of
 * bytes may be unsigned, so it is x (x - 128) that is summed up. */
typedef struct byte_run {
    vec sum, products;
} byte_run;

static inline void add_bytes(byte_run *run, vec x)
{
    run->sum = _mm512_dpbusd_epi32(run->sum, x, _mm512_set1_epi8(1));
    const vec moved = _mm512_xor_si512(x, _mm512_set1_epi8(INT8_MIN));
    run->products = _mm512_dpbusd_epi32(run->products, x, moved);
}

/* Of signed numbers. */
static inline uint64_t sum_signed32(vec x)
{
    return sum64(_mm512_add_epi64(_mm512_srai_epi64(x, 32),
                                  _mm512_srai_epi64(_mm512_slli_epi64(x, 32), 32)));
}

static inline void end_bytes(const byte_run *run, byte_sums *sums)
{
    const uint64_t sum = sum32(run->sum);
    sums->sum += sum;
    sums->squares += sum_signed32(run->products) + 128 * sum;
}

static inline int count8(mask8 m)
{
    return __builtin_popcountll(m);
}

static inline bool any8(mask8 m)
{
    return m != 0;
}

static inline mask8 both8(mask8 a, mask8 b)
{
    return a & b;
}

static inline mask8 equal8(vec a, vec b)
{
    return _mm512_cmpeq_epi8_mask(a, b);
}

static inline mask8 above8(vec a, int limit)
{
    return _mm512_cmpgt_epu8_mask(a, _mm512_set1_epi8((char)limit));
}

static inline mask8 within8(vec a, int from, int to)
{
    const vec moved = _mm512_sub_epi8(a, _mm512_set1_epi8((char)from));
    return _mm512_cmple_epu8_mask(moved, _mm512_set1_epi8((char)(to - from)));
}

static inline vec choose8(mask8 m, vec yes, vec no)
{
    return _mm512_mask_blend_epi8(m, no, yes);
}

/* at[i], for 64 numbers i at once. */
static inline vec look_up(const uint8_t at[256], vec i)
{
    const vec first = _mm512_permutex2var_epi8(load(at), i, load(at + 64));
    const vec second = _mm512_permutex2var_epi8(load(at + 128), i, load(at + 192));
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(i), first, second);
}

#define OF_4(part, d) part(d), part((d) + 1), part((d) + 2), part((d) + 3)
#define OF_16(part, d) OF_4(part, d), OF_4(part, (d) + 4), OF_4(part, (d) + 8), OF_4(part, (d) + 12)
#define OF_64(part, d)                                                                             \
    OF_16(part, d), OF_16(part, (d) + 16), OF_16(part, (d) + 32), OF_16(part, (d) + 48)
#define OF_256(part)                                                                               \
    {                                                                                              \
        OF_64(part, 0), OF_64(part, 64), OF_64(part, 128), OF_64(part, 192)                        \
    }

/* The largest v with 170 d >= 33 v: any of d above 49. */
#define MOST_LIGHT(d) (uint8_t)((d) > 49 ? 255 : 170 * (d) / 33)
static const _Alignas(64) uint8_t most_light[64] = {OF_64(MOST_LIGHT, 0)};

static inline mask8 strong8(vec v, vec d)
{
    const vec place = _mm512_min_epu8(d, _mm512_set1_epi8(63));
    const vec most = _mm512_permutexvar_epi8(place, load(most_light));
    return _mm512_mask_cmple_epu8_mask(above8(v, 39), v, most);
}

/* 122,880 / d, rounded, in two bytes; where that needs more, no colour is strong, and anything
 * does. */
#define R(d) (uint16_t)((d) < 4 ? 0 : (122880 + (d) / 2) / ((d) < 4 ? 1 : (d)))
#define LOWER(d) (uint8_t)(R(d) & 0xFF)
#define UPPER(d) (uint8_t)(R(d) >> 8)
static const _Alignas(64) uint8_t reciprocal_lower[256] = OF_256(LOWER);
static const _Alignas(64) uint8_t reciprocal_upper[256] = OF_256(UPPER);

static inline void reciprocals(vec d, vec *low, vec *high)
{
    const vec lower = look_up(reciprocal_lower, d), upper = look_up(reciprocal_upper, d);
    *low = _mm512_unpacklo_epi8(lower, upper);
    *high = _mm512_unpackhi_epi8(lower, upper);
}

typedef struct bounds16 {
    vec from, to;
} bounds16;
typedef struct sieve_bounds {
    bounds16 of[2];
} sieve_bounds;

static inline bounds16 bound16(uint16_t from, uint16_t to)
{
    return (bounds16){_mm512_set1_epi16((short)from), _mm512_set1_epi16((short)to)};
}

static inline uint64_t sift16(vec x, sieve_bounds bounds, uint64_t below[2])
{
    uint32_t inside = 0;
    for (size_t k = 0; k < 2; k++) {
        const uint32_t under = _mm512_cmplt_epu16_mask(x, bounds.of[k].from);
        below[k] += (uint64_t)__builtin_popcount(under);
        inside |= ~under & _mm512_cmple_epu16_mask(x, bounds.of[k].to);
    }
    return inside;
}

/* Adds how many of 64 numbers lie below each window; a bit for each that lies inside of one, in the
 * order that the bytes had before they were widened: eight of the one, eight of the other. */
static inline uint64_t sift(vec low, vec high, sieve_bounds bounds, uint64_t below[2])
{
    const uint64_t from_low = sift16(low, bounds, below), from_high = sift16(high, bounds, below);
    return _pdep_u64(from_low, 0x00FF00FF00FF00FF) | _pdep_u64(from_high, 0xFF00FF00FF00FF00);
}

static inline void keep(light_sieve *s, const planes *p, size_t at, colours x, uint64_t inside)
{
    (void)p;
    (void)at;
    if (!inside)
        return;
    store(s->kept[0] + s->count, _mm512_maskz_compress_epi8(inside, x.r));
    store(s->kept[1] + s->count, _mm512_maskz_compress_epi8(inside, x.g));
    store(s->kept[2] + s->count, _mm512_maskz_compress_epi8(inside, x.b));
    s->count += (size_t)__builtin_popcountll(inside);
}

#include "image/kernels_vector.h"

static size_t pick(const uint32_t *numbers, size_t n, uint32_t from, uint32_t to, uint32_t *out)
{
    enum { NUMBERS = 16 };
    const vec first = _mm512_set1_epi32((int)from), span = _mm512_set1_epi32((int)(to - from));
    size_t count = 0;
    for (size_t i = 0; i < n; i += NUMBERS) {
        const size_t left = n - i;
        const __mmask16 there = left < NUMBERS ? (__mmask16)((1U << left) - 1) : (__mmask16)-1;
        const vec above = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(there, numbers + i), first);
        const __mmask16 inside = _mm512_mask_cmple_epu32_mask(there, above, span);
        _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi32(inside, above));
        count += (size_t)__builtin_popcount(inside);
    }
    return count;
}

/* Places of one channel's bytes among 128 (the first two vectors of three) and, for what lies
 * behind, among the third. */
static inline vec every_third(vec a, vec b, vec c, int first)
{
    _Alignas(64) static const uint8_t steps[64] = {
        0,   3,   6,   9,   12,  15,  18,  21,  24,  27,  30,  33,  36,  39,  42,  45,
        48,  51,  54,  57,  60,  63,  66,  69,  72,  75,  78,  81,  84,  87,  90,  93,
        96,  99,  102, 105, 108, 111, 114, 117, 120, 123, 126, 129, 132, 135, 138, 141,
        144, 147, 150, 153, 156, 159, 162, 165, 168, 171, 174, 177, 180, 183, 186, 189};
    const vec place = _mm512_add_epi8(load(steps), _mm512_set1_epi8((char)first));
    const vec front = _mm512_permutex2var_epi8(a, place, b);
    return _mm512_mask_permutexvar_epi8(front, _mm512_movepi8_mask(place), place, c);
}

static void split(const uint8_t *rgb, size_t n, uint8_t *restrict r, uint8_t *restrict g,
                  uint8_t *restrict b)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const uint8_t *at = rgb + 3 * i;
        const vec x = load(at), y = load(at + 64), z = load(at + 128);
        store(r + i, every_third(x, y, z, 0));
        store(g + i, every_third(x, y, z, 1));
        store(b + i, every_third(x, y, z, 2));
    }
    kernels_plain.split(rgb + 3 * i, n - i, r + i, g + i, b + i);
}

const pixel_kernels kernels_avx512 = {.name = "avx512",
                                      .split = split,
                                      .line = line,
                                      .laplace = laplace,
                                      .survey = survey_row,
                                      .keys = keys,
                                      .pick = pick,
                                      .columns = columns};
