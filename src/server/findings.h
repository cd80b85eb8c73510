#ifndef SERVER_FINDINGS_H
#define SERVER_FINDINGS_H

#include "project/find_duplicates.h"
#include "project/find_labels.h"
#include "server/filter.h"

/* What a search of the whole project or of a filter's samples found, kept while it holds. */

/** A finding in use: kept_value(item) is it; ends with finding_release(). */
typedef struct finding {
    kept *of;
    kept_item *item;
} finding;

void finding_release(finding *f);

/** Where it is looked for. */
typedef struct finding_request {
    workspace *workspace;
    const filter *filter;
    cancellation *stop; /* may be NULL */
} finding_request;

/** A found_duplicates of the filter's samples. Failures of find_duplicates(); CANCELLED. */
ASSAY_MUST_USE assay_code findings_duplicates(const finding_request *q, double threshold,
                                              finding *out, assay_err *err);

/** A found_labels of the filter's samples; its frame stays while it is in use. Failures of
 * find_label_errors(); CANCELLED. */
ASSAY_MUST_USE assay_code findings_labels(const finding_request *q, finding *out, assay_err *err);

#endif
