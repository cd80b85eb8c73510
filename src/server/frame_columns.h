#ifndef SERVER_FRAME_COLUMNS_H
#define SERVER_FRAME_COLUMNS_H

#include "frame/frame.h"

#include "base/try.h"

/** The values of a metric; `confidence` is one wherever there are confidences. NULL: there is no
 * such metric. */
const double *frame_metric(const frame *f, const char *name);

/** The same; USAGE where there is none: the message lists those there are. */
ASSAY_MUST_USE assay_code frame_metric_named(const frame *f, const char *name, const double **out,
                                             assay_err *err);

/** NULL: there is no such attribute. */
const attribute_column *frame_attribute(const frame *f, const char *name);

/** The value of a sample; NULL: none. `column` may be NULL. */
const char *attribute_of(const attribute_column *column, size_t row);

/** The code of a class. USAGE: there is no such class. */
ASSAY_MUST_USE assay_code frame_class_named(const frame *f, const char *name, uint16_t *out,
                                            assay_err *err);

/** NOT_FOUND: there are not so many samples. */
ASSAY_MUST_USE assay_code frame_check_sample(const frame *f, uint64_t sample, assay_err *err);

#endif
