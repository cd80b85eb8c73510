/* Percentiles of perceived brightness without sorting an image or counting it twice: a sample says
 * where they will lie, one pass counts what is below and keeps what is near, and the exact ranks
 * are chosen among those. Where the sample misled, the image is counted in two passes more. */
#include "image/measure_parts.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLE = 4096,
    SAMPLES_AHEAD = 32,
    SAMPLE_BIN = 16, /* estimates */
    SAMPLE_BINS = LIGHT_ESTIMATE_MOST / SAMPLE_BIN + 1,
    WHOLE_MOST = 4 * SAMPLE, /* images up to this are kept whole */
    KEPT_MOST = 1 << 22,
    DIGIT_BITS = 8,
    DIGITS = 1 << DIGIT_BITS,
    DIGIT_TABLES = 4,
    COARSE_BITS = 16, /* the slow way: keys by their upper bits, then by their lower 16 */
    COARSE_BINS = (65025000 >> COARSE_BITS) + 1,
    FINE_BINS = 1 << COARSE_BITS,
    RANKS = 4 /* below and above each of two percentiles */
};

static const double percentile[2] = {0.05, 0.99};

/* Where a percentile lies among n sorted numbers: between rank `at` and the next, `part` of the
 * way. This is NumPy's default. */
typedef struct place {
    uint64_t at, next;
    double part;
} place;

static place place_of(double q, uint64_t n)
{
    const double position = q * (double)(n - 1);
    const uint64_t at = (uint64_t)position;
    const double part = position - (double)at;
    return (place){.at = at, .next = part > 0 && at + 1 < n ? at + 1 : at, .part = part};
}

static void give(image_measures *out, const double value[2])
{
    out->value[MEASURE_LIGHT] = 1 - value[0];
    out->value[MEASURE_DARK] = value[1];
}

static double brightness_of(uint32_t key)
{
    return sqrt(key / 1000.0) / 255;
}

static double between(uint32_t below, uint32_t above, double part)
{
    const double a = brightness_of(below), b = brightness_of(above);
    return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

void light_of_grey(const uint32_t counts[GREY_LEVELS], uint64_t n, image_measures *out)
{
    double value[2];
    for (size_t i = 0; i < 2; i++) {
        const place p = place_of(percentile[i], n);
        const uint32_t a = grey_rank(counts, p.at), b = grey_rank(counts, p.next);
        value[i] = between(light_key(a, a, a), light_key(b, b, b), p.part);
    }
    give(out, value);
}

void light_meter_clear(light_meter *m)
{
    mem_free(m->kept);
    mem_free(m->keys);
    mem_free(m->tables);
    *m = (light_meter){0};
}

/* The keys of each window, and (2) as many to choose among. */
static uint32_t *keys_at(const light_meter *m, size_t i)
{
    return m->keys + i * (m->room + PICK_SPARE);
}

/* What lies on both sides of a boundary between two digits: the largest key of the one, which has
 * the rank before it, and the smallest of the other. */
static void split_pair(const uint32_t *keys, size_t n, int shift, const uint32_t digit[2],
                       uint32_t found[2])
{
    found[0] = 0;
    found[1] = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        const uint32_t d = keys[i] >> shift;
        if (d == digit[0] && keys[i] > found[0])
            found[0] = keys[i];
        if (d == digit[1] && keys[i] < found[1])
            found[1] = keys[i];
    }
}

/* Numbers below 2^bits. */
typedef struct key_list {
    const uint32_t *at;
    size_t n;
    int bits;
} key_list;

static int next_shift(int bits)
{
    return bits > DIGIT_BITS ? bits - DIGIT_BITS : 0;
}

/* How many keys have each digit, the highest that they have: several tables, whose sum is the
 * first.
 */
static void count_digits(const uint32_t *keys, size_t n, int shift,
                         uint32_t counts[DIGIT_TABLES][DIGITS])
{
    memset(counts, 0, sizeof(uint32_t[DIGIT_TABLES][DIGITS]));
    size_t i = 0;
    for (; i + DIGIT_TABLES <= n; i += DIGIT_TABLES) {
        for (size_t t = 0; t < DIGIT_TABLES; t++)
            counts[t][keys[i + t] >> shift]++;
    }
    for (; i < n; i++)
        counts[0][keys[i] >> shift]++;
    for (size_t t = 1; t < DIGIT_TABLES; t++) {
        for (size_t d = 0; d < DIGITS; d++)
            counts[0][d] += counts[t][d];
    }
}

/* The keys of ranks k and next (k itself, or k + 1), which are left as they are; scratch holds
 * them. Digit by digit from the highest, among fewer keys each time. O(n). */
static void choose(const light_meter *m, key_list list, uint64_t k, uint64_t next,
                   uint32_t found[2])
{
    const uint32_t *keys = list.at;
    size_t n = list.n;
    uint32_t base = 0; /* that keys are counted from */
    uint32_t *scratch = keys_at(m, 2);
    for (int shift = next_shift(list.bits);; shift = next_shift(shift)) {
        uint32_t counts[DIGIT_TABLES][DIGITS];
        count_digits(keys, n, shift, counts);
        uint32_t digit[2] = {0, 0};
        uint64_t before = 0;
        while (k >= before + counts[0][digit[0]])
            before += counts[0][digit[0]++];
        digit[1] = digit[0];
        for (uint64_t up_to = before + counts[0][digit[1]]; next >= up_to;)
            up_to += counts[0][++digit[1]];
        if (digit[0] != digit[1]) {
            split_pair(keys, n, shift, digit, found);
            found[0] += base;
            found[1] += base;
            return;
        }
        const uint32_t from = digit[0] << shift, to = from + ((uint32_t)1 << shift) - 1;
        n = m->kernels->pick(keys, n, from, to, scratch);
        keys = scratch;
        base += from;
        k -= before;
        next -= before;
        if (shift == 0)
            break;
    }
    found[0] = found[1] = base;
}

static assay_code take_room(light_meter *m, size_t room, assay_err *err)
{
    if (room <= m->room)
        return ASSAY_OK;
    mem_free(m->kept);
    mem_free(m->keys);
    m->kept = mem_alloc(3 * (room + LIGHT_SPARE), sizeof *m->kept);
    m->keys = mem_alloc(3 * (room + PICK_SPARE), sizeof *m->keys);
    m->room = m->kept && m->keys ? room : 0;
    return m->room ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "out of memory");
}

static const uint8_t *sampled(const pixels *p, uint64_t n, uint64_t i)
{
    const uint64_t from = i * n / SAMPLE, to = (i + 1) * n / SAMPLE;
    return p->at + 3 * (from + ((rng_mix(i + 1) >> 32) * (to - from) >> 32));
}

/* One pixel out of each of SAMPLE equal stretches, at a place in it that looks random: how many
 * have estimates in each of SAMPLE_BINS bins. Nearly all lie in far caches, so they are asked for
 * some time before. */
static void count_sample(const pixels *p, uint64_t n, uint32_t *counts)
{
    const uint8_t *asked[SAMPLES_AHEAD];
    memset(counts, 0, SAMPLE_BINS * sizeof *counts);
    for (uint64_t i = 0; i < SAMPLE + SAMPLES_AHEAD; i++) {
        const uint8_t **spot = &asked[i % SAMPLES_AHEAD];
        if (i >= SAMPLES_AHEAD)
            counts[light_estimate((*spot)[0], (*spot)[1], (*spot)[2]) / SAMPLE_BIN]++;
        if (i < SAMPLE) {
            *spot = sampled(p, n, i);
            __builtin_prefetch(*spot);
        }
    }
}

/* The window around each percentile: three and a half standard deviations of a rank in a random
 * sample to either side. A percentile falls out of it once in 2,000 images, and less, because the
 * sample is spread evenly. Windows reach a little over their bins, so that each key of a bin is
 * certain. */
static void set_windows(light_sieve *s, const uint32_t *counts)
{
    uint64_t before = 0;
    uint32_t bin = 0;
    for (size_t i = 0; i < 2; i++) {
        const double q = percentile[i];
        const double centre = q * (SAMPLE - 1), half = 3.5 * sqrt(SAMPLE * q * (1 - q)) + 2;
        while (before + counts[bin] <= (uint64_t)(centre - half))
            before += counts[bin++];
        s->from[i] = (uint16_t)(bin > 0 ? bin * SAMPLE_BIN - 2 : 0);
        while (before + counts[bin] <= (uint64_t)(centre + half) + 1)
            before += counts[bin++];
        const uint32_t to = (bin + 1) * SAMPLE_BIN + 1;
        s->to[i] = (uint16_t)(to < LIGHT_ESTIMATE_MOST ? to : LIGHT_ESTIMATE_MOST);
    }
}

/* Nothing is at least 1 and at most 0. */
static void close_window(light_sieve *s, size_t i)
{
    s->from[i] = 1;
    s->to[i] = 0;
}

/* What is certain of a pixel by its grey value and its largest channel. A sum of weighted channels
 * squared is at most 1061 times the key, as 299²/241 + 587²/691 + 114²/68 is less (Cauchy and
 * Schwarz): so a grey value tells of the least that the key can be. The largest that it can be is
 * 1000 times the largest channel squared. Roundings go to the side of doubt. */
static void set_calm(light_sieve *s)
{
    const double least = sqrt(1061.0 * 1024 * (s->to[0] + 3));
    const double above = (least + 500) / 1000, below = sqrt(1.024 * s->from[1]);
    if (above >= 255 || below < 1)
        return;
    s->calm_above = (uint8_t)above;
    s->calm_below = (uint8_t)below;
}

assay_code light_begin(light_meter *m, const pixels *p, light_sieve *sieve, assay_err *err)
{
    const uint64_t n = (uint64_t)p->width * p->height;
    m->crowded = false;
    m->single = n <= WHOLE_MOST;
    const uint64_t kept = n / 2 < KEPT_MOST ? n / 2 : KEPT_MOST;
    ASSAY_TRY(take_room(m, m->single ? WHOLE_MOST : kept, err));
    *sieve = (light_sieve){.to[0] = LIGHT_ESTIMATE_MOST};
    close_window(sieve, 1);
    for (size_t c = 0; c < 3; c++)
        sieve->kept[c] = m->kept + c * (m->room + LIGHT_SPARE);
    if (m->single)
        return ASSAY_OK;
    count_sample(p, n, m->keys);
    set_windows(sieve, m->keys);
    /* Windows so near to each other that a key may belong to either become one. */
    m->single = sieve->from[1] < sieve->to[0] + 3;
    if (m->single) {
        sieve->to[0] = sieve->to[1];
        close_window(sieve, 1);
    } else {
        set_calm(sieve);
    }
    return ASSAY_OK;
}

void light_before_row(light_meter *m, light_sieve *sieve, size_t n)
{
    if (m->crowded || sieve->count + n <= m->room)
        return;
    m->crowded = true;
    for (size_t i = 0; i < 2; i++)
        close_window(sieve, i);
}

/* Keys of a window are counted from its lowest possible one. */
static uint32_t base_of(const light_sieve *s, size_t i)
{
    return 1024 * (uint32_t)s->from[i];
}

/* Bits of such keys. */
static int bits_of(const light_sieve *s, size_t i)
{
    const uint32_t span = 1024 * ((uint32_t)s->to[i] + 3) - base_of(s, i);
    return 32 - __builtin_clz(span);
}

/* The keys of the pixels that each window kept: n[i] of them, at keys_at(i). Every key of the first
 * window is below all of the second. */
static void keys_of(const light_meter *m, const light_sieve *s, size_t n[2])
{
    uint32_t *all = keys_at(m, 2);
    const uint32_t base[2] = {base_of(s, 0), base_of(s, 1)};
    m->kernels->keys(&(planes){s->kept[0], s->kept[1], s->kept[2], s->count}, all);
    const uint32_t last = m->single ? UINT32_MAX : base[1] - 1;
    n[0] = m->kernels->pick(all, s->count, base[0], last, keys_at(m, 0));
    n[1] = m->single ? 0 : m->kernels->pick(all, s->count, base[1], UINT32_MAX, keys_at(m, 1));
}

/* Nothing outside of the window can have the key's rank: what lies below has a smaller key, what
 * lies above a larger one. */
static bool is_certain(const light_sieve *s, size_t i, uint32_t key)
{
    const bool over = s->from[i] == 0 || key >= 1024 * ((uint32_t)s->from[i] + 2);
    const bool under = s->to[i] == LIGHT_ESTIMATE_MOST || key <= 1024 * ((uint32_t)s->to[i] + 1);
    return over && under;
}

/* Both ranks of a percentile from the n keys of window i; false where they lie outside of it. */
static bool choose_both(const light_meter *m, const light_sieve *s, size_t i, size_t n, place p,
                        uint32_t found[2])
{
    if (p.at < s->below[i] || p.next >= s->below[i] + n)
        return false;
    const key_list list = {keys_at(m, i), n, bits_of(s, i)};
    choose(m, list, p.at - s->below[i], p.next - s->below[i], found);
    for (size_t k = 0; k < 2; k++)
        found[k] += base_of(s, i);
    return is_certain(s, i, found[0]) && is_certain(s, i, found[1]);
}

/* The slow way. counts has COARSE_BINS, then RANKS times FINE_BINS. */
static void count_coarse(const pixels *p, uint64_t n, uint32_t *counts)
{
    memset(counts, 0, COARSE_BINS * sizeof *counts);
    for (uint64_t i = 0; i < n; i++)
        counts[light_key(p->at[3 * i], p->at[3 * i + 1], p->at[3 * i + 2]) >> COARSE_BITS]++;
}

static void count_fine(const pixels *p, uint64_t n, const uint32_t bins[RANKS], uint32_t *counts)
{
    memset(counts, 0, (size_t)RANKS * FINE_BINS * sizeof *counts);
    for (uint64_t i = 0; i < n; i++) {
        const uint32_t key = light_key(p->at[3 * i], p->at[3 * i + 1], p->at[3 * i + 2]);
        for (size_t r = 0; r < RANKS; r++) {
            if (key >> COARSE_BITS == bins[r])
                counts[r * FINE_BINS + key % FINE_BINS]++;
        }
    }
}

/* The bin that holds rank *k, which becomes the rank within it. */
static uint32_t bin_of(const uint32_t *counts, uint64_t *k)
{
    uint32_t bin = 0;
    while (*k >= counts[bin])
        *k -= counts[bin++];
    return bin;
}

static assay_code rank_slowly(light_meter *m, const pixels *p, uint64_t rank[RANKS],
                              uint32_t found[RANKS], assay_err *err)
{
    const uint64_t n = (uint64_t)p->width * p->height;
    if (!m->tables)
        m->tables = mem_alloc(COARSE_BINS + (size_t)RANKS * FINE_BINS, sizeof *m->tables);
    if (!m->tables)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    uint32_t bins[RANKS], *fine = m->tables + COARSE_BINS;
    count_coarse(p, n, m->tables);
    for (size_t r = 0; r < RANKS; r++)
        bins[r] = bin_of(m->tables, &rank[r]);
    count_fine(p, n, bins, fine);
    for (size_t r = 0; r < RANKS; r++)
        found[r] = bins[r] << COARSE_BITS | bin_of(fine + r * FINE_BINS, &rank[r]);
    return ASSAY_OK;
}

assay_code light_finish(light_meter *m, const light_sieve *sieve, const pixels *p,
                        image_measures *out, assay_err *err)
{
    const uint64_t n = (uint64_t)p->width * p->height;
    const place places[2] = {place_of(percentile[0], n), place_of(percentile[1], n)};
    uint32_t found[RANKS] = {0};
    bool chosen = !m->crowded;
    size_t counts[2] = {0, 0};
    if (chosen)
        keys_of(m, sieve, counts);
    for (size_t i = 0; i < 2 && chosen; i++) {
        const size_t window = m->single ? 0 : i;
        chosen = choose_both(m, sieve, window, counts[window], places[i], found + 2 * i);
    }
    if (!chosen) {
        uint64_t rank[RANKS] = {places[0].at, places[0].next, places[1].at, places[1].next};
        ASSAY_TRY(rank_slowly(m, p, rank, found, err));
    }
    double value[2];
    for (size_t i = 0; i < 2; i++)
        value[i] = between(found[2 * i], found[2 * i + 1], places[i].part);
    give(out, value);
    return ASSAY_OK;
}
