#ifndef PROJECT_WARNINGS_H
#define PROJECT_WARNINGS_H

#include "project/evaluate.h"

/* Where fewer groups than this are, intervals from groups promise too much. */
enum { GROUPS_FEW = 20 };

/* A class with fewer samples than this says little. */
enum { CLASS_SAMPLES_FEW = 10 };

/**
 * Everything about an evaluation that its reader must know, most weighty first; the codes are
 * listed in docs/json.md. Looks at e's frame, notes, evaluation, request and shown; not at
 * e->warning. Messages are whole English sentences and hold names as they are in the data, so that
 * whoever prints them must make them safe. *out belongs to the caller (warnings_free); NULL where
 * there are none. NOMEM. O(K + columns).
 */
ASSAY_MUST_USE assay_code warnings_collect(const struct evaluated *e, warning **out, size_t *count,
                                           assay_err *err);

/** Free the list and its messages. NULL is allowed. */
void warnings_free(warning *list, size_t count);

#endif
