#ifndef PROJECT_EXPORT_DECISIONS_H
#define PROJECT_EXPORT_DECISIONS_H

#include "base/text.h"
#include "frame/frame.h"
#include "store/project_decisions.h"

enum { DECISION_COLUMNS = 6 };

/**
 * What was decided of labels as a table, a row a sample, by sample: id, path, label (as the project
 * has it), decision, suggested, decided. CSV with a head, or JSON lines; what is missing is an
 * empty field, or null. Only samples of `rows` (NULL: all). `f` is the project with its texts.
 * Returns how many rows; a failure shows in text_check(out). O(decisions).
 */
size_t decisions_table(const frame *f, const decided_labels *decided, const selection *rows,
                       bool json, text *out);

/** That table in a file whose name ends in .csv or .jsonl: whole or not at all. */
typedef struct export_decisions_request {
    const char *project;
    const char *path;      /* of the file */
    const selection *rows; /* NULL: all */
    bool replace;
    int thread_count;
} export_decisions_request;

/** USAGE: another ending; CONFLICT: the file is there and `replace` is not set; failures of
 * project_read(); IO, NOMEM. */
ASSAY_MUST_USE assay_code export_decisions(const frame *f, const export_decisions_request *request,
                                           size_t *row_count, assay_err *err);

#endif
