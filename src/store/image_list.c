/* Recognises what holds the images, and has it listed. */
#include "store/image_list_parts.h"

#include "store/idx.h"
#include "store/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const image_endings[] = {"jpg",  "jpeg", "jpe", "jfif", "png",  "webp",
                                            "tif",  "tiff", "gif", "bmp",  "heic", "heif",
                                            "avif", "jp2",  "j2k", "jpx",  NULL};
static const char *const split_names[] = {"train", "training", "val",     "valid", "validation",
                                          "dev",   "test",     "testing", "eval",  NULL};

static bool is_one_of(const char *at, size_t length, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        if (strlen(names[i]) == length && !strncasecmp(at, names[i], length))
            return true;
    }
    return false;
}

bool image_name_is_image(const char *at, size_t length)
{
    const char *dot = length ? memrchr(at, '.', length) : NULL;
    return dot && is_one_of(dot + 1, length - (size_t)(dot + 1 - at), image_endings);
}

bool image_name_is_split(const char *at, size_t length)
{
    return is_one_of(at, length, split_names);
}

assay_code image_path_join(const char *folder, const char *name, char out[PATH_MAX], assay_err *err)
{
    const size_t before = strlen(folder);
    const size_t after = strlen(name);
    const bool slash = before > 0 && folder[before - 1] != '/';
    if (before + slash + after >= PATH_MAX)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is longer than %d bytes", folder,
                          PATH_MAX - 1);
    snprintf(out, PATH_MAX, "%s%s%s", folder, slash ? "/" : "", name);
    return ASSAY_OK;
}

const char *image_listing_below(const image_listing *l, const char *path)
{
    const size_t length = strlen(l->root);
    const bool whole = l->root[length - 1] == '/'; /* the root of the file system */
    if (strncmp(path, l->root, length) != 0)
        return NULL;
    if (whole)
        return path + length;
    return path[length] == '/' ? path + length + 1 : path[length] ? NULL : path + length;
}

static assay_code fail_resolve(const char *path, int error, assay_err *err)
{
    if (error == ENOENT || error == ENOTDIR)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "%s: there is no such file or folder", path);
    if (error == EACCES)
        return assay_fail(err, ASSAY_E_IO, "%s: may not be read (permission denied)", path);
    if (error == ELOOP)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is a loop of symbolic links", path);
    return assay_fail(err, ASSAY_E_IO, "%s: cannot be read: %s", path, strerrordesc_np(error));
}

static assay_code resolve(const char *path, char out[PATH_MAX], bool *is_folder, assay_err *err)
{
    struct stat info;
    if (!realpath(path, out) || stat(out, &info))
        return fail_resolve(path, errno, err);
    *is_folder = S_ISDIR(info.st_mode);
    return ASSAY_OK;
}

static assay_code find_root(image_listing *l, assay_err *err)
{
    const image_list_request *r = l->request;
    ASSAY_TRY(resolve(r->images, l->at, &l->is_folder, err));
    bool is_folder = true;
    if (r->root) {
        ASSAY_TRY(resolve(r->root, l->root, &is_folder, err));
    } else {
        snprintf(l->root, sizeof l->root, "%s", l->at);
        char *slash = l->is_folder ? NULL : strrchr(l->root, '/');
        if (slash)
            slash[slash == l->root] = '\0';
    }
    if (!is_folder)
        return assay_fail(err, ASSAY_E_USAGE, "%s: is not a folder; the root of images is one",
                          r->root);
    return ASSAY_OK;
}

/* Only tables, which name images below the root, may lie anywhere themselves. */
static assay_code check_below(const image_listing *l, assay_err *err)
{
    if (image_listing_below(l, l->at))
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_USAGE, "%s: does not lie in the root %s", l->request->images,
                      l->request->root);
}

/* By the first bytes, never by the name alone. */
static assay_code list_by_kind(image_listing *l, source_kind kind, assay_err *err)
{
    bool found = false;
    if (kind == SOURCE_NPY || (kind != SOURCE_PARQUET && idx_is_file(l->request->images))) {
        ASSAY_TRY(check_below(l, err));
        return kind == SOURCE_NPY ? images_npy_list(l, err) : images_idx_list(l, err);
    }
    if (kind == SOURCE_PARQUET && image_listing_below(l, l->at))
        ASSAY_TRY(images_parquet_list(l, &found, err));
    return found ? ASSAY_OK : images_table_list(l, err);
}

static assay_code list_file(image_listing *l, assay_err *err)
{
    source s;
    const char *images = l->request->images;
    const char *slash = strrchr(l->at, '/');
    if (image_name_is_image(l->at, strlen(l->at)))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: is one image; expected a folder of images, a table of their paths, "
                          "or a file that holds many (IDX, .npy, Parquet)",
                          images);
    if (slash && !strcmp(slash + 1, "labels.json"))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: holds labels; expected the folder that it lies in, with data/",
                          images);
    ASSAY_TRY(source_open(images, &s, err));
    const source_kind kind = s.kind;
    source_close(&s);
    return list_by_kind(l, kind, err);
}

static assay_code list_folder(image_listing *l, assay_err *err)
{
    bool found;
    ASSAY_TRY(check_below(l, err));
    ASSAY_TRY(images_fiftyone_list(l, &found, err));
    if (!found)
        ASSAY_TRY(images_metadata_list(l, &found, err));
    return found ? ASSAY_OK : images_folder_list(l, err);
}

/* Labels that the request names: a vector in order, or a table that is joined afterwards. */
static assay_code add_labels(image_listing *l, assay_err *err)
{
    const char *labels = l->request->labels;
    if (!labels)
        return ASSAY_OK;
    source s;
    ASSAY_TRY(source_open(labels, &s, err));
    source_close(&s);
    if (!images_labels_are_vector(labels)) {
        const image_table t = {.path = (char *)(uintptr_t)labels, .folder = (char[]){""}};
        return image_listing_table(l, &t, err);
    }
    if (l->list.container_count == 0)
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s: is a vector without names, which says nothing of files; expected a "
                          "table with a column of paths",
                          labels);
    return images_vector_labels(l, labels, l->request->images, 0, err);
}

assay_code image_list_read(const image_list_request *request, image_list *out, assay_err *err)
{
    *out = (image_list){0};
    image_listing *l = mem_zalloc(1, sizeof *l);
    if (!l)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the list of images",
                          request->images);
    l->request = request;
    assay_code code = find_root(l, err);
    if (code == ASSAY_OK)
        code = l->is_folder ? list_folder(l, err) : list_file(l, err);
    if (code == ASSAY_OK)
        code = add_labels(l, err);
    if (code == ASSAY_OK)
        code = image_listing_finish(l, err);
    if (code == ASSAY_OK)
        *out = l->list;
    if (code == ASSAY_OK)
        l->list = (image_list){0};
    image_listing_reset(l);
    mem_free(l);
    return code;
}
