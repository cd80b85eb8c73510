#ifndef STORE_PROJECT_COLUMNS_H
#define STORE_PROJECT_COLUMNS_H

#include "frame/frame.h"
#include "store/duck.h"
#include "store/wanted.h"

/* What is known of a project's samples beside where they are: labels, numbers, texts, tags. Each
 * function works in the open transaction; arrays have one entry a sample. */

/* The model of a column that belongs to none. */
#define MODEL_NONE UINT32_MAX

/** Set labels; those that are CLASS_MISSING here stay as they were. IO, NOMEM. O(N). */
ASSAY_MUST_USE assay_code project_put_labels(const duck *d, const uint16_t *label, size_t count,
                                             assay_err *err);

/** Labels into label[count], CLASS_MISSING where there is none. */
ASSAY_MUST_USE assay_code project_read_labels(const duck *d, uint16_t *label, size_t count,
                                              assay_err *err);

/** How many samples have a label. */
ASSAY_MUST_USE assay_code project_count_labels(const duck *d, uint64_t *out, assay_err *err);

/** Set a number of each sample (NaN: stays as it was), under a name; MODEL_NONE or the model that
 * it says something of. */
ASSAY_MUST_USE assay_code project_put_metric(const duck *d, const char *name, uint32_t model,
                                             const double *value, size_t count, assay_err *err);

/** Set a text of each sample; ATTRIBUTE_MISSING stays as it was. */
ASSAY_MUST_USE assay_code project_put_attribute(const duck *d, const attribute_column *column,
                                                uint32_t model, size_t count, assay_err *err);

/** The same for what assay computes of the samples: the values before are gone, NaN and
 * ATTRIBUTE_MISSING are none, and a column of the user's that has the name stays beside it. */
ASSAY_MUST_USE assay_code project_put_computed_metric(const duck *d, const char *name,
                                                      const double *value, size_t count,
                                                      assay_err *err);
ASSAY_MUST_USE assay_code project_put_computed_attribute(const duck *d,
                                                         const attribute_column *column,
                                                         size_t count, assay_err *err);

/** Forget the metrics and attributes of a model. */
ASSAY_MUST_USE assay_code project_drop_columns(const duck *d, uint32_t model, assay_err *err);

/** Whether the project has a tag of this name. */
ASSAY_MUST_USE assay_code project_has_tag(const duck *d, const char *name, bool *out,
                                          assay_err *err);

/** Add a tag to the samples of a selection (or take it from them). A tag that no sample has any
 * more is gone. `changed` counts the samples that had it not before (or had it). CONFLICT: the
 * selection is not of as many samples as the project has; IO, NOMEM. */
ASSAY_MUST_USE assay_code project_put_tag(const duck *d, const char *name, const selection *rows,
                                          bool remove, size_t *changed, assay_err *err);

/** Append to f->metric, f->attribute and f->tag what belongs to no model or to `model`, as it is
 * committed; what is not wanted is there by name, without values. f->row_count is set. On failure f
 * may only be freed. O(N) for each that is wanted. */
ASSAY_MUST_USE assay_code project_read_metrics(const duck *d, const wanted_columns *wanted,
                                               uint32_t model, int thread_count, frame *f,
                                               assay_err *err);
ASSAY_MUST_USE assay_code project_read_attributes(const duck *d, const wanted_columns *wanted,
                                                  uint32_t model, frame *f, assay_err *err);
ASSAY_MUST_USE assay_code project_read_tags(const duck *d, frame *f, assay_err *err);

#endif
