#ifndef PROJECT_FIND_H
#define PROJECT_FIND_H

#include "project/described.h"

/** What to look for. Texts are borrowed; zero: every outlier of every measure. */
typedef struct outlier_request {
    metrics_request metrics; /* NULL metric: all that say something of the image, but `random` */
    bool severe_only;
    size_t top; /* list only so many; 0: all */
} outlier_request;

/**
 * Outliers of several metrics in one list; a sample stands in it once for each metric that it is an
 * outlier of. By IQRs outside, the furthest first; those of a metric whose IQR is 0, which have no
 * such number, last; equal ones by metric, then by row. Names are borrowed from the frame.
 */
typedef struct found_outliers {
    uint32_t *row;
    double *iqrs; /* from the nearer quartile; infinite where the IQR is 0 */
    double *value;
    const char **metric;
    const char **side;     /* "low", "high" */
    const char **severity; /* "moderate", "severe" */
    size_t count;
    uint64_t found; /* how many there are */
} found_outliers;

/** Failures as describe_metrics(). O(N) a metric, O(outliers · log). */
ASSAY_MUST_USE assay_code find_outliers(const frame *f, const outlier_request *request,
                                        found_outliers *out, assay_err *err);
void found_outliers_clear(found_outliers *found);
ASSAY_AUTO_CLEAR_DECLARE(found_outliers)

/** Samples with a text of their own, in the order of the frame. The texts are the frame's. */
typedef struct found_texts {
    uint32_t *row;
    const char **word;
    size_t count;
    uint64_t found;
} found_texts;

/** Every sample chosen by `request` (its metrics don't matter) that has a value of an attribute: of
 * `unreadable`, the reason. `top`: list only so many, 0: all. Where the frame has no such
 * attribute, none is found. Failures of choose_samples(). O(N). */
ASSAY_MUST_USE assay_code find_by_attribute(const frame *f, const char *attribute,
                                            const metrics_request *request, size_t top,
                                            found_texts *out, assay_err *err);
void found_texts_clear(found_texts *found);
ASSAY_AUTO_CLEAR_DECLARE(found_texts)

#endif
