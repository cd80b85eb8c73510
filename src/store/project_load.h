#ifndef STORE_PROJECT_LOAD_H
#define STORE_PROJECT_LOAD_H

#include "frame/frame.h"
#include "store/wanted.h"

/** What to load of a project. Texts are borrowed; zero: default. */
typedef struct project_load_request {
    const char *path;             /* the project folder */
    const char *model;            /* NULL: the only one, or none where there is none */
    bool no_model;                /* load no predictions at all */
    bool model_optional;          /* several and none named: load none, instead of refusing */
    bool texts;                   /* also id and path */
    bool no_metrics;              /* neither metrics nor attributes nor tags */
    const wanted_columns *wanted; /* NULL: every metric and attribute; the others have no values */
    int thread_count;
    /* What is computed of a frame that was loaded and belongs into it; NULL: nothing. */
    assay_code (*complete)(frame *f, const void *context, assay_err *err);
    const void *context; /* for `complete`; borrowed */
} project_load_request;

/**
 * A project as a frame: labels and predictions (CLASS_MISSING where there is none), confidence, the
 * model's probabilities (mapped) or top lists, measures and the user's numbers as metrics, texts as
 * attributes, tags. Where images could not be read, the attribute `unreadable` says why. f->model
 * names the model, NULL where none is loaded. The database is closed again.
 *
 * USAGE: no such model, or several and none named (the message lists them); INPUT: damaged, or a
 * matrix that is not the shape that the tables say; NOT_FOUND, CONFLICT, IO, NOMEM. O(N · columns
 * that are wanted).
 */
ASSAY_MUST_USE assay_code project_load(const project_load_request *request, frame **out,
                                       assay_err *err);

#endif
