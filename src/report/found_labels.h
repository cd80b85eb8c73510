#ifndef REPORT_FOUND_LABELS_H
#define REPORT_FOUND_LABELS_H

#include "project/find_labels.h"
#include "report/page.h"

/* What stands beside the list of label errors. */

/** How many labels are estimated to be right, which classes are taken for which, and what the
 * probabilities must be for all of that to hold. */
void found_labels_text(const found_labels *l, const page *p);

/** The keys "model", "issues", "health", "classes", "noise", "overlap", each after a comma; of
 * pairs the first PAIRS_MOST. */
void found_labels_json(const found_labels *l, text *out);

#endif
