/* Exact neighbours: of all rows at once, and of one query. */
#include "knn/exact.h"

#include "base/mem.h"
#include "knn/cosine.h"
#include "knn/loops.h"
#include "knn/ranked.h"
#include "knn/search.h"

assay_code knn_exact_all(const knn_vectors *v, const knn_options *options, knn_lists *out,
                         assay_err *err)
{
    *out = (knn_lists){0};
    ASSAY_AUTO(knn_search) s = NULL;
    ASSAY_TRY(knn_search_new(v, options, &s, err));
    ASSAY_TRY(knn_search_run(s, 0, err));
    return knn_search_lists(s, out, err);
}

assay_code knn_exact_one(const knn_vectors *v, const float *query, size_t k, uint32_t *index,
                         float *distance, assay_err *err)
{
    const knn_loops *const loops = knn_loops_at(0);
    const size_t width = v->dimensions;
    ASSAY_AUTO_MEM uint64_t *heap = mem_zalloc(k, sizeof *heap);
    if (!heap)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu neighbours", k);
    const double own = loops->dot(query, query, width);
    for (size_t i = 0; i < v->row_count && k > 0; i++) {
        const float *const row = v->at + i * width;
        const double square = loops->dot(row, row, width);
        if (!(isfinite(own) && own > 0.0 && isfinite(square) && square > 0.0))
            continue;
        const float d = cosine_distance(loops->dot(query, row, width), own, square);
        const uint64_t key = ranked_key(-d, (uint32_t)i);
        if (key > heap[0])
            ranked_replace(heap, k, key);
    }
    ranked_order(heap, k);
    for (size_t n = 0; n < k; n++) {
        index[n] = heap[n] ? ranked_index(heap[n]) : NEIGHBOUR_NONE;
        distance[n] = heap[n] ? 0.0F - ranked_similarity(heap[n]) : NAN;
    }
    return ASSAY_OK;
}
