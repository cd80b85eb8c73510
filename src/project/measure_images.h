#ifndef PROJECT_MEASURE_IMAGES_H
#define PROJECT_MEASURE_IMAGES_H

#include "base/progress.h"
#include "store/project_folder.h"

typedef struct measure_images_request {
    int thread_count;
    bool again;               /* also what has been measured */
    bool thumbnails;          /* make small pictures too; done in any case where there are some */
    const progress *progress; /* NULL: nobody looks */
} measure_images_request;

/** What measuring did. */
typedef struct measure_images_notes {
    size_t total;      /* samples of the project */
    size_t before;     /* measured already, and not changed since */
    size_t measured;   /* now, the unreadable ones among them */
    size_t unreadable; /* of all */
    double seconds;
} measure_images_notes;

/**
 * Measure the images that have no measures yet, or that were written since: each is read and
 * decoded once, on all threads, and what is done is kept every few seconds, so that an interrupted
 * run goes on where it stopped. An image that cannot be read is kept with its reason. CANCELLED: it
 * was told to stop (what was done is kept); NOT_FOUND: the images' root is not there; IO, NOMEM.
 * O(pixels).
 */
ASSAY_MUST_USE assay_code measure_images(project_writer *w, const measure_images_request *request,
                                         measure_images_notes *notes, assay_err *err);

#endif
