#ifndef REPORT_FOUND_LABELS_H
#define REPORT_FOUND_LABELS_H

#include "project/find_labels.h"
#include "report/page.h"

/* What stands beside the list of label errors. */

/** By which basis the labels were judged, what that is not, and by probabilities how many are
 * estimated to be right and which classes are taken for which. */
void found_labels_text(const found_labels *l, const page *p);

/** "probabilities" or "embedding". */
const char *found_labels_basis(const found_labels *l);

/** The keys "basis", "order", "note", "model", "embedding", "labels", and by probabilities
 * "counted", "issues", "health", "classes", "noise", "overlap", each after a comma; of pairs the
 * first PAIRS_MOST. */
void found_labels_json(const found_labels *l, text *out);

#endif
