/* The use-case behind `assay add root`. */
#include "project/move_root.h"

#include "store/project_images.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ASSAY_AUTO_CLEAR_DECLARE(image_list)

/* The first image's file, or its container, below the new root. */
static assay_code check_first(const image_list *images, const char *root, const char *folder,
                              assay_err *err)
{
    if (images->count == 0)
        return ASSAY_OK;
    const bool is_file = images->container[0] == CONTAINER_NONE;
    const char *at = is_file ? images->path.bytes : images->containers[images->container[0]].path;
    const size_t length = is_file ? (size_t)images->path.start[1] : strlen(at);
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%.*s", root, (int)(length < PATH_MAX ? length : PATH_MAX), at);
    if (access(path, F_OK) == 0)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_NOT_FOUND,
                      "%s: does not hold the project's images: there is no %.*s", folder,
                      (int)(length < 300 ? length : 300), at);
}

static assay_code keep_root(project_writer *w, const char *root, const char *folder, assay_err *err)
{
    duck *db;
    ASSAY_AUTO_CLEAR(image_list) images = {0};
    ASSAY_TRY(project_writer_begin(w, &db, err));
    assay_code code = project_read_images(db, &images, err);
    if (code == ASSAY_OK)
        code = check_first(&images, root, folder, err);
    if (code == ASSAY_OK)
        code = project_put_root(db, root, err);
    return project_writer_end(w, code, err);
}

assay_code move_root(const project_access *access, const char *folder, move_root_notes *notes,
                     assay_err *err)
{
    struct stat info;
    notes->root[0] = '\0';
    if (!realpath(folder, notes->root) || stat(notes->root, &info) != 0)
        return assay_fail(err, errno == ENOENT ? ASSAY_E_NOT_FOUND : ASSAY_E_IO,
                          "%s: cannot be opened: %s", folder, strerrordesc_np(errno));
    if (!S_ISDIR(info.st_mode))
        return assay_fail(err, ASSAY_E_INPUT, "%s: is not a folder", folder);
    project_writer *w = NULL;
    ASSAY_TRY(project_writer_open(access, &w, err));
    const assay_code code = keep_root(w, notes->root, folder, err);
    project_writer_close(w);
    return code;
}
