#ifndef STORE_IMPORT_PARTS_H
#define STORE_IMPORT_PARTS_H

#include "store/table.h"

/* The steps from files to a frame that import.c calls one after the other. */

/** What is known so far; what the frame does not take over is freed by the owner. */
typedef struct import_state {
    const import_request *request;
    import_request again; /* the request with its class names read */
    import_notes *notes;
    table t;                      /* empty where there is none */
    frame *f;                     /* under construction */
    uint16_t *label, *prediction; /* raw codes until classes are known; prediction NULL where there
                                     is no column */
    const char *label_path, *prediction_path;
    const char *probability_path;
    const char *first_path; /* of the array that says how many samples there are */
    uint16_t *map;          /* raw name -> class */
    double *confidence;
    bool table_has_rows;
} import_state;

/** Where a sample stands in the file that a message names. */
static inline size_t import_file_row(const import_state *s, const char *path, size_t row)
{
    return path == s->t.path ? table_file_row(&s->t, row) : row;
}

/** Long form: rows of (sample, class, probability) become one row a sample, with a matrix or top
 * lists. INPUT, NOMEM. */
ASSAY_MUST_USE assay_code import_long(table *t, assay_err *err);

/** Refuse ids that occur twice, or count them. INPUT, NOMEM. */
ASSAY_MUST_USE assay_code import_check_ids(import_state *s, assay_err *err);

/** Make the classes and turn raw codes into classes. INPUT: unknown names, NOMEM. */
ASSAY_MUST_USE assay_code import_classes(import_state *s, assay_err *err);

/** Scan f->probability, whose values are set: prediction and confidence come from it. INPUT, NOMEM.
 */
ASSAY_MUST_USE assay_code import_scan(import_state *s, assay_err *err);

/** The table's probability columns as f->probability, in the order of the classes. INPUT, NOMEM. */
ASSAY_MUST_USE assay_code import_probability_columns(import_state *s, assay_err *err);

/** Top-k lists: classes for raw codes, best first; prediction and confidence from the first. INPUT,
 * NOMEM. */
ASSAY_MUST_USE assay_code import_lists(import_state *s, assay_err *err);

/** Metrics, attributes, group and ids of the table into the frame. NOMEM. */
ASSAY_MUST_USE assay_code import_columns(import_state *s, assay_err *err);

/** Note what was recognised. NOMEM. */
ASSAY_MUST_USE assay_code import_note_columns(import_notes *notes, const table *t, assay_err *err);

ASSAY_MUST_USE assay_code import_notes_warn(import_notes *notes, assay_err *err, const char *fmt,
                                            ...) ASSAY_PRINTF(3, 4);

#endif
