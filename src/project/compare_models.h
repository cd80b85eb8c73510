#ifndef PROJECT_COMPARE_MODELS_H
#define PROJECT_COMPARE_MODELS_H

#include "eval/compare.h"

/** Which two models of a project, on which samples. Texts are borrowed. */
typedef struct compare_models_request {
    const char *path;                 /* the project folder */
    const char *a, *b;                /* names of models */
    const char *where;                /* SQL condition or NULL; predictions in it are those of a */
    void (*give_up)(const char *why); /* as in where_options, or NULL */
    bool exact_p;                     /* McNemar's exact p instead of mid-p */
    double confidence_level;          /* 0: 0.95 */
    int thread_count;
} compare_models_request;

/** The comparison, and the samples and classes that its codes stand for. */
typedef struct compared_models {
    frame *a, *b;
    comparison comparison;
    double confidence_level;
} compared_models;

/** USAGE: a name is missing, both are the same, there is no such model, a condition that is none;
 * INPUT: the project has no labels, no sample fulfils the condition; failures of project_load() and
 * comparison_init(). */
ASSAY_MUST_USE assay_code compare_models(const compare_models_request *request,
                                         compared_models *out, assay_err *err);
void compared_models_clear(compared_models *c);
ASSAY_AUTO_CLEAR_DECLARE(compared_models)

#endif
