#ifndef SERVER_SAMPLE_PARTS_H
#define SERVER_SAMPLE_PARTS_H

#include "project/find_repeats.h"
#include "project/sample_pictures.h"
#include "server/workspace.h"

/* What is opened of a project for questions about single samples: once, until it changes. In use
 * until kept_release(workspace_lasting(w), …). */

/** kept_value() is a sample_pictures. Failures of sample_pictures_open(). */
ASSAY_MUST_USE assay_code sample_parts_pictures(workspace *w, kept_item **out, assay_err *err);

/** kept_value() is a similar_index of the default embedding. Failures of similar_index_open(). */
ASSAY_MUST_USE assay_code sample_parts_similar(workspace *w, size_t sample_count, kept_item **out,
                                               assay_err *err);

/** kept_value() is a picture_index. Failures of picture_index_open(). */
ASSAY_MUST_USE assay_code sample_parts_small(workspace *w, size_t sample_count, kept_item **out,
                                             assay_err *err);

#endif
