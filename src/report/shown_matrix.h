#ifndef REPORT_SHOWN_MATRIX_H
#define REPORT_SHOWN_MATRIX_H

#include "base/mem.h"
#include "eval/confusion.h"

/**
 * The confusion matrix as it is shown: every class, or with a class filter the shown ones in the
 * list's order and one last row and column "other" that holds the rest. Dense; owned by one thread;
 * clear it.
 */
typedef struct shown_matrix {
    uint16_t *class_of;      /* `shown` codes */
    size_t shown;            /* classes with a row of their own */
    size_t size;             /* shown, or shown + 1 with "other" */
    uint64_t *count;         /* size × size, row = true class */
    uint64_t *no_prediction; /* size, by row */
    uint64_t *no_label;      /* size, by column */
    uint64_t *row_total;     /* size, without the missing */
    uint64_t neither;
    bool any_missing;
} shown_matrix;

/** `shown`: class_count flags with `shown_count` set, or NULL for all classes. NOMEM. O(size² +
 * cells + K). */
ASSAY_MUST_USE assay_code shown_matrix_init(shown_matrix *m, const confusion *c, const bool *shown,
                                            size_t shown_count, assay_err *err);
void shown_matrix_clear(shown_matrix *m);

#endif
