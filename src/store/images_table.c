/* A table with a column of paths: its rows are the samples, in its order. Paths are understood by
 * their letters alone; whether the files are there is only asked of the first few. */
#include "store/image_list_parts.h"

#include "store/ids.h"
#include "store/source.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_PROBED = 100 };

/* "https://…", "s3://…" */
static bool is_url(const char *at, size_t length)
{
    size_t i = 0;
    while (i < length && (isalnum((unsigned char)at[i]) || strchr("+.-", at[i])))
        i++;
    return i > 1 && length - i >= 3 && !memcmp(at + i, "://", 3);
}

/* Take the last part of a path away, up to the root of the file system. */
static size_t step_up(const char *out, size_t used)
{
    while (used > 0 && out[used - 1] != '/')
        used--;
    return used > 0 ? used - 1 : 0;
}

/* `path` from `folder` as one absolute path without ".", ".." and empty parts. False: too long. */
static bool make_absolute(const char *folder, const char *path, size_t length, char out[PATH_MAX])
{
    size_t used = 0;
    if (length == 0 || path[0] != '/') {
        used = strlen(folder);
        memcpy(out, folder, used);
        used -= used == 1;
    }
    for (size_t i = 0; i < length;) {
        const char *slash = memchr(path + i, '/', length - i);
        const size_t part = slash ? (size_t)(slash - path) - i : length - i;
        const bool here = part == 0 || (part == 1 && path[i] == '.');
        const bool above = part == 2 && path[i] == '.' && path[i + 1] == '.';
        if (above) {
            used = step_up(out, used);
        } else if (!here) {
            if (used + 1 + part >= PATH_MAX)
                return false;
            out[used++] = '/';
            memcpy(out + used, path + i, part);
            used += part;
        }
        i += part + 1;
    }
    out[used] = '\0';
    return used > 0;
}

/* Cut the root back until `path` is below it. */
static void widen_root(image_listing *l, const char *path)
{
    while (!image_listing_below(l, path)) {
        char *slash = strrchr(l->root, '/');
        slash[slash == l->root] = '\0';
    }
}

typedef struct row_reader {
    image_listing *l;
    const table_of_images *of;
    const table *t;
    bad_rows bad;
} row_reader;

static const char *row_path(const row_reader *r, size_t row, size_t *length)
{
    *length = (size_t)(r->t->id_start[row + 1] - r->t->id_start[row]);
    return r->t->id_bytes + r->t->id_start[row];
}

/* The row's path below the root, in `absolute`; NULL where it has none, which is noted. */
static const char *read_row(row_reader *r, size_t row, bool widen, char absolute[PATH_MAX])
{
    size_t length;
    const char *path = row_path(r, row, &length);
    char shown[80];
    source_show_value(path, length, shown);
    if (length == 0) {
        bad_rows_add(&r->bad, row, "has no path");
        return NULL;
    }
    if (is_url(path, length)) {
        bad_rows_add(&r->bad, row, "path '%s' is a URL; only files are read", shown);
        return NULL;
    }
    if (!make_absolute(r->of->folder, path, length, absolute)) {
        bad_rows_add(&r->bad, row, "path '%s' is no path of a file", shown);
        return NULL;
    }
    if (widen)
        widen_root(r->l, absolute);
    const char *below = image_listing_below(r->l, absolute);
    if (!below || !*below) {
        bad_rows_add(&r->bad, row, "path '%s' does not lie in the root of the images", shown);
        return NULL;
    }
    return below;
}

static assay_code check_rows(row_reader *r, assay_err *err)
{
    char absolute[PATH_MAX];
    for (size_t row = 0; row < r->t->row_count; row++)
        (void)read_row(r, row, r->of->may_widen, absolute);
    const bad_rows_words words = {r->of->file, 1, "a path that is not one of an image's file", ""};
    return r->bad.count ? bad_rows_fail(&r->bad, &words, err) : ASSAY_OK;
}

/* A wrong root makes every path wrong: that is better said now than of each image later. */
static assay_code probe_rows(row_reader *r, assay_err *err)
{
    char absolute[PATH_MAX];
    const size_t count = r->t->row_count < ROWS_PROBED ? r->t->row_count : ROWS_PROBED;
    for (size_t row = 0; row < count; row++) {
        if (read_row(r, row, false, absolute) && access(absolute, F_OK) == 0)
            return ASSAY_OK;
    }
    char shown[IMAGE_NAME_SHOWN];
    (void)read_row(r, 0, false, absolute);
    return assay_fail(err, ASSAY_E_NOT_FOUND,
                      "%s: none of the first %zu images is there, such as %s; --root names the "
                      "folder that its paths start from",
                      r->of->file, count, image_name_show(absolute, strlen(absolute), shown));
}

static assay_code add_rows(row_reader *r, assay_err *err)
{
    uint32_t split = LISTED_NONE;
    if (r->of->split)
        ASSAY_TRY(image_listing_split(r->l, r->of->split, strlen(r->of->split), &split, err));
    for (size_t row = 0; row < r->t->row_count; row++) {
        char absolute[PATH_MAX];
        const char *below = read_row(r, row, false, absolute);
        const listed_sample s = {.folder = "",
                                 .name = below,
                                 .name_length = strlen(below),
                                 .class_code = LISTED_NONE,
                                 .split = split,
                                 .container = CONTAINER_NONE};
        ASSAY_TRY(image_listing_add(r->l, &s, err));
    }
    return ASSAY_OK;
}

static assay_code add_table(row_reader *r, assay_err *err)
{
    const size_t first = r->l->list.count;
    ASSAY_TRY(check_rows(r, err));
    ASSAY_TRY(probe_rows(r, err));
    ASSAY_TRY(add_rows(r, err));
    ASSAY_TRY(image_listing_check_twice(r->l, r->of->file, first, err));
    const char *below = r->of->may_widen ? "" : image_listing_below(r->l, r->of->folder);
    const image_table added = {.path = (char *)(uintptr_t)r->of->file,
                               .folder = (char *)(uintptr_t)below,
                               .in_order = true,
                               .first_sample = first,
                               .row_count = r->t->row_count};
    return image_listing_table(r->l, &added, err);
}

assay_code images_table_add(image_listing *l, const table_of_images *of, assay_err *err)
{
    const import_request request = {.path = of->file,
                                    .id = of->column ? of->column : l->request->id,
                                    .keep_ids = true,
                                    .paths_only = true,
                                    .thread_count = l->request->thread_count};
    table t;
    ASSAY_TRY(table_read(&request, &t, err));
    row_reader r = {.l = l, .of = of, .t = &t};
    const assay_code code = add_table(&r, err);
    table_clear(&t);
    return code;
}

assay_code image_listing_check_twice(image_listing *l, const char *file, size_t first_sample,
                                     assay_err *err)
{
    image_list *list = &l->list;
    bad_rows twice = {0};
    list->path.start[list->count] = l->path_used;
    const id_texts paths = {list->path.start + first_sample, list->path.bytes,
                            list->count - first_sample, NULL};
    ASSAY_TRY(ids_find_repeats(&paths, &twice, err));
    const bad_rows_words words = {file, 1, "a path that an earlier row has", ""};
    return twice.count ? bad_rows_fail(&twice, &words, err) : ASSAY_OK;
}

assay_code images_table_list(image_listing *l, assay_err *err)
{
    char folder[PATH_MAX];
    memcpy(folder, l->root, sizeof folder);
    l->list.kind = "a table of paths";
    const table_of_images of = {
        .file = l->request->images, .folder = folder, .may_widen = !l->request->root};
    return images_table_add(l, &of, err);
}
