#ifndef STORE_PROJECT_IMAGES_H
#define STORE_PROJECT_IMAGES_H

#include "store/duck.h"
#include "store/image_list.h"
#include "store/project_folder.h"

/* Which images a project has: the tables project, classes, containers and images. */

/**
 * Write the images of a new project, in the open transaction; not their labels and split. `source`
 * is what the user named, so that the same command can go on with it. IO, NOMEM. O(N).
 */
ASSAY_MUST_USE assay_code project_put_images(const duck *d, const image_list *list,
                                             const char *source, assay_err *err);

/** Read them back: root, path, id, container, item and containers are set, classes too. On failure
 * *out is zero. NOMEM, INPUT. O(N). */
ASSAY_MUST_USE assay_code project_read_images(const duck *d, image_list *out, assay_err *err);

/** The same through a writer, in a moment of its own. CONFLICT too. */
ASSAY_MUST_USE assay_code project_writer_images(project_writer *w, image_list *out, assay_err *err);

/** Another root for the same relative paths. */
ASSAY_MUST_USE assay_code project_put_root(const duck *d, const char *root, assay_err *err);

/** Read it: owned by the caller (mem_free); NULL where paths are relative to nothing. */
ASSAY_MUST_USE assay_code project_read_root(const duck *d, char **out, assay_err *err);

/** Append the classes from `first` on. */
ASSAY_MUST_USE assay_code project_put_classes(const duck *d, const class_list *classes,
                                              uint32_t first, assay_err *err);

/** Read the classes into an empty list. */
ASSAY_MUST_USE assay_code project_read_classes(const duck *d, class_list *out, assay_err *err);

/** How many samples there are. */
ASSAY_MUST_USE assay_code project_count_samples(const duck *d, size_t *out, assay_err *err);

/** What --images named when the project was made: owned by the caller (mem_free). */
ASSAY_MUST_USE assay_code project_read_source(const duck *d, char **out, assay_err *err);

#endif
