/* Hugging Face image folders: a table called metadata names the files beside it, once for all or
 * once in each split's folder. */
#include "store/images_walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The table in a folder. */
static bool find_table(const char *folder, char out[PATH_MAX])
{
    static const char *const names[] = {"metadata.csv", "metadata.jsonl", "metadata.parquet"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (image_path_join(folder, names[i], out, NULL) == ASSAY_OK && access(out, F_OK) == 0)
            return true;
    }
    return false;
}

/* A folder with its table; `split` NULL: for all. */
static assay_code add_folder(image_listing *l, const char *split, const char *table, bool *found,
                             assay_err *err)
{
    char folder[PATH_MAX];
    assay_err why = {0};
    ASSAY_TRY(image_path_join(l->at, split ? split : "", folder, err));
    const size_t length = strlen(folder);
    if (!split && length > 1)
        folder[length - 1] = '\0'; /* the '/' */
    const table_of_images of = {
        .file = table, .folder = folder, .column = "file_name", .split = split};
    const assay_code code = images_table_add(l, &of, &why);
    *found = code != ASSAY_E_USAGE;
    if (code == ASSAY_E_USAGE) /* some other metadata */
        return image_listing_warn(l, err, "%s: has no column 'file_name' and is not used", table);
    return code == ASSAY_OK ? ASSAY_OK : assay_fail(err, code, "%s", why.msg);
}

/* Paths that begin with splits' names say what each belongs to. */
static assay_code split_by_folder(image_listing *l, assay_err *err)
{
    image_list *list = &l->list;
    list->path.start[list->count] = l->path_used;
    const size_t skip = strlen(image_listing_below(l, l->at));
    const size_t before = skip ? skip + 1 : 0;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < list->count; i++) {
            const char *path = list->path.bytes + list->path.start[i] + before;
            const size_t length = (size_t)(list->path.start[i + 1] - list->path.start[i]) - before;
            const char *slash = memchr(path, '/', length);
            const size_t part = slash ? (size_t)(slash - path) : 0;
            if (pass == 0 && (part == 0 || !image_name_is_split(path, part)))
                return ASSAY_OK;
            if (pass == 1)
                ASSAY_TRY(image_listing_split(l, path, part, &list->split.code[i], err));
        }
    }
    return ASSAY_OK;
}

static assay_code count_matches(image_listing *l, const folder_walk *w, const char *prefix,
                                size_t *matches, assay_err *err)
{
    image_list *list = &l->list;
    dictionary listed = {0};
    uint32_t code;
    assay_code failure = ASSAY_OK;
    *matches = 0;
    list->path.start[list->count] = l->path_used;
    const size_t skip = strlen(prefix);
    for (size_t i = 0; i < list->count && failure == ASSAY_OK; i++) {
        const char *at = list->path.bytes + list->path.start[i] + skip;
        const size_t length = (size_t)(list->path.start[i + 1] - list->path.start[i]) - skip;
        failure = dictionary_add(&listed, at, length, text_hash(at, length), &code, err);
    }
    for (size_t i = 0; i < w->count && failure == ASSAY_OK; i++) {
        size_t length;
        const char *at = folder_walk_path(w, i, &length);
        *matches += listed.count > 0 &&
                    dictionary_find(&listed, at, length, text_hash(at, length)) != DICTIONARY_NONE;
    }
    dictionary_clear(&listed);
    return failure;
}

/* What the folder and the tables do not have in common. */
static assay_code compare(image_listing *l, const folder_walk *w, assay_err *err)
{
    char prefix[PATH_MAX];
    ASSAY_TRY(image_path_join(image_listing_below(l, l->at), "", prefix, err));
    size_t matches;
    ASSAY_TRY(count_matches(l, w, prefix, &matches, err));
    const size_t alone = w->count - matches;
    const size_t absent = l->list.count - matches;
    if (alone)
        ASSAY_TRY(image_listing_warn(l, err, "%s: %zu image%s not in the metadata and %s left out",
                                     l->request->images, alone, alone == 1 ? " is" : "s are",
                                     alone == 1 ? "is" : "are"));
    if (absent)
        ASSAY_TRY(image_listing_warn(l, err,
                                     "%s: %zu row%s of the metadata %s files that are not among "
                                     "the folder's images",
                                     l->request->images, absent, absent == 1 ? "" : "s",
                                     absent == 1 ? "names" : "name"));
    return ASSAY_OK;
}

static assay_code finish(image_listing *l, assay_err *err)
{
    folder_walk w;
    l->list.kind = "a Hugging Face image folder";
    ASSAY_TRY(folder_walk_read(l, l->at, l->request->images, &w, err));
    const assay_code code = compare(l, &w, err);
    folder_walk_clear(&w);
    return code;
}

static int is_split_folder(const struct dirent *d)
{
    return (d->d_type == DT_DIR || d->d_type == DT_LNK || d->d_type == DT_UNKNOWN) &&
           image_name_is_split(d->d_name, strlen(d->d_name));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static assay_code add_split(image_listing *l, const char *split, bool *any, assay_err *err)
{
    char folder[PATH_MAX];
    char table[PATH_MAX];
    bool found = false;
    ASSAY_TRY(image_path_join(l->request->images, split, folder, err));
    if (find_table(folder, table))
        ASSAY_TRY(add_folder(l, split, table, &found, err));
    *any = *any || found;
    return ASSAY_OK;
}

assay_code images_metadata_list(image_listing *l, bool *found, assay_err *err)
{
    char table[PATH_MAX];
    *found = false;
    if (find_table(l->request->images, table)) {
        ASSAY_TRY(add_folder(l, NULL, table, found, err));
        if (!*found)
            return ASSAY_OK;
        ASSAY_TRY(split_by_folder(l, err));
        return finish(l, err);
    }
    struct dirent **entry = NULL;
    const int count = scandir(l->at, &entry, is_split_folder, by_bytes);
    assay_code code = ASSAY_OK;
    for (int i = 0; i < count; i++) {
        if (code == ASSAY_OK)
            code = add_split(l, entry[i]->d_name, found, err);
        free(entry[i]);
    }
    free(entry);
    ASSAY_TRY(code);
    return *found ? finish(l, err) : ASSAY_OK;
}
