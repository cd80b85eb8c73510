#ifndef PROJECT_EMBED_IMAGES_H
#define PROJECT_EMBED_IMAGES_H

#include "project/measure_images.h"

/* The name of the description that assay makes itself. */
#define EMBEDDING_BUILT_IN "visual"

typedef struct embed_images_request {
    const char *name;   /* NULL: EMBEDDING_BUILT_IN, or from the file's name */
    const char *from;   /* an .npy of N×D the user's own; NULL: the built-in description */
    const char *ids;    /* a table or list whose rows say which sample each row of `from` is of */
    bool rows_in_order; /* row i of `from` is sample i */
    bool allow_unmatched;
    bool make_default; /* what is computed from neighbours comes from this one from now on */
    bool again;        /* though nothing has changed */
    uint64_t seed;
    int thread_count;
    const progress *progress;
    void (*tell)(const char *message); /* as compare_vectors(), and so the two below */
    size_t keep_from;
    double keep_seconds;
} embed_images_request;

typedef struct embed_images_notes {
    bool has_measures;
    measure_images_notes measures; /* of the pass that made the pictures */
    bool up_to_date;               /* nothing had changed: nothing was done */
    size_t samples, embedded;      /* all; those with a vector */
    size_t dimensions;
    double describe_seconds, compare_seconds;
    bool is_default;
    char name[256];
} embed_images_notes;

/**
 * Describe every image of a project, compare all with all, and keep vectors, the nearest 50 of each
 * with their distances, and what they say: uniqueness, annotation_quality, diversity,
 * embedding_outlier as metrics, neighbours_label as an attribute. Images that have not been
 * measured are, in the same pass. Where no image can be read nothing is described. Interrupted, it
 * leaves what was there; a comparison that takes long is kept, and gone on with by the next call of
 * the same name (project/compare_vectors.h). CANCELLED; INPUT: rows that are no sample's; failures
 * of measure_images(); NOMEM.
 */
ASSAY_MUST_USE assay_code embed_images(project_writer *w, const embed_images_request *request,
                                       embed_images_notes *notes, assay_err *err);

/** Compute anew what labels have to do with, in the transaction in which they change; nothing where
 * there is no embedding. *unread: the code and reason where its files cannot be used, which is no
 * failure. IO, NOMEM. O(N·k + bytes of the files). */
ASSAY_MUST_USE assay_code refresh_neighbour_measures(const project_writer *w, const duck *db,
                                                     assay_err *unread, assay_err *err);

#endif
