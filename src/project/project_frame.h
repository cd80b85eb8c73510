#ifndef PROJECT_PROJECT_FRAME_H
#define PROJECT_PROJECT_FRAME_H

#include "frame/frame.h"
#include "store/wanted.h"

/** What to load of a project. Texts are borrowed; zero: default. */
typedef struct project_frame_request {
    const char *path; /* the project folder */
    /* NULL: the only one, or none where there is none; several: USAGE listing them. */
    const char *model;
    bool no_model;                /* load no predictions at all */
    bool model_optional;          /* several and none named: load none */
    bool ids;                     /* also the texts: id and path */
    const wanted_columns *wanted; /* NULL: every metric and attribute; the others have no values */
    /* Metrics of predictions: those that one of these names, or all that need not be named. */
    const char *metric; /* "a,b" */
    const char *where;  /* an SQL condition */
    bool all_metrics;
    int thread_count;
} project_frame_request;

/** The project's samples in memory: measures and users' numbers as metrics, texts as attributes
 * (split too), tags, and what prediction_metrics_add() adds. Free with frame_free(). */
ASSAY_MUST_USE assay_code project_frame_load(const project_frame_request *request, frame **out,
                                             assay_err *err);

#endif
