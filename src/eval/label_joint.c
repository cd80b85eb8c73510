/* The confident joint: how often each label stands where the probabilities are confident of each
 * class. Only pairs that occur are kept, so its size hangs on the samples, not on the classes. */
#include "eval/label_quality_parts.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>

/* A remainder of the rounding, and whose it is. */
typedef struct rounding_rest {
    uint64_t size;
    size_t cell;
} rounding_rest;

static int compare_remainders(const void *a, const void *b)
{
    const rounding_rest *x = a;
    const rounding_rest *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static size_t count_cells(const uint64_t *pair, size_t count)
{
    size_t cells = 0;
    for (size_t i = 0; i < count; i++)
        cells += i == 0 || pair[i] != pair[i - 1];
    return cells;
}

static void fill_cells(label_quality *q, const uint64_t *pair)
{
    joint_cell *cell = q->cell - 1;
    for (size_t i = 0; i < q->counted; i++) {
        if (i == 0 || pair[i] != pair[i - 1])
            *++cell = (joint_cell){.given = (uint16_t)(pair[i] >> 16),
                                   .truly = (uint16_t)(pair[i] & 0xFFFF)};
        cell->counted++;
    }
}

/* Cells [begin, end) of one label: scaled in whole numbers, so that nothing is rounded twice. */
static void calibrate_row(label_quality *q, size_t begin, size_t end, rounding_rest *left)
{
    const uint64_t target = q->labelled[q->cell[begin].given];
    uint64_t counted = 0, given_out = 0;
    for (size_t c = begin; c < end; c++)
        counted += q->cell[c].counted;
    for (size_t c = begin; c < end; c++) {
        joint_cell *cell = &q->cell[c];
        const uint64_t scaled = cell->counted * target;
        cell->calibrated = (uint32_t)(scaled / counted);
        cell->noise = (double)cell->counted / (double)counted;
        cell->joint = (double)scaled / (double)counted / (double)q->count;
        left[c - begin] = (rounding_rest){scaled % counted, c};
        given_out += cell->calibrated;
    }
    qsort(left, end - begin, sizeof *left, compare_remainders);
    for (size_t i = 0; given_out < target; i++, given_out++)
        q->cell[left[i].cell].calibrated++;
}

static assay_code calibrate(label_quality *q, assay_err *err)
{
    const size_t widest = q->cell_count < q->class_count ? q->cell_count : q->class_count;
    ASSAY_AUTO_MEM rounding_rest *left = mem_alloc(widest, sizeof *left);
    if (!left)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu classes", widest);
    q->health = q->count ? 0.0 : (double)NAN;
    for (size_t begin = 0, end; begin < q->cell_count; begin = end) {
        end = begin + 1;
        while (end < q->cell_count && q->cell[end].given == q->cell[begin].given)
            end++;
        calibrate_row(q, begin, end, left);
        for (size_t c = begin; c < end; c++)
            q->health += q->cell[c].given == q->cell[c].truly ? q->cell[c].joint : 0.0;
    }
    q->health = fmin(q->health, q->count ? 1.0 : (double)NAN);
    return ASSAY_OK;
}

assay_code label_joint(const quality_work *w, assay_err *err)
{
    label_quality *q = w->q;
    ASSAY_AUTO_MEM uint64_t *pair = mem_alloc(q->count, sizeof *pair);
    ASSAY_AUTO_MEM uint64_t *scratch = mem_alloc(q->count, sizeof *scratch);
    if (!pair || !scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of classes", q->count);
    for (size_t i = 0; i < q->count; i++) {
        if (w->confident[i] != CLASS_MISSING)
            pair[q->counted++] = (uint64_t)quality_label(w, i) << 16 | w->confident[i];
    }
    sort_u64(pair, scratch, q->counted);
    q->cell_count = count_cells(pair, q->counted);
    q->cell = mem_alloc(q->cell_count, sizeof *q->cell);
    if (!q->cell)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of classes",
                          q->cell_count);
    fill_cells(q, pair);
    return calibrate(q, err);
}

static int compare_pairs(const void *a, const void *b)
{
    const class_overlap *x = a;
    const class_overlap *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

static int compare_overlaps(const void *a, const void *b)
{
    const class_overlap *x = a;
    const class_overlap *y = b;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    return compare_pairs(a, b);
}

assay_code label_quality_overlaps(const label_quality *q, class_overlap **out, size_t *count,
                                  assay_err *err)
{
    *out = NULL;
    *count = 0;
    class_overlap *pair = mem_alloc(q->cell_count, sizeof *pair);
    if (!pair)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of classes",
                          q->cell_count);
    size_t n = 0, kept = 0;
    for (size_t c = 0; c < q->cell_count; c++) {
        const uint16_t a = q->cell[c].given, b = q->cell[c].truly;
        if (a != b)
            pair[n++] = (class_overlap){a < b ? a : b, a < b ? b : a, q->cell[c].joint};
    }
    qsort(pair, n, sizeof *pair, compare_pairs);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && compare_pairs(&pair[kept - 1], &pair[i]) == 0)
            pair[kept - 1].share += pair[i].share;
        else
            pair[kept++] = pair[i];
    }
    qsort(pair, kept, sizeof *pair, compare_overlaps);
    *out = pair;
    *count = kept;
    return ASSAY_OK;
}
