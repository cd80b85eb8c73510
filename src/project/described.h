#ifndef PROJECT_DESCRIBED_H
#define PROJECT_DESCRIBED_H

#include "eval/distribution.h"

/** Which metrics of which samples. Texts are borrowed; zero: all of all. */
typedef struct metrics_request {
    const char
        *metric; /* "a,b": only these, in that order; NULL: all but those that must be named */
    const char *where;     /* an SQL condition; NULL: every sample */
    const selection *rows; /* these, instead of a condition; NULL: none are chosen so */
    bool images_only;      /* of all metrics, none that says something of the model, nor `random` */
    int thread_count;
    void (*give_up)(const char *why); /* as in where_options */
} metrics_request;

/** The rows that the request's condition chooses. USAGE: a condition that is none; INPUT: no sample
 * fulfils it; NOMEM, LIMIT. */
ASSAY_MUST_USE assay_code choose_samples(const frame *f, const metrics_request *request,
                                         selection *out, assay_err *err);

/** The metrics "a, b" as indices into f->metric, each once, in that order; `which` has room for
 * metric_count. USAGE: no such metric (the message lists them). */
ASSAY_MUST_USE assay_code choose_named_metrics(const frame *f, const char *list, size_t *which,
                                               size_t *count, assay_err *err);

/** The chosen samples and metrics of a frame, and how the metrics lie over the samples. */
typedef struct described_metrics {
    selection rows;
    size_t *which; /* indices into frame->metric, one for each distribution */
    metric_distributions *distributions;
} described_metrics;

/** USAGE: no such metric (the message lists them); failures of choose_samples(). O(N) a metric. */
ASSAY_MUST_USE assay_code describe_metrics(const frame *f, const metrics_request *request,
                                           described_metrics *out, assay_err *err);
void described_metrics_clear(described_metrics *d);
ASSAY_AUTO_CLEAR_DECLARE(described_metrics)

#endif
