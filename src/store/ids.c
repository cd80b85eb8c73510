/* Finds ids that occur twice: hashes are dealt into buckets that fit the cache and compared there;
 * only where two agree are the texts themselves looked at. */
#include "store/ids.h"

#include "base/threads.h"
#include "store/source.h"

#include <inttypes.h>
#include <string.h>

enum { BUCKET_TARGET = 4096, BUCKET_ROOM = 2 * BUCKET_TARGET, BUCKET_BITS_MOST = 20 };
enum { PARTS_MOST = 16, PART_LEAST = 1 << 16 };

/* Hashes are dealt by several threads, each a part of them. A part's hashes of one bucket stand
 * together, behind those of the parts before. */
typedef struct dealing {
    const uint64_t *hash;
    size_t count, part_count, bucket_count;
    unsigned shift;  /* of a hash, which gives its bucket */
    uint64_t *dealt; /* bucket by bucket */
    size_t *next;    /* part_count x bucket_count: how many, then where they begin, then end */
    size_t *start;   /* bucket_count + 1 */
} dealing;

static size_t part_begin(const dealing *d, size_t part)
{
    return threads_part_begin(d->count, part, d->part_count);
}

static int count_part(void *context, size_t part, int worker)
{
    (void)worker;
    const dealing *d = context;
    size_t *count = d->next + part * d->bucket_count;
    const size_t end = part_begin(d, part + 1);
    for (size_t i = part_begin(d, part); i < end; i++)
        count[d->hash[i] >> d->shift] += d->hash[i] != 0;
    return 0;
}

static void counts_to_starts(const dealing *d)
{
    size_t used = 0;
    for (size_t b = 0; b < d->bucket_count; b++) {
        d->start[b] = used;
        for (size_t p = 0; p < d->part_count; p++) {
            size_t *slot = &d->next[p * d->bucket_count + b];
            const size_t count = *slot;
            *slot = used;
            used += count;
        }
    }
    d->start[d->bucket_count] = used;
}

static int deal_part(void *context, size_t part, int worker)
{
    (void)worker;
    const dealing *d = context;
    size_t *next = d->next + part * d->bucket_count;
    const size_t end = part_begin(d, part + 1);
    for (size_t i = part_begin(d, part); i < end; i++) {
        if (d->hash[i] != 0)
            d->dealt[next[d->hash[i] >> d->shift]++] = d->hash[i];
    }
    return 0;
}

/* Slots for twice as many as there are; a power of two. */
static size_t slots_for(size_t count)
{
    size_t slots = 16;
    while (slots < 2 * count)
        slots *= 2;
    return slots;
}

/* Twice as many in a bucket as expected does not happen to good hashes of different texts. */
static int check_bucket(void *context, size_t bucket, int worker)
{
    (void)worker;
    const dealing *d = context;
    const size_t from = d->start[bucket], to = d->start[bucket + 1];
    if (to - from > BUCKET_ROOM)
        return 1;
    uint64_t slot[2 * BUCKET_ROOM];
    const size_t slots = slots_for(to - from);
    memset(slot, 0, slots * sizeof *slot);
    for (size_t i = from; i < to; i++) {
        const uint64_t h = d->dealt[i];
        size_t at = (size_t)h & (slots - 1);
        while (slot[at] != 0 && slot[at] != h)
            at = (at + 1) & (slots - 1);
        if (slot[at] == h)
            return 1;
        slot[at] = h;
    }
    return 0;
}

assay_code ids_may_repeat(const uint64_t *hash, size_t count, int thread_count, bool *may,
                          assay_err *err)
{
    unsigned bits = 1;
    while (bits < BUCKET_BITS_MOST && count >> bits > BUCKET_TARGET)
        bits++;
    dealing d = {.hash = hash,
                 .count = count,
                 .part_count = threads_parts(count, PART_LEAST, PARTS_MOST, thread_count),
                 .bucket_count = (size_t)1 << bits,
                 .shift = 64 - bits};
    ASSAY_AUTO_MEM size_t *next = mem_zalloc(d.part_count * d.bucket_count, sizeof *next);
    ASSAY_AUTO_MEM size_t *start = mem_alloc(d.bucket_count + 1, sizeof *start);
    ASSAY_AUTO_MEM uint64_t *dealt = mem_alloc_large(count, sizeof *dealt);
    if (!next || !start || !dealt)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu ids", count);
    d.next = next;
    d.start = start;
    d.dealt = dealt;
    (void)threads_run(d.part_count, thread_count, count_part, &d);
    counts_to_starts(&d);
    (void)threads_run(d.part_count, thread_count, deal_part, &d);
    *may = threads_run(d.bucket_count, thread_count, check_bucket, &d) != 0;
    return ASSAY_OK;
}

typedef struct seen_ids {
    dictionary id;
    uint32_t *first_row;
} seen_ids;

static assay_code note_id(seen_ids *seen, const char *at, size_t length, size_t row,
                          bad_rows *repeats, assay_err *err)
{
    const uint32_t known = seen->id.count;
    uint32_t code;
    ASSAY_TRY(dictionary_add(&seen->id, at, length, text_hash(at, length), &code, err));
    if (code == known) {
        seen->first_row[code] = (uint32_t)row;
        return ASSAY_OK;
    }
    char shown[80];
    source_show_value(at, length, shown);
    bad_rows_add(repeats, row, "id '%s' is already in row %" PRIu32, shown,
                 seen->first_row[code] + 1);
    return ASSAY_OK;
}

assay_code ids_find_repeats(const id_texts *ids, bad_rows *repeats, assay_err *err)
{
    ASSAY_AUTO_MEM uint32_t *first_row = mem_alloc(ids->count, sizeof *first_row);
    seen_ids seen = {.first_row = first_row};
    if (!first_row)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu ids", ids->count);
    assay_code code = ASSAY_OK;
    for (size_t i = 0; i < ids->count && code == ASSAY_OK; i++) {
        const uint64_t *start = &ids->start[i];
        code = progress_look(ids->progress, i, err);
        if (code == ASSAY_OK && start[1] > start[0])
            code = note_id(&seen, ids->bytes + start[0], (size_t)(start[1] - start[0]), i, repeats,
                           err);
    }
    dictionary_clear(&seen.id);
    return code;
}
