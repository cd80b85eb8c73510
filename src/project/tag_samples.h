#ifndef PROJECT_TAG_SAMPLES_H
#define PROJECT_TAG_SAMPLES_H

#include "store/project_folder.h"

/** Which samples get a tag (or lose it): those of a condition, or of a list, or both. */
typedef struct tag_request {
    const char *name;  /* letters, digits and whatever else is UTF-8; no control characters */
    const char *where; /* SQL condition; NULL: none */
    const char *paths; /* a file with an id or path a line; NULL: none */
    const char *model; /* whose predictions the condition sees */
    bool remove;
    bool allow_unmatched; /* lines that no sample has are left out */
    int thread_count;
    void (*give_up)(const char *why); /* where_options.give_up */
} tag_request;

typedef struct tag_notes {
    size_t chosen;    /* samples of the condition and the list */
    size_t changed;   /* that had it not before (or had it) */
    size_t unmatched; /* lines that no sample has */
    bool no_tag;      /* what was to be taken away is no tag of the project */
} tag_notes;

/** USAGE: a name that no tag can have. */
ASSAY_MUST_USE assay_code tag_check_name(const char *name, assay_err *err);

/** Tag samples; a writer beside others is enough. Which ones is what the condition gave when the
 * project was read for it. USAGE: no condition and no list, a name that is none; failures of
 * where_select(); INPUT: a line that no sample has; CONFLICT, IO, NOMEM. O(N). */
ASSAY_MUST_USE assay_code tag_samples(project_writer *w, const tag_request *request,
                                      tag_notes *notes, assay_err *err);

#endif
