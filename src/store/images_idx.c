/* The MNIST family: a file of images, the file of labels beside it, or a folder of such pairs. */
#include "store/image_list_parts.h"

#include "store/idx.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A pair to add; `file` can be opened, `path` is relative to the root. */
typedef struct idx_pair {
    const char *file, *path;
    const char *split; /* NULL: none */
    bool alone;
} idx_pair;

static assay_code add_pair(image_listing *l, const idx_pair *p, assay_err *err)
{
    idx_file f;
    ASSAY_TRY(idx_open(p->file, IDX_IMAGES, &f, err));
    const listed_container c = {.path = p->path,
                                .kind = CONTAINER_IDX,
                                .item_count = f.header.item_count,
                                .split = p->split,
                                .alone = p->alone};
    idx_close(&f);
    const size_t first = l->list.count;
    ASSAY_TRY(image_listing_container(l, &c, err));
    char labels[PATH_MAX];
    if (l->request->labels)
        return ASSAY_OK;
    if (images_labels_beside(p->file, labels))
        return images_vector_labels(l, labels, p->file, first, err);
    return image_listing_warn(l, err,
                              "%s: there is no file of labels beside it (X-images… belongs to "
                              "X-labels…); its images have no labels",
                              p->file);
}

assay_code images_idx_list(image_listing *l, assay_err *err)
{
    const idx_pair p = {
        .file = l->request->images, .path = image_listing_below(l, l->at), .alone = true};
    l->list.kind = "IDX";
    return add_pair(l, &p, err);
}

/* What stands before "images" in a name: "train", "test" for MNIST's "t10k", of
 * "emnist-letters-train" the last word. */
static void find_split(const char *name, char out[NAME_MAX + 1])
{
    const char *at = strstr(name, "images");
    size_t length = at ? (size_t)(at - name) : 0;
    while (length > 0 && strchr("-_.", name[length - 1]))
        length--;
    size_t first = length;
    while (first > 0 && !strchr("-_.", name[first - 1]))
        first--;
    if (!image_name_is_split(name + first, length - first))
        first = 0;
    snprintf(out, NAME_MAX + 1, "%.*s", (int)(length - first), name + first);
    if (!strcmp(out, "t10k"))
        memcpy(out, "test", sizeof "test");
}

/* Names like images of IDX in a folder, sorted. */
typedef struct idx_names {
    char **name;
    size_t count;
} idx_names;

static void idx_names_clear(idx_names *n)
{
    for (size_t i = 0; i < n->count; i++)
        mem_free(n->name[i]);
    mem_free(n->name);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool may_be_images(const char *name)
{
    return name[0] != '.' && strstr(name, "images") && strstr(name, "idx") &&
           strlen(name) <= NAME_MAX;
}

static assay_code take_names(const image_listing *l, DIR *folder, idx_names *n, assay_err *err)
{
    const struct dirent *d;
    while ((d = readdir(folder))) {
        char file[PATH_MAX];
        if (!may_be_images(d->d_name))
            continue;
        ASSAY_TRY(image_path_join(l->request->images, d->d_name, file, err));
        if (!idx_is_file(file))
            continue;
        char **grown = mem_resize(n->name, n->count + 1, sizeof *grown);
        if (!grown)
            return image_listing_nomem(l, err);
        n->name = grown;
        grown[n->count] = mem_copy_text(d->d_name, strlen(d->d_name));
        if (!grown[n->count])
            return image_listing_nomem(l, err);
        n->count++;
    }
    if (n->count)
        qsort(n->name, n->count, sizeof *n->name, compare_names);
    return ASSAY_OK;
}

/* The same file packed and unpacked is one file. */
static bool is_packed_again(const idx_names *n, size_t i)
{
    const size_t before = i ? strlen(n->name[i - 1]) : 0;
    return before > 0 && !strncmp(n->name[i], n->name[i - 1], before) &&
           !strcmp(n->name[i] + before, ".gz");
}

static assay_code add_names(image_listing *l, const idx_names *n, assay_err *err)
{
    l->list.kind = "a folder of IDX files";
    for (size_t i = 0; i < n->count; i++) {
        char file[PATH_MAX];
        char path[PATH_MAX];
        char split[NAME_MAX + 1];
        if (is_packed_again(n, i))
            continue;
        ASSAY_TRY(image_path_join(l->request->images, n->name[i], file, err));
        ASSAY_TRY(image_path_join(image_listing_below(l, l->at), n->name[i], path, err));
        find_split(n->name[i], split);
        const idx_pair p = {file, path, split[0] ? split : NULL, n->count == 1};
        ASSAY_TRY(add_pair(l, &p, err));
    }
    return ASSAY_OK;
}

assay_code images_idx_list_folder(image_listing *l, bool *found, assay_err *err)
{
    *found = false;
    DIR *folder = opendir(l->at);
    if (!folder)
        return assay_fail(err, ASSAY_E_IO, "%s: the folder may not be read: %s", l->request->images,
                          strerrordesc_np(errno));
    idx_names n = {0};
    assay_code code = take_names(l, folder, &n, err);
    closedir(folder);
    *found = n.count > 0;
    if (code == ASSAY_OK && *found)
        code = add_names(l, &n, err);
    idx_names_clear(&n);
    return code;
}
