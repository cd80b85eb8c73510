#ifndef EVAL_LABEL_QUALITY_PARTS_H
#define EVAL_LABEL_QUALITY_PARTS_H

#include "eval/label_quality.h"

/* The steps of label_quality_new(), each in its file. */

/** What the steps share. */
typedef struct quality_work {
    const frame *f;
    label_quality *q;
    uint16_t *confident; /* count: the class a sample is confidently of, or CLASS_MISSING */
    int thread_count;
} quality_work;

static inline uint16_t quality_label(const quality_work *w, size_t i)
{
    return w->f->label[w->q->row[i]];
}

/** Fills q->cell, counted and health from labels and w->confident. NOMEM. O(N). */
ASSAY_MUST_USE assay_code label_joint(const quality_work *w, assay_err *err);

/** Fills q->issue, issue_count and issues from the cells. NOMEM. O(N · K). */
ASSAY_MUST_USE assay_code label_issues(const quality_work *w, assay_err *err);

#endif
