#ifndef ASSAY_EVALUATE_H
#define ASSAY_EVALUATE_H

#include "assay/err.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Every number of one evaluation. Immutable once made: share it freely between threads. */
typedef struct assay_evaluation assay_evaluation;

/**
 * What to read and how to compute. Zero it and set what you want: 0 and NULL mean the default.
 * Texts are copied. The fields are the options of `assay evaluate`, whose help explains each.
 */
typedef struct assay_evaluate_options {
    size_t size; /* sizeof(assay_evaluate_options): later versions may add fields at the end */
    const char *label, *prediction, *confidence, *id; /* column names; NULL: recognised */
    const char *group;                                /* column name; NULL: none */
    const char *probabilities;                        /* path of an N×K .npy */
    const char *predictions;                          /* path of a .npy of N class indices */
    const char *classes;       /* "a,b,c" or the path of a file with one name a line */
    const char *format;        /* "csv", "tsv", "json", "jsonl", "parquet" */
    const char *model;         /* name for the report */
    const char *where;         /* SQL condition over the columns */
    const char *classes_shown; /* "a,b" */
    const char *metric;        /* "a,b" */
    double confidence_level;   /* 0.5..0.9999; 0: 0.95 */
    uint32_t bins;             /* 5..200; 0: 50 */
    uint32_t bootstrap;        /* replicates; 0: none */
    uint64_t seed;             /* 0: 1 */
    int threads;               /* 1..256; 0: all processors */
    int logits, exact, equal_width, importance_nearest;                    /* flags */
    int allow_duplicates, allow_unknown_classes, allow_nan, allow_any_sum; /* flags */
} assay_evaluate_options;

/** The library's version, such as "0.1.0". Static text. */
ASSAY_API const char *assay_version(void);

/**
 * Evaluate the predictions in a file.
 *
 * path     a table (CSV, TSV, JSON, JSON lines, Parquet; gzip of the text ones) or a .npy of labels
 * options  NULL: every default
 * out      set to an evaluation that the caller frees with assay_evaluation_free(); NULL on failure
 * err      NULL, or where to put the reason: file, row, value and what was expected
 *
 * Fails with any code of assay/err.h. Reads only the files named; writes nothing. An .npy file is
 * mapped: one that is cut short by others during the call raises SIGBUS. O(N) for labels
 * and predictions, O(N·K) with probabilities.
 */
ASSAY_API ASSAY_MUST_USE assay_code assay_evaluate(const char *path,
                                                   const assay_evaluate_options *options,
                                                   assay_evaluation **out, assay_err *err);

/** The report for programs (docs/json.md). *json is a terminated UTF-8 text that the caller frees
 * with assay_text_free(). NOMEM, LIMIT. */
ASSAY_API ASSAY_MUST_USE assay_code assay_evaluation_json(const assay_evaluation *evaluation,
                                                          char **json, assay_err *err);

/** The report for people, `columns` (60..100) wide, without colours. Freed with assay_text_free().
 * NOMEM, LIMIT, USAGE. */
ASSAY_API ASSAY_MUST_USE assay_code assay_evaluation_text(const assay_evaluation *evaluation,
                                                          int columns, char **report,
                                                          assay_err *err);

/** NULL is allowed. */
ASSAY_API void assay_text_free(char *at);

/** NULL is allowed. */
ASSAY_API void assay_evaluation_free(assay_evaluation *evaluation);

#ifdef __cplusplus
}
#endif
#endif
