#ifndef SERVER_SAMPLE_DETAIL_H
#define SERVER_SAMPLE_DETAIL_H

#include "frame/frame.h"

#include "base/text.h"

/* Lists of a SampleDetail (docs/workbench.schema.json), each a JSON array at the end of a text. */

/** Share of the values that are smaller than `x`, equal ones counted half, 0..100. NaN: no value is
 * there, or `x` is none. O(N). */
double percentile_of(const double *value, size_t count, double x);

/** Every metric with the sample's value and its percentile. O(N · metrics). */
void put_sample_metrics(text *out, const frame *f, size_t row);

void put_sample_attributes(text *out, const frame *f, size_t row);

/** The largest probabilities, the label's with them; none where there are none. NOMEM. O(K). */
ASSAY_MUST_USE assay_code put_sample_probabilities(text *out, const frame *f, size_t row,
                                                   assay_err *err);

#endif
