#ifndef PROJECT_CLASS_TWINS_H
#define PROJECT_CLASS_TWINS_H

#include "eval/scores.h"
#include "frame/classes.h"

#include "base/try.h"

/* Classes that are probably one and the same, written in two ways: what a spreadsheet or a data
 * frame makes of names on its way to one of two files. */

typedef struct class_twins {
    uint32_t (*pair)[2]; /* as it is written on one side only, and on the other */
    size_t count;
} class_twins;

/**
 * Classes that only labels or only predictions have, where the other side has one that differs in
 * letter case, in blanks, hyphens and underscores, or in how a number is written ("7", "7.0",
 * "007"). In the order of the classes. NOMEM. O(K log K).
 */
ASSAY_MUST_USE assay_code class_twins_find(const class_list *classes, const class_scores *scores,
                                           class_twins *out, assay_err *err);
void class_twins_clear(class_twins *twins);
ASSAY_AUTO_CLEAR_DECLARE(class_twins)

#endif
