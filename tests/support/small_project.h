#ifndef SUPPORT_SMALL_PROJECT_H
#define SUPPORT_SMALL_PROJECT_H

#include "frame/frame.h"
#include "project/embed_images.h"

/** A project of grey noise of 12×12 pixels in images.npy, in the working folder. */
typedef struct small_project {
    size_t count;     /* samples, at most SMALL_PROJECT_MOST */
    bool all_equal;   /* the same picture everywhere */
    bool measured;    /* but not described */
    bool embedded;    /* measured, described and compared */
    uint32_t classes; /* labels in turn; 0: no labels */
    bool lone_class;  /* but sample 0's, which nobody else has */
} small_project;

enum { SMALL_PROJECT_MOST = 300, SMALL_PROJECT_SIDE = 12 };

/** Make p.assay anew. With four samples and more, sample 3 is the mirror image of sample 2; with
 * eight, sample 7 is equal to sample 1. */
void small_project_make(const small_project *p);

/** Open p.assay for writing; project_writer_close() ends it. */
project_writer *small_project_open(void);

/** p.assay as a frame with its texts, and no model; frame_free(). */
frame *small_project_frame(void);

/** A number of a metric; the test fails where there is no such metric. */
double small_project_metric(const frame *f, const char *name, size_t sample);

#endif
