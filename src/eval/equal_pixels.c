/* Samples that are the same picture, pixel by pixel. */
#include "eval/equal_pixels.h"

#include "base/mem.h"
#include "stats/disjoint.h"
#include "stats/sort.h"

bool equal_pixels(const pixel_identity *pixels, size_t a, size_t b)
{
    return pixels->hash[a] == pixels->hash[b] && pixels->width[a] == pixels->width[b] &&
           pixels->height[a] == pixels->height[b] && pixels->width[a] > 0;
}

assay_code equal_pixels_join(const pixel_identity *pixels, size_t row_count, uint32_t *parent,
                             assay_err *err)
{
    ASSAY_AUTO_MEM uint64_t *key = mem_alloc(row_count, sizeof *key);
    ASSAY_AUTO_MEM uint64_t *key_scratch = mem_alloc(row_count, sizeof *key_scratch);
    ASSAY_AUTO_MEM uint32_t *index = mem_alloc(row_count, sizeof *index);
    ASSAY_AUTO_MEM uint32_t *index_scratch = mem_alloc(row_count, sizeof *index_scratch);
    if (!key || !key_scratch || !index || !index_scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the pixel hashes of %zu samples",
                          row_count);
    size_t n = 0;
    for (size_t row = 0; row < row_count; row++) {
        if (pixels->width[row] == 0)
            continue;
        /* The shape is part of the key, so that equal keys lie together but for a collision. */
        key[n] = pixels->hash[row] ^ (uint64_t)pixels->width[row] * 0x9E3779B97F4A7C15U ^
                 (uint64_t)pixels->height[row] * 0xC2B2AE3D27D4EB4FU;
        index[n++] = (uint32_t)row;
    }
    sort_keys_f64(key, index, key_scratch, index_scratch, n);
    for (size_t i = 1; i < n; i++) {
        if (key[i] == key[i - 1] && equal_pixels(pixels, index[i - 1], index[i]))
            disjoint_join(parent, index[i - 1], index[i]);
    }
    return ASSAY_OK;
}
