#ifndef SERVER_WORKSPACE_PARTS_H
#define SERVER_WORKSPACE_PARTS_H

#include "eval/metric_codes.h"
#include "frame/frame.h"
#include "server/workspace.h"
#include "store/project_overview.h"

/* What a workspace is made of; its own files only.
 *
 *     columns    everything of a project but its tags, as of one revision: a base frame without
 *                predictions, and for each model that was looked at a part with its own columns
 *     snapshot   columns and the tags of a revision: tagging makes a new one of the same columns
 *     view       a snapshot seen with one model: a frame whose arrays are all borrowed
 */

/** How often a reading is begun again because somebody wrote meanwhile: several who tag at once do.
 */
enum { WORKSPACE_ATTEMPTS = 10 };

/** What one model adds to the base: its predictions, and all metrics, those of the base borrowed.
 * label, id, path and tags are the base's. */
typedef struct model_part {
    frame *own;
    metric_codes **codes; /* of own->metric; NULL where they are the base's or not made yet */
    struct model_part *next;
} model_part;

typedef struct columns {
    size_t users; /* snapshots */
    frame *base;
    metric_codes **codes; /* of base->metric, NULL where not made yet */
    project_overview overview;
    model_part *parts; /* those loaded so far */
} columns;

/** All of a project but predictions. What project_load() says; CONFLICT: it changes faster than it
 * can be read. *revision: of what was read. O(N · columns). */
ASSAY_MUST_USE assay_code columns_load(const char *path, int thread_count, columns **out,
                                       assay_err *err);
/** NULL is allowed. */
void columns_free(columns *c);

/** Which part is wanted. */
typedef struct part_request {
    const overview_model *model;
    const char *path;
    int thread_count;
    uint64_t revision; /* of the columns */
} part_request;

/** The part of a model, loaded where it is new. *changed: the project is another one by now, and
 * nothing was loaded. O(N · K). */
ASSAY_MUST_USE assay_code columns_part(columns *c, const part_request *of, const model_part **out,
                                       bool *changed, assay_err *err);

/**
 * The order of each metric of a part (NULL: of the base) but those that are on_request, made where
 * it is new: an entry a metric of the part's frame, on_request: NULL. Calls must not overlap.
 * NOMEM. O(N) a metric, on all threads.
 */
ASSAY_MUST_USE assay_code columns_codes(columns *c, const model_part *part, int thread_count,
                                        const metric_codes ***out, assay_err *err);

/** The columns that a frame is, predictions too; it is taken over. NOMEM. */
ASSAY_MUST_USE assay_code columns_of_frame(frame *f, columns **out, assay_err *err);

/** A workspace of samples that no project holds, for whoever measures: its path is that of no
 * project. The frame is taken over, also on failure. NOMEM. */
ASSAY_MUST_USE assay_code workspace_open_frame(const workspace_options *options, frame *f,
                                               workspace **out, assay_err *err);

/** Only the tags, in a frame that has nothing else, and the revision that they are of. */
ASSAY_MUST_USE assay_code tags_load(const char *path, int thread_count, size_t row_count,
                                    frame **out, uint64_t *revision, assay_err *err);

#endif
