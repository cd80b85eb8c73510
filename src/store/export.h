#ifndef STORE_EXPORT_H
#define STORE_EXPORT_H

#include "base/text.h"
#include "frame/frame.h"

typedef enum export_what {
    EXPORT_SAMPLES,     /* id, path, label, prediction, confidence, attributes, tags, metrics */
    EXPORT_METRICS,     /* id, path, metrics */
    EXPORT_PREDICTIONS, /* id, path, label, prediction, confidence, metrics of the prediction, a
                           column prob_CLASS a class */
} export_what;

/** What to write where. Texts are borrowed for the call. */
typedef struct export_request {
    export_what what;
    const char *path;  /* ends in .csv, .jsonl or .parquet */
    const char *where; /* an SQL condition as where_select() takes it; NULL: every sample */
    /* Of metrics only these, in this order: indices into frame->metric; NULL: all of them. */
    const size_t *metric;
    size_t metric_count;
    bool no_on_request; /* without `metric`: none that the frame has for who names it */
    bool replace;       /* a file that is there already */
    int thread_count;
    void (*give_up)(const char *why); /* as in where_options */
} export_request;

typedef struct export_notes {
    uint64_t row_count;
    size_t column_count;
} export_notes;

/**
 * Write the frame's samples into a table of one row a sample, in the order of the frame. Columns
 * that the frame lacks (ids, paths, predictions where every one is missing, confidences,
 * probabilities) are left out. A tag is a column tag_NAME of true and false. Names that differ in
 * letter case only get "_2" added, as in conditions. What is missing is an empty field, null in
 * JSON and Parquet. Numbers read back to the same bits (an infinite one is null in JSON);
 * probabilities are normalised. Texts are UTF-8: other bytes are written as \xe9.
 *
 * The file appears whole or not at all; what was there stays when anything fails. The condition
 * runs in an instance of DuckDB that can reach no file, before the file is begun; Parquet is
 * written by another that sees no text of the user's.
 *
 * USAGE: a name with another ending, a condition that is none; CONFLICT: the file exists and
 * `replace` is not set; NOT_FOUND: no such folder, or predictions asked for where there are none;
 * IO: a full disk; LIMIT, NOMEM, INTERNAL. O(rows · columns).
 */
ASSAY_MUST_USE assay_code export_frame(const frame *f, const export_request *request,
                                       export_notes *notes, assay_err *err);

/** The same rows as text, CSV or JSON lines, at the end of `out`: of `rows` (NULL: all), without
 * metrics that are on_request. LIMIT: more than `out` may hold; NOMEM. O(rows · columns). */
ASSAY_MUST_USE assay_code export_frame_text(const frame *f, const selection *rows, bool json,
                                            int thread_count, text *out, assay_err *err);

#endif
