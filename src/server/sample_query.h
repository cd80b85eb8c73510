#ifndef SERVER_SAMPLE_QUERY_H
#define SERVER_SAMPLE_QUERY_H

#include "server/filter.h"

/** How a prediction came out: an Outcome of docs/workbench.schema.json. */
typedef enum outcome {
    OUTCOME_ALL,
    OUTCOME_CORRECT,
    OUTCOME_WRONG,
    OUTCOME_TP, /* of a class, and so the next two: by the prediction, or by a threshold */
    OUTCOME_FP,
    OUTCOME_FN,
    OUTCOME_UNLABELLED,
    OUTCOME_FIXED, /* right, where another model is wrong, and so the next three */
    OUTCOME_BROKEN,
    OUTCOME_BOTH_WRONG,
    OUTCOME_BOTH_RIGHT,
    OUTCOME_COUNT
} outcome;

/** Which samples: a SampleQuery of docs/workbench.schema.json. Zeroed is clearable. */
typedef struct sample_query {
    filter *filter;
    workspace_view *against; /* the other model; NULL: none is asked for */
    outcome outcome;
    bool by_threshold;  /* tp, fp, fn: a sample is called `class` where its probability is at least
                           the threshold, whatever its prediction */
    double threshold;   /* of by_threshold */
    uint16_t class;     /* of tp, fp, fn; CLASS_MISSING: none */
    uint16_t truth;     /* only samples labelled so; CLASS_MISSING: any */
    uint16_t predicted; /* only samples predicted so */
} sample_query;

/**
 * The query's parameters, or the members of a SampleQuery (NULL: all samples). USAGE: no such
 * outcome, class or model, a class or model that is missing, a threshold that is no probability or
 * stands without outcome and class; INPUT: a threshold, and the model has no probabilities;
 * failures of filter_of_request(), workspace_look(). On failure *out is zero.
 */
ASSAY_MUST_USE assay_code sample_query_of_request(workspace *w, const request *q, sample_query *out,
                                                  reply *failed, assay_err *err);
ASSAY_MUST_USE assay_code sample_query_of_json(workspace *w, const json_t *value, sample_query *out,
                                               reply *failed, assay_err *err);
void sample_query_clear(sample_query *q);
ASSAY_AUTO_CLEAR_DECLARE(sample_query)

const frame *sample_query_frame(const sample_query *q);
uint64_t sample_query_revision(const sample_query *q);

/**
 * The rows: those of the filter, of the outcome, and of the filter's classes by label or prediction
 * (or by the class of a threshold). By a threshold, of the samples that the class's curves run
 * over: with label, prediction and valid probabilities; how many they are is what the point of a
 * ROC or PR curve at that threshold says (eval/ranking.h). NOMEM. O(N).
 */
ASSAY_MUST_USE assay_code sample_query_rows(const sample_query *q, selection *out, assay_err *err);

/** Whether a row's label or prediction is among the classes that the filter shows. */
bool filter_shows_row(const filter *f, size_t row);

/** A text that is equal for equal queries, for keys of what is kept. */
void sample_query_key(const sample_query *q, text *out);

#endif
