#ifndef EVAL_CONFUSION_H
#define EVAL_CONFUSION_H

#include "eval/samples.h"

#include <stdint.h>

/** `count` samples of true class `label` were predicted as `prediction`. */
typedef struct confusion_cell {
    uint16_t label, prediction;
    uint32_t count;
} confusion_cell;

/**
 * The confusion matrix by its non-zero cells, ascending by (label, prediction); row i is
 * cell[row_start[i] .. row_start[i+1]). The dense table exists only while counting, and not at all
 * above CLASSES_DENSE_MOST classes.
 */
typedef struct confusion {
    uint32_t class_count;
    confusion_cell *cell;
    size_t cell_count;
    size_t *row_start;       /* class_count + 1 */
    uint64_t *support;       /* class_count: samples of the true class */
    uint64_t *predicted;     /* class_count: samples predicted as the class */
    uint64_t *true_positive; /* class_count */
    uint64_t total;          /* samples in the matrix */
    uint64_t correct;
    /* Samples outside every score, shown as the "(missing)" column, row and corner. */
    uint64_t *without_prediction; /* class_count, by label */
    uint64_t *without_label;      /* class_count, by prediction */
    uint64_t without_both;
} confusion;

/** Count the selected samples. LIMIT (more than ROWS_MOST rows), NOMEM. O(N + K²) up to
 * CLASSES_DENSE_MOST classes, O(N) above (radix sort of pairs). */
ASSAY_MUST_USE assay_code confusion_new(const frame *f, const selection *selected, int thread_count,
                                        confusion **out, assay_err *err);

/** From (label, prediction) codes in memory: the engine of the above, for callers with arrays.
 * Codes are < class_count. */
ASSAY_MUST_USE assay_code confusion_of_pairs(const uint16_t *label, const uint16_t *prediction,
                                             size_t n, uint32_t class_count, int thread_count,
                                             confusion **out, assay_err *err);
void confusion_free(confusion *c);

/** The count of one cell. O(log cells of the row). */
uint64_t confusion_at(const confusion *c, uint32_t label, uint32_t prediction);

/** Two classes that are mistaken for each other. */
typedef struct confused_pair {
    uint16_t label, prediction;
    uint64_t
        count; /* samples of `label` predicted as `prediction` (both ways: in either direction) */
    double share; /* of the samples of `label` (both ways: of the samples of either class) */
} confused_pair;

/**
 * The `most` most confused pairs, by count, then share, then codes. `both_ways`: unordered pairs,
 * label < prediction, with both directions summed. With `shown`, pairs of which both classes are
 * shown. Writes at most `most` to `out`, returns how many; `scratch` has cell_count entries.
 * O(cells · log cells of a row + most · log cells).
 */
size_t confusion_top_pairs(const confusion *c, const bool *shown, bool both_ways, size_t most,
                           confused_pair *out, confused_pair *scratch);

#endif
