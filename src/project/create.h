#ifndef PROJECT_CREATE_H
#define PROJECT_CREATE_H

#include "project/add.h"
#include "project/embed_images.h"
#include "store/image_list.h"

typedef struct create_request {
    project_access access;
    image_list_request list;
    add_request predictions; /* import.path and its like NULL: none */
    bool allow_unmatched;    /* of the tables of labels too */
    bool no_measure;         /* nor describe */
    bool no_embed;           /* do not describe the images */
    const progress *progress;
} create_request;

/** What a person should know of a project that was made. */
typedef struct create_notes {
    bool resumed;     /* the project was there already, from the same images */
    const char *kind; /* what the images were recognised as; static text; NULL where resumed */
    size_t count;     /* samples */
    size_t labels;    /* with a label */
    uint32_t classes;
    uint32_t splits;
    char **warning; /* of the listing and of the tables, in words */
    size_t warning_count;
    bool has_predictions;
    add_notes predictions;
    bool has_measures;
    measure_images_notes measures;
    bool has_embedding;
    embed_images_notes embedding;
} create_notes;

void create_notes_clear(create_notes *notes);

/**
 * Make a project: list the images, take labels, metrics and attributes from the tables that go with
 * them, add predictions, measure and describe. Up to the measures it appears whole or not at all;
 * those may be interrupted, and the same call again goes on with them. `notes` is filled as far as
 * it got, also on failure. Failures of image_list_read(), add_table(), measure_images(); CONFLICT:
 * the project is there already and of other images.
 */
ASSAY_MUST_USE assay_code create_project(const create_request *request, create_notes *notes,
                                         assay_err *err);

#endif
