/* The inner loops for processors with AVX-512 and its instructions for bytes (Ice Lake, Zen 4 and
 * later): 64 bytes at a time. */
#include "image/kernels.h"

#include <stdbool.h>

#include <immintrin.h>

typedef __m512i vec;
typedef __mmask64 mask8;
enum { LANES = 64 };
#define V(op) _mm512_##op

static inline vec load(const uint8_t *at)
{
    return _mm512_loadu_si512(at);
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

/* 170 d >= 33 v in 16 bits: saturated differences of 0. */
static inline vec weak16(vec d, vec v)
{
    return _mm512_subs_epu16(_mm512_mullo_epi16(v, _mm512_set1_epi16(33)),
                             _mm512_mullo_epi16(d, _mm512_set1_epi16(170)));
}

static inline mask8 strong8(vec v, vec d)
{
    const vec none = zero();
    const vec low = weak16(_mm512_unpacklo_epi8(d, none), _mm512_unpacklo_epi8(v, none));
    const vec high = weak16(_mm512_unpackhi_epi8(d, none), _mm512_unpackhi_epi8(v, none));
    /* Differences fit in 14 bits, so packing with saturation leaves only 0 as 0. */
    return _mm512_cmpeq_epi8_mask(_mm512_packus_epi16(low, high), none) & above8(v, 39);
}

/* 122,880 / d, rounded, in two bytes; where that needs more, no colour is strong, and anything
 * does. */
#define R(d) (uint16_t)((d) < 4 ? 0 : (122880 + (d) / 2) / ((d) < 4 ? 1 : (d)))
#define LOWER(d) (uint8_t)(R(d) & 0xFF)
#define UPPER(d) (uint8_t)(R(d) >> 8)
#define OF_4(part, d) part(d), part((d) + 1), part((d) + 2), part((d) + 3)
#define OF_16(part, d) OF_4(part, d), OF_4(part, (d) + 4), OF_4(part, (d) + 8), OF_4(part, (d) + 12)
#define OF_64(part, d)                                                                             \
    OF_16(part, d), OF_16(part, (d) + 16), OF_16(part, (d) + 32), OF_16(part, (d) + 48)
#define OF_256(part) OF_64(part, 0), OF_64(part, 64), OF_64(part, 128), OF_64(part, 192)

static const _Alignas(64) uint8_t reciprocal_lower[256] = {OF_256(LOWER)};
static const _Alignas(64) uint8_t reciprocal_upper[256] = {OF_256(UPPER)};

/* at[d], for 64 numbers at once. */
static inline vec look_up(const uint8_t at[256], vec d)
{
    const vec first = _mm512_permutex2var_epi8(load(at), d, load(at + 64));
    const vec second = _mm512_permutex2var_epi8(load(at + 128), d, load(at + 192));
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(d), first, second);
}

static inline void reciprocals(vec d, vec *low, vec *high)
{
    const vec lower = look_up(reciprocal_lower, d), upper = look_up(reciprocal_upper, d);
    *low = _mm512_unpacklo_epi8(lower, upper);
    *high = _mm512_unpackhi_epi8(lower, upper);
}

/* A bit for each of 64 numbers that is smaller. */
static inline uint64_t below16(vec low, vec high, uint16_t limit)
{
    const vec bound = _mm512_set1_epi16((short)limit);
    const vec packed = _mm512_packs_epi16(_mm512_movm_epi16(_mm512_cmplt_epu16_mask(low, bound)),
                                          _mm512_movm_epi16(_mm512_cmplt_epu16_mask(high, bound)));
    return _mm512_movepi8_mask(packed);
}

static inline void keep(light_sieve *s, const planes *p, size_t at, vec r, vec g, vec b,
                        uint64_t inside)
{
    (void)p;
    (void)at;
    store(s->kept[0] + s->count, _mm512_maskz_compress_epi8(inside, r));
    store(s->kept[1] + s->count, _mm512_maskz_compress_epi8(inside, g));
    store(s->kept[2] + s->count, _mm512_maskz_compress_epi8(inside, b));
    s->count += (size_t)__builtin_popcountll(inside);
}

#include "image/kernels_vector.h"

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
                                      .spread = spread,
                                      .laplace = laplace,
                                      .grey = grey,
                                      .colour = colour,
                                      .light = light};
