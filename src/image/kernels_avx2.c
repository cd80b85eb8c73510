/* The inner loops for processors with AVX2: 32 bytes at a time. */
#include "image/kernels.h"

#include <stdbool.h>
#include <string.h>

#include <immintrin.h>

typedef __m256i vec;
typedef __m256i mask8; /* 0xFF where it is so */
enum { LANES = 32 };
/* The channels of as many pixels as a vector has bytes. */
typedef struct colours {
    vec r, g, b;
} colours;
#define V(op) _mm256_##op

static inline vec load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i_u *)(const void *)at);
}

/* The first n bytes, fewer than a vector holds, and zeroes. */
static inline vec load_some(const uint8_t *at, size_t n)
{
    uint8_t some[LANES] = {0};
    memcpy(some, at, n);
    return load(some);
}

static inline void store(uint8_t *at, vec x)
{
    _mm256_storeu_si256((__m256i_u *)(void *)at, x);
}

static inline vec zero(void)
{
    return _mm256_setzero_si256();
}

static inline uint64_t sum64(vec x)
{
    uint64_t part[4];
    store((uint8_t *)part, x);
    return part[0] + part[1] + part[2] + part[3];
}

static inline uint64_t sum32(vec x)
{
    const vec evens = _mm256_and_si256(x, _mm256_set1_epi64x(UINT32_MAX));
    return sum64(_mm256_add_epi64(evens, _mm256_srli_epi64(x, 32)));
}

static inline uint32_t bits8(mask8 m)
{
    return (uint32_t)_mm256_movemask_epi8(m);
}

/* Pairs of signed 16-bit numbers squared, and added to 32 bits. */
static inline vec add_squares(vec sums, vec x)
{
    return _mm256_add_epi32(sums, _mm256_madd_epi16(x, x));
}

/* Sums and sums of squares of a few thousand vectors of bytes. */
typedef struct byte_run {
    vec sum, squares;
} byte_run;

static inline void add_bytes(byte_run *run, vec x)
{
    run->sum = _mm256_add_epi64(run->sum, _mm256_sad_epu8(x, zero()));
    run->squares = add_squares(run->squares, _mm256_unpacklo_epi8(x, zero()));
    run->squares = add_squares(run->squares, _mm256_unpackhi_epi8(x, zero()));
}

static inline void end_bytes(const byte_run *run, byte_sums *sums)
{
    sums->sum += sum64(run->sum);
    sums->squares += sum32(run->squares);
}

static inline int count8(mask8 m)
{
    return __builtin_popcount(bits8(m));
}

static inline bool any8(mask8 m)
{
    return bits8(m) != 0;
}

static inline mask8 both8(mask8 a, mask8 b)
{
    return _mm256_and_si256(a, b);
}

static inline mask8 equal8(vec a, vec b)
{
    return _mm256_cmpeq_epi8(a, b);
}

/* Unsigned comparisons through the larger of both. */
static inline mask8 above8(vec a, int limit)
{
    const vec least = _mm256_set1_epi8((char)(limit + 1));
    return equal8(_mm256_max_epu8(a, least), a);
}

static inline mask8 within8(vec a, int from, int to)
{
    const vec moved = _mm256_sub_epi8(a, _mm256_set1_epi8((char)from));
    return equal8(_mm256_min_epu8(moved, _mm256_set1_epi8((char)(to - from))), moved);
}

static inline vec choose8(mask8 m, vec yes, vec no)
{
    return _mm256_blendv_epi8(no, yes, m);
}

/* 170 d >= 33 v in 16 bits: saturated differences of 0. */
static inline vec weak16(vec d, vec v)
{
    return _mm256_subs_epu16(_mm256_mullo_epi16(v, _mm256_set1_epi16(33)),
                             _mm256_mullo_epi16(d, _mm256_set1_epi16(170)));
}

static inline mask8 strong8(vec v, vec d)
{
    const vec none = zero();
    const vec low = weak16(_mm256_unpacklo_epi8(d, none), _mm256_unpacklo_epi8(v, none));
    const vec high = weak16(_mm256_unpackhi_epi8(d, none), _mm256_unpackhi_epi8(v, none));
    const vec saturated =
        _mm256_packs_epi16(_mm256_cmpeq_epi16(low, none), _mm256_cmpeq_epi16(high, none));
    return _mm256_and_si256(saturated, above8(v, 39));
}

/* 122,880 / d, rounded; of 0, and of spreads so small that no colour is strong, anything. The
 * quotient is never so near to a half that single precision could err. */
static inline vec reciprocal32(vec d)
{
    return _mm256_cvtps_epi32(_mm256_div_ps(_mm256_set1_ps(122880.0F), _mm256_cvtepi32_ps(d)));
}

static inline vec reciprocal16(vec d)
{
    const vec none = zero();
    return _mm256_packs_epi32(reciprocal32(_mm256_unpacklo_epi16(d, none)),
                              reciprocal32(_mm256_unpackhi_epi16(d, none)));
}

static inline void reciprocals(vec d, vec *low, vec *high)
{
    *low = reciprocal16(_mm256_unpacklo_epi8(d, zero()));
    *high = reciprocal16(_mm256_unpackhi_epi8(d, zero()));
}

/* A window, for signed comparisons of numbers with their highest bit turned. */
typedef struct bounds16 {
    vec from, to;
} bounds16;
typedef struct sieve_bounds {
    bounds16 of[2];
} sieve_bounds;

static inline bounds16 bound16(uint16_t from, uint16_t to)
{
    return (bounds16){_mm256_set1_epi16((short)(from ^ 0x8000)),
                      _mm256_set1_epi16((short)(to ^ 0x8000))};
}

/* Adds how many of 32 numbers lie below each window; a bit for each that lies inside of one. */
static inline uint64_t sift(vec low, vec high, sieve_bounds bounds, uint64_t below[2])
{
    const vec turn = _mm256_set1_epi16(INT16_MIN);
    low = _mm256_xor_si256(low, turn);
    high = _mm256_xor_si256(high, turn);
    uint32_t inside = 0;
    for (size_t k = 0; k < 2; k++) {
        const bounds16 w = bounds.of[k];
        const uint32_t under = bits8(
            _mm256_packs_epi16(_mm256_cmpgt_epi16(w.from, low), _mm256_cmpgt_epi16(w.from, high)));
        const uint32_t over = bits8(
            _mm256_packs_epi16(_mm256_cmpgt_epi16(low, w.to), _mm256_cmpgt_epi16(high, w.to)));
        below[k] += (uint64_t)__builtin_popcount(under);
        inside |= ~(under | over);
    }
    return inside;
}

/* Few pixels are kept, so one at a time. */
static inline void keep(light_sieve *s, const planes *p, size_t at, colours x, uint64_t inside)
{
    (void)x;
    size_t count = s->count;
    for (; inside; inside &= inside - 1, count++) {
        const size_t i = at + (size_t)__builtin_ctzll(inside);
        s->kept[0][count] = p->r[i];
        s->kept[1][count] = p->g[i];
        s->kept[2][count] = p->b[i];
    }
    s->count = count;
}

#include "image/kernels_vector.h"

static size_t pick(const uint32_t *numbers, size_t n, uint32_t from, uint32_t to, uint32_t *out)
{
    return kernels_plain.pick(numbers, n, from, to, out);
}

/* Every third byte of 48, of two stretches at once: blended into one vector, then put in order. */
static inline vec every_third(vec a, vec b, vec c, int first)
{
    const vec third =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0));
    /* The byte at place i of a belongs to channel i mod 3, of b to i + 16, of c to i + 32. */
    const vec from_b = _mm256_cmpeq_epi8(third, _mm256_set1_epi8((char)((first + 2) % 3)));
    const vec from_c = _mm256_cmpeq_epi8(third, _mm256_set1_epi8((char)((first + 1) % 3)));
    const vec blended = _mm256_blendv_epi8(_mm256_blendv_epi8(a, b, from_b), c, from_c);
    const vec order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 3, 6, 9, 12, 15, 2, 5, 8, 11, 14, 1, 4, 7, 10, 13));
    const vec ahead = _mm256_add_epi8(order, _mm256_set1_epi8((char)first));
    return _mm256_shuffle_epi8(blended, _mm256_and_si256(ahead, _mm256_set1_epi8(15)));
}

static inline vec two_stretches(const uint8_t *at)
{
    const __m128i first = _mm_loadu_si128((const __m128i_u *)(const void *)at);
    const __m128i second = _mm_loadu_si128((const __m128i_u *)(const void *)(at + 48));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
}

static void split(const uint8_t *rgb, size_t n, uint8_t *restrict r, uint8_t *restrict g,
                  uint8_t *restrict b)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const uint8_t *at = rgb + 3 * i;
        const vec x = two_stretches(at), y = two_stretches(at + 16), z = two_stretches(at + 32);
        store(r + i, every_third(x, y, z, 0));
        store(g + i, every_third(x, y, z, 1));
        store(b + i, every_third(x, y, z, 2));
    }
    kernels_plain.split(rgb + 3 * i, n - i, r + i, g + i, b + i);
}

const pixel_kernels kernels_avx2 = {.name = "avx2",
                                    .split = split,
                                    .line = line,
                                    .laplace = laplace,
                                    .survey = survey_row,
                                    .keys = keys,
                                    .pick = pick,
                                    .columns = columns};
