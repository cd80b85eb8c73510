/* Suspect labels without predictions: two weak scores that err differently rank better together. */
#include "eval/suspect_ranking.h"

#include "base/mem.h"
#include "stats/rank.h"
#include "stats/sort.h"

#include <math.h>

typedef struct ranking_room {
    uint64_t *key, *key_scratch;
    uint32_t *index, *scratch;
    double *rank, *sum; /* by place among those that take part */
} ranking_room;

/* Adds the mid-ranks of score[sample[0..n)] to r->sum. */
static void add_ranks(const double *score, const uint32_t *sample, size_t n, const ranking_room *r)
{
    for (size_t i = 0; i < n; i++) {
        r->key[i] = sort_key_f64(score[sample[i]]);
        r->index[i] = (uint32_t)i;
    }
    sort_keys_f64(r->key, r->index, r->key_scratch, r->scratch, n);
    rank_mid(r->key, r->index, n, r->rank);
    for (size_t i = 0; i < n; i++)
        r->sum[i] += r->rank[i];
}

/* By descending sum: the keys of the negated sums ascend, and a stable sort keeps the indices. */
static void order_by_sum(uint32_t *sample, size_t n, const ranking_room *r)
{
    for (size_t i = 0; i < n; i++)
        r->key[i] = sort_key_f64(-r->sum[i]);
    sort_keys_f64(r->key, sample, r->key_scratch, r->scratch, n);
}

static void put_sums(const ranking_room *r, const uint32_t *sample, size_t n, double *out,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (double)NAN;
    for (size_t i = 0; i < n; i++)
        out[sample[i]] = r->sum[i] / (2.0 * (double)n);
}

assay_code suspect_ranking(const suspect_scores *scores, uint32_t *order, double *rank_sum,
                           size_t *ranked, assay_err *err)
{
    const double *first = scores->first, *second = scores->second;
    const size_t count = scores->count;
    *ranked = 0;
    ASSAY_AUTO_MEM uint64_t *key = mem_alloc(count, sizeof *key);
    ASSAY_AUTO_MEM uint64_t *key_scratch = mem_alloc(count, sizeof *key_scratch);
    ASSAY_AUTO_MEM uint32_t *index = mem_alloc(count, sizeof *index);
    ASSAY_AUTO_MEM uint32_t *scratch = mem_alloc(count, sizeof *scratch);
    ASSAY_AUTO_MEM double *rank = mem_alloc(count, sizeof *rank);
    ASSAY_AUTO_MEM double *sum = mem_zalloc(count, sizeof *sum);
    if (!key || !key_scratch || !index || !scratch || !rank || !sum)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the ranks of %zu samples", count);
    const ranking_room room = {key, key_scratch, index, scratch, rank, sum};
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(first[i]) && !isnan(second[i]))
            order[n++] = (uint32_t)i;
    }
    add_ranks(first, order, n, &room);
    add_ranks(second, order, n, &room);
    if (rank_sum)
        put_sums(&room, order, n, rank_sum, count);
    order_by_sum(order, n, &room);
    *ranked = n;
    return ASSAY_OK;
}
