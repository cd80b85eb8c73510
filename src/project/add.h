#ifndef PROJECT_ADD_H
#define PROJECT_ADD_H

#include "project/join.h"
#include "store/import.h"
#include "store/project_folder.h"

/* Tables that say something of a project's samples. */

typedef enum add_kind { ADD_PREDICTIONS, ADD_LABELS, ADD_METRICS } add_kind;

typedef struct add_request {
    add_kind kind;
    import_request import; /* path, probabilities_path, progress, … ; wants, require_id, keep_ids
                              and known_classes are set here */
    const char *model;     /* name; NULL: from the file's name */
    const char *folder;    /* the keys are relative to this folder below the root; NULL: none */
    bool rows_in_order;    /* row i is sample first_sample + i */
    size_t first_sample;   /* with rows_in_order */
    size_t sample_count;   /* with rows_in_order: how many rows there must be; 0: all samples */
    bool of_list;          /* the table that the images are listed by: it may hold nothing to add,
                              and its ids made the samples */
    bool allow_unmatched;  /* rows without a sample, and second rows of a sample, are left out */
} add_request;

/** What a person should know of what was added. */
typedef struct add_notes {
    import_notes import;
    char *model;           /* the name under which the predictions are kept; NULL: none */
    bool replaced;         /* there was a model of this name */
    const char *joined_by; /* "id", "path", "file name", "order"; static text */
    size_t sample_count, row_count, matched;
    uint64_t unmatched, doubled;
    size_t labels; /* samples that got a label */
    size_t metrics, attributes;
    uint32_t new_classes; /* appended to the project's classes */
    char *new_names;      /* the first of them, for people; NULL: none */
    uint32_t class_count;
} add_notes;

void add_notes_clear(add_notes *notes);

/**
 * Read a table, join its rows with the project's samples and keep what it says, in one transaction:
 * all of it or nothing. Predictions replace those of a model of the same name; labels, metrics and
 * attributes are laid over what was there. A table of predictions also labels the samples while the
 * project has no label at all. Classes that the project does not have are appended to its list.
 *
 * Failures of import_predictions(); INPUT: rows without a sample, or two for one (the first five
 * are named); CANCELLED: nothing was added; CONFLICT, IO, NOMEM. O(N + rows).
 */
ASSAY_MUST_USE assay_code add_table(project_writer *w, const add_request *request, add_notes *notes,
                                    assay_err *err);

#endif
