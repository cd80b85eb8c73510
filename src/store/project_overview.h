#ifndef STORE_PROJECT_OVERVIEW_H
#define STORE_PROJECT_OVERVIEW_H

#include "base/try.h"
#include "frame/frame.h"

/* What a project holds, without its samples: for whoever shows it and follows its changes. */

typedef struct overview_model {
    char *name;
    uint32_t number;
    uint64_t samples; /* with a prediction */
    bool has_probabilities, has_confidence;
} overview_model;

typedef struct overview_embedding {
    char *name;
    uint32_t dimensions;
    bool is_default;
    bool built_in;
    bool has_neighbours;
} overview_embedding;

typedef struct project_overview {
    uint64_t revision;
    overview_model *model; /* in the order in which they were added */
    size_t model_count;
    overview_embedding *embedding; /* by name */
    size_t embedding_count;
    char **computed; /* names of metrics that assay computed from an embedding */
    size_t computed_count;
    bool has_images;     /* there is a folder that paths are relative to */
    uint64_t measured;   /* samples whose image was measured */
    uint64_t unreadable; /* whose image could not be read */
    uint64_t thumbnails; /* samples that have a small picture */
} project_overview;

/** Read it; the database is closed again. What project_read() says, NOMEM. */
ASSAY_MUST_USE assay_code project_overview_read(const char *path, int thread_count,
                                                project_overview *out, assay_err *err);
void project_overview_clear(project_overview *o);
ASSAY_AUTO_CLEAR_DECLARE(project_overview)

/** Only the revision: it grows with every change. What project_read() says. */
ASSAY_MUST_USE assay_code project_revision_read(const char *path, int thread_count, uint64_t *out,
                                                assay_err *err);

/**
 * Append to f->metric and f->attribute the columns that say something of one model alone, and give
 * the revision that they are of. f->row_count is set. What project_read() says; NOMEM. On failure f
 * is valid and may have some of them. O(N) each.
 */
ASSAY_MUST_USE assay_code project_read_model_columns(const char *path, uint32_t model,
                                                     int thread_count, frame *f, uint64_t *revision,
                                                     assay_err *err);

/** Append the project's tags to f->tag, and give the revision that they are of. f->row_count is
 * set. What project_read() says; NOMEM. O(tagged samples). */
ASSAY_MUST_USE assay_code project_tags_read(const char *path, int thread_count, frame *f,
                                            uint64_t *revision, assay_err *err);

#endif
