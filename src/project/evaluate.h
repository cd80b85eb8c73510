#ifndef PROJECT_EVALUATE_H
#define PROJECT_EVALUATE_H

#include "eval/evaluation.h"
#include "store/import.h"

/** Everything that `assay evaluate FILE` is asked. Texts are borrowed. */
typedef struct evaluate_request {
    const char *project; /* a project's folder; NULL: `import` says what to read */
    import_request import;
    evaluation_options options;       /* `shown` is made from classes_shown */
    const char *classes_shown;        /* "a,b" or NULL */
    const char *where;                /* SQL condition or NULL */
    void (*give_up)(const char *why); /* where_options.give_up of store/where.h, or NULL */
    const char *metric;               /* "a,b": only these metrics; NULL: all */
    const char *model;                /* of a project: whose predictions; else the name for the
                                         report. NULL: the only one, the file's name */
} evaluate_request;

/** A warning for people and programs. */
typedef struct warning {
    const char *code; /* "few-samples", … ; static text, listed in docs/json.md */
    char *message;
} warning;

/** One evaluation with all that its report needs. */
typedef struct evaluated {
    frame *frame;
    import_notes notes;
    evaluation *evaluation;
    evaluate_request request; /* texts borrowed from the caller */
    bool *shown;              /* class_count flags or NULL */
    size_t shown_count;
    warning *warning;
    size_t warning_count;
    bool borrowed; /* the frame and `shown` are somebody else's */
    /* What evaluate_frame() was told of the images, else counted where it is needed. */
    bool images_counted;
    uint64_t images_measured, images_unreadable;
} evaluated;

/** Read, select, evaluate. Failures of import, where and evaluation pass through; USAGE for an
 * unknown class or metric name, INPUT for a selection without samples. */
ASSAY_MUST_USE assay_code evaluate_predictions(const evaluate_request *request, evaluated **out,
                                               assay_err *err);
void evaluated_free(evaluated *e);

/** Samples of a project that are in memory already. Everything is borrowed and must outlive what
 * becomes of it. */
typedef struct frame_samples {
    const frame *frame; /* with the metrics of its predictions */
    const selection *rows;
    const bool *shown; /* class_count flags or NULL */
    size_t shown_count;
    uint64_t images_measured, images_unreadable; /* of all samples */
} frame_samples;

/**
 * The same as evaluate_predictions(), of such samples: `request` has the project's path, the
 * options, and for the report the texts of what chose them. All metrics are analysed but those that
 * must be asked for. A selection without samples is an evaluation without answers. INPUT: no
 * predictions, or no label at all.
 */
ASSAY_MUST_USE assay_code evaluate_samples(const frame_samples *of, const evaluate_request *request,
                                           evaluated **out, assay_err *err);

#endif
