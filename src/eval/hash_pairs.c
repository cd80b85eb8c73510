/* Perceptual hashes that are nearly equal, among millions. */
#include "eval/hash_pairs.h"

#include "base/mem.h"
#include "stats/sort.h"

#include <string.h>

/* Odd frequencies across change their sign in the mirror: bit 8v + u is of frequency u. */
#define MIRRORED_BITS 0xAAAAAAAAAAAAAAAAU

enum { BANDS_MOST = 9, FIRST_ROOM = 64 };

/* Up to so many entries, 7 or 8 bands leave buckets small enough. */
enum { FEW_ENTRIES = 20000, MANY_ENTRIES = 2000000 };

void sample_pairs_clear(sample_pairs *pairs)
{
    mem_free(pairs->at);
    *pairs = (sample_pairs){0};
}

bool sample_pairs_add(sample_pairs *pairs, uint32_t a, uint32_t b)
{
    if (a == b)
        return true;
    if (pairs->count == pairs->room) {
        const size_t room = pairs->room ? 2 * pairs->room : FIRST_ROOM;
        sample_pair *const at = mem_resize(pairs->at, room, sizeof *at);
        if (!at)
            return false;
        pairs->at = at;
        pairs->room = room;
    }
    pairs->at[pairs->count++] = a < b ? (sample_pair){a, b} : (sample_pair){b, a};
    return true;
}

assay_code sample_pairs_order(sample_pairs *pairs, assay_err *err)
{
    ASSAY_AUTO_MEM uint64_t *key = mem_alloc(pairs->count, sizeof *key);
    ASSAY_AUTO_MEM uint64_t *scratch = mem_alloc(pairs->count, sizeof *scratch);
    if (!key || !scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of samples",
                          pairs->count);
    for (size_t i = 0; i < pairs->count; i++)
        key[i] = (uint64_t)pairs->at[i].first << 32 | pairs->at[i].second;
    sort_u64(key, scratch, pairs->count);
    size_t n = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        if (i > 0 && key[i] == key[i - 1])
            continue;
        pairs->at[n++] = (sample_pair){(uint32_t)(key[i] >> 32), (uint32_t)key[i]};
    }
    pairs->count = n;
    return ASSAY_OK;
}

/* A distinct hash, or its mirror image: samples[start .. start + count) have it. */
typedef struct entry {
    uint64_t hash;
    uint32_t start;
    uint16_t count; /* at most HASH_CROWD; of a larger crowd 1 */
    uint16_t mirrored;
} entry;

typedef struct hash_search {
    const hash_pairs_options *options;
    sample_pairs *pairs;
    uint32_t *samples; /* ordered by hash, then by index */
    entry *entries;
    size_t entry_count;
    uint64_t *words, *scratch; /* bands above, entry below */
    size_t band_count, equal_count;
} hash_search;

static void search_free(hash_search *s)
{
    mem_free(s->samples);
    mem_free(s->entries);
    mem_free(s->words);
    mem_free(s->scratch);
}

/* Where band b begins; bands differ by a bit in width at most. */
static uint32_t band_start(const hash_search *s, size_t b)
{
    return (uint32_t)(64 * b / s->band_count);
}

static uint64_t band_bits(const hash_search *s, size_t b)
{
    const uint32_t width = band_start(s, b + 1) - band_start(s, b);
    return ((1ULL << width) - 1) << band_start(s, b);
}

/* All pairs between two sets of samples, or within one. */
static bool add_all(hash_search *s, const entry *a, const entry *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        for (uint32_t j = a == b ? i + 1 : 0; j < b->count; j++) {
            if (!sample_pairs_add(s->pairs, s->samples[a->start + i], s->samples[b->start + j]))
                return false;
        }
    }
    return true;
}

/* Whether this choice of bands is the first in which the two are equal: each pair comes once. */
static bool is_first_choice(const hash_search *s, uint64_t differ, uint32_t choice)
{
    size_t equal = 0;
    for (size_t b = 0; b < s->band_count && equal < s->equal_count; b++) {
        if (differ & band_bits(s, b))
            continue;
        if (!(choice >> b & 1))
            return false;
        equal++;
    }
    return true;
}

/* Two mirror images are as two that are not. One of each comes twice: as a and the mirror image of
 * b, and as b and that of a. */
static bool counts_once(const entry *a, const entry *b)
{
    if (a->mirrored == b->mirrored)
        return !a->mirrored;
    return a->mirrored ? a->start >= b->start : b->start >= a->start;
}

static bool compare_bucket(hash_search *s, const uint64_t *words, size_t n, uint32_t choice)
{
    for (size_t i = 0; i < n; i++) {
        const entry *const a = &s->entries[(uint32_t)words[i]];
        for (size_t j = i + 1; j < n; j++) {
            const entry *const b = &s->entries[(uint32_t)words[j]];
            const uint64_t differ = a->hash ^ b->hash;
            const bool near = __builtin_popcountll(differ) <= HASH_BITS_APART;
            if (near && counts_once(a, b) && is_first_choice(s, differ, choice) &&
                !add_all(s, a, b))
                return false;
        }
    }
    return true;
}

/* The bits of the chosen bands, side by side: at most 24. */
static uint64_t chosen_bits(const hash_search *s, uint64_t hash, uint32_t choice)
{
    uint64_t bits = 0;
    for (size_t b = 0; b < s->band_count; b++) {
        if (choice >> b & 1)
            bits = bits << (band_start(s, b + 1) - band_start(s, b)) |
                   (hash & band_bits(s, b)) >> band_start(s, b);
    }
    return bits;
}

static bool search_choice(hash_search *s, uint32_t choice)
{
    for (size_t e = 0; e < s->entry_count; e++)
        s->words[e] = chosen_bits(s, s->entries[e].hash, choice) << 32 | e;
    sort_pairs_f32(s->words, s->scratch, s->entry_count);
    for (size_t begin = 0, end; begin < s->entry_count; begin = end) {
        end = begin + 1;
        while (end < s->entry_count && s->words[end] >> 32 == s->words[begin] >> 32)
            end++;
        if (!compare_bucket(s, s->words + begin, end - begin, choice))
            return false;
        if (s->options->most && s->pairs->count >= s->options->most) {
            s->pairs->cut = true;
            s->pairs->count = s->options->most;
            return true;
        }
    }
    return true;
}

static assay_code search_all(hash_search *s, assay_err *err)
{
    s->band_count = s->entry_count <= FEW_ENTRIES ? 7 : s->entry_count <= MANY_ENTRIES ? 8 : 9;
    s->equal_count = s->band_count - HASH_BITS_APART;
    uint64_t done = 0;
    const uint64_t total = s->band_count == 7 ? 7 : s->band_count == 8 ? 28 : 84;
    for (uint32_t choice = 0; choice < 1U << s->band_count && !s->pairs->cut; choice++) {
        if ((size_t)__builtin_popcount(choice) != s->equal_count)
            continue;
        progress_show(s->options->progress, "comparing hashes", done++, total);
        if (progress_stopped(s->options->progress))
            return assay_fail(err, ASSAY_E_CANCELLED, "interrupted while comparing hashes");
        if (!search_choice(s, choice))
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of samples",
                              s->pairs->count);
    }
    progress_show(s->options->progress, "comparing hashes", total, total);
    return ASSAY_OK;
}

/* One hash's samples become an entry, and pairs among themselves. */
static bool add_entry(hash_search *s, uint64_t hash, size_t begin, size_t end)
{
    const bool crowd = end - begin > HASH_CROWD;
    entry *const e = &s->entries[s->entry_count++];
    *e = (entry){hash, (uint32_t)begin, (uint16_t)(crowd ? 1 : end - begin), 0};
    for (size_t i = begin + 1; crowd && i < end; i++) {
        if (!sample_pairs_add(s->pairs, s->samples[i - 1], s->samples[i]))
            return false;
    }
    return crowd || add_all(s, e, e);
}

/* `key` holds the hashes in the order of samples, n of them. */
static bool make_entries(hash_search *s, const uint64_t *key, size_t n)
{
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = begin + 1;
        while (end < n && key[end] == key[begin])
            end++;
        if (!add_entry(s, key[begin], begin, end))
            return false;
    }
    const size_t upright = s->entry_count;
    for (size_t e = 0; s->options->mirrored && e < upright; e++) {
        entry turned = s->entries[e];
        turned.hash ^= MIRRORED_BITS;
        turned.mirrored = 1;
        s->entries[s->entry_count++] = turned;
    }
    return true;
}

static bool take_and_sort(hash_search *s, const uint64_t *hash, const uint8_t *has, size_t count)
{
    const size_t room = s->options->mirrored ? 2 * count : count;
    ASSAY_AUTO_MEM uint32_t *index_scratch = mem_alloc(count, sizeof *index_scratch);
    s->samples = mem_alloc(count, sizeof *s->samples);
    s->entries = mem_alloc(room, sizeof *s->entries);
    s->words = mem_alloc(room, sizeof *s->words);
    s->scratch = mem_alloc(room, sizeof *s->scratch);
    if (!index_scratch || !s->samples || !s->entries || !s->words || !s->scratch)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (has && !has[i])
            continue;
        s->words[n] = hash[i];
        s->samples[n++] = (uint32_t)i;
    }
    sort_keys_f64(s->words, s->samples, s->scratch, index_scratch, n);
    return make_entries(s, s->words, n);
}

assay_code hash_pairs_find(const uint64_t *hash, const uint8_t *has, size_t count,
                           const hash_pairs_options *options, sample_pairs *pairs, assay_err *err)
{
    hash_search s = {.options = options, .pairs = pairs};
    const assay_code code =
        take_and_sort(&s, hash, has, count)
            ? search_all(&s, err)
            : assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu perceptual hashes", count);
    search_free(&s);
    return code;
}
