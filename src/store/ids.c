/* Finds ids that occur twice: hashes are dealt into buckets that fit the cache and compared there;
 * only where two agree are the texts themselves looked at. */
#include "store/ids.h"

#include "base/threads.h"
#include "store/source.h"

#include <inttypes.h>
#include <string.h>

enum { BUCKET_TARGET = 4096, TABLE_SLOTS = 16384, BUCKET_BITS_MOST = 20 };

typedef struct dealt {
    const uint64_t *hash; /* bucket by bucket */
    const size_t *start;
} dealt;

/* Twice as many in a bucket as expected does not happen to good hashes of different texts. */
static int check_bucket(void *context, size_t bucket, int worker)
{
    (void)worker;
    const dealt *d = context;
    uint64_t slot[TABLE_SLOTS] = {0};
    const size_t from = d->start[bucket];
    const size_t to = d->start[bucket + 1];
    if (to - from > TABLE_SLOTS / 2)
        return 1;
    for (size_t i = from; i < to; i++) {
        const uint64_t h = d->hash[i];
        size_t at = (size_t)h & (TABLE_SLOTS - 1);
        while (slot[at] != 0 && slot[at] != h)
            at = (at + 1) & (TABLE_SLOTS - 1);
        if (slot[at] == h)
            return 1;
        slot[at] = h;
    }
    return 0;
}

static void deal(const uint64_t *hash, size_t count, unsigned shift, size_t *start, uint64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (hash[i] != 0)
            out[start[hash[i] >> shift]++] = hash[i];
    }
}

assay_code ids_may_repeat(const uint64_t *hash, size_t count, int thread_count, bool *may,
                          assay_err *err)
{
    unsigned bits = 1;
    while (bits < BUCKET_BITS_MOST && count >> bits > BUCKET_TARGET)
        bits++;
    const size_t buckets = (size_t)1 << bits;
    const unsigned shift = 64 - bits;
    ASSAY_AUTO_MEM size_t *start = mem_zalloc(buckets + 2, sizeof *start);
    ASSAY_AUTO_MEM uint64_t *dealt_hash = mem_alloc(count, sizeof *dealt_hash);
    if (!start || !dealt_hash)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu ids", count);
    /* start[b + 1] becomes the beginning of bucket b, and after dealing its end. */
    for (size_t i = 0; i < count; i++)
        start[(hash[i] >> shift) + 2] += hash[i] != 0;
    for (size_t b = 2; b < buckets + 2; b++)
        start[b] += start[b - 1];
    deal(hash, count, shift, start + 1, dealt_hash);
    dealt d = {dealt_hash, start};
    *may = threads_run(buckets, thread_count, check_bucket, &d) != 0;
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

assay_code ids_find_repeats(const uint64_t *start, const char *bytes, size_t count,
                            bad_rows *repeats, assay_err *err)
{
    ASSAY_AUTO_MEM uint32_t *first_row = mem_alloc(count, sizeof *first_row);
    seen_ids seen = {.first_row = first_row};
    if (!first_row)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu ids", count);
    assay_code code = ASSAY_OK;
    for (size_t i = 0; i < count && code == ASSAY_OK; i++) {
        if (start[i + 1] > start[i])
            code = note_id(&seen, bytes + start[i], (size_t)(start[i + 1] - start[i]), i, repeats,
                           err);
    }
    dictionary_clear(&seen.id);
    return code;
}
