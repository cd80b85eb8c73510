#ifndef STORE_PROJECT_DECISIONS_H
#define STORE_PROJECT_DECISIONS_H

#include "store/duck.h"

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/* The table `label_decisions`: what a person decided of labels that are doubted. */

typedef enum label_decision {
    DECISION_NONE,
    DECISION_ACCEPT, /* the label is wrong */
    DECISION_DISMISS /* the label is right */
} label_decision;

/** "accept", "dismiss"; NULL for none. */
const char *label_decision_word(label_decision d);

typedef struct decided_label {
    uint32_t sample;
    label_decision decision;
    char *suggested;  /* the class that is right instead; NULL: none was named. Owned */
    char decided[24]; /* "2026-11-25T22:35:13Z" */
} decided_label;

typedef struct decided_labels {
    decided_label *at; /* by sample, each once */
    size_t count;
} decided_labels;

void decided_labels_clear(decided_labels *list);
ASSAY_AUTO_CLEAR_DECLARE(decided_labels)

/** Those of a project's samples; INPUT: a row that makes no sense; NOMEM. */
ASSAY_MUST_USE assay_code project_read_decisions(const duck *d, size_t sample_count,
                                                 decided_labels *out, assay_err *err);

/** The decision of a sample; NULL: none. O(log count). */
const decided_label *decided_labels_find(const decided_labels *list, uint32_t sample);

/** Decide, anew or otherwise, in the open transaction, with the present time; DECISION_NONE forgets
 * what was decided. `suggested` may be NULL. *changed: it was otherwise before. IO, NOMEM. */
ASSAY_MUST_USE assay_code project_put_decision(const duck *d, uint32_t sample,
                                               label_decision decision, const char *suggested,
                                               bool *changed, assay_err *err);

#endif
