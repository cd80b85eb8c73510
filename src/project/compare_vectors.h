#ifndef PROJECT_COMPARE_VECTORS_H
#define PROJECT_COMPARE_VECTORS_H

#include "knn/exact.h"
#include "store/project_folder.h"

/* Comparing all with all takes the square of the samples: seconds for ten thousand, an hour for two
 * million. From so many samples on it is kept in the project while it lasts. */
enum { COMPARISON_KEPT_FROM = 100001 };

typedef struct compare_vectors_request {
    const char *embedding; /* its name */
    int thread_count;
    const progress *progress;
    void (*tell)(const char *message); /* how long it takes, that it goes on; NULL: nobody */
    size_t keep_from;                  /* samples; 0: COMPARISON_KEPT_FROM */
    double keep_seconds;               /* between two times that it is kept; 0: 60 */
} compare_vectors_request;

/**
 * The NEIGHBOURS_KEPT nearest of each vector, as knn_exact_all(). From `keep_from` samples on it
 * says how long it will take, and its state is kept every minute (less often where that would take
 * more than a twentieth of the time) and when it is interrupted. The next call for an embedding of
 * this name goes on from there, to the same bits; a state that is damaged or of other vectors is
 * told and removed. What was kept stays after success: whoever has stored the lists removes it with
 * project_search_remove(). CANCELLED, LIMIT, NOMEM; that a state cannot be kept is told and is no
 * failure.
 */
ASSAY_MUST_USE assay_code compare_vectors(const project_writer *w, const knn_vectors *v,
                                          const compare_vectors_request *request, knn_lists *out,
                                          assay_err *err);

#endif
