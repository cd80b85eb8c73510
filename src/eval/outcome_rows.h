#ifndef EVAL_OUTCOME_ROWS_H
#define EVAL_OUTCOME_ROWS_H

#include "eval/samples.h"

/** The rows that a score runs over, as samples_init() chooses them, and which of them are right: as
 * sets, for whoever needs no arrays. */
typedef struct outcome_rows {
    selection rows;
    selection right;
    size_t count;   /* of rows */
    size_t correct; /* of right */
} outcome_rows;

/** `shown`: class_count flags, or NULL for all classes. NOMEM. O(N), on all threads. */
ASSAY_MUST_USE assay_code outcome_rows_init(outcome_rows *o, const frame *f,
                                            const selection *selected, const bool *shown,
                                            int thread_count, assay_err *err);

/** The same of samples that are there. NOMEM. O(N). */
ASSAY_MUST_USE assay_code outcome_rows_of(outcome_rows *o, const samples *s, assay_err *err);

void outcome_rows_clear(outcome_rows *o);

#endif
