/* Class folders, split folders above them, a flat folder: what the paths below a folder say. */
#include "store/images_walk.h"

#include <string.h>

/* A folder's name within a path. */
typedef struct folder_name {
    const char *at; /* NULL: none */
    size_t length;
} folder_name;

/* How the folders between the first one and the images are understood. */
typedef struct folder_shape {
    bool splits;  /* the top folders are splits */
    bool classes; /* the next ones are classes */
    const char *kind;
    folder_name like_split; /* a top folder with folders in it that is called like a split, and */
    folder_name no_split;   /* one that is not: it makes classes of all of them */
} folder_shape;

/* Bytes up to and without the first '/', or 0 for a file. */
static size_t first_part(const char *path, size_t length)
{
    const char *slash = memchr(path, '/', length);
    return slash ? (size_t)(slash - path) : 0;
}

static void find_splits(const folder_walk *w, folder_shape *shape)
{
    bool any = false;
    for (size_t i = 0; i < w->count; i++) {
        size_t length;
        const char *path = folder_walk_path(w, i, &length);
        const size_t top = first_part(path, length);
        any = any || top > 0;
        if (top == 0 || (shape->like_split.at && shape->no_split.at))
            continue;
        if (!image_name_is_split(path, top))
            shape->no_split = (folder_name){path, top};
        else if (first_part(path + top + 1, length - top - 1) > 0)
            shape->like_split = (folder_name){path, top};
    }
    shape->splits = any && !shape->no_split.at;
}

/* The path below its split's folder. */
static size_t split_bytes(const folder_shape *shape, const char *path, size_t length)
{
    const size_t part = shape->splits ? first_part(path, length) : 0;
    return part ? part + 1 : 0;
}

/* Labels from a table make the folders mere shelves. */
static folder_shape find_shape(const image_listing *l, const folder_walk *w)
{
    folder_shape shape = {0};
    find_splits(w, &shape);
    bool any = false;
    for (size_t i = 0; i < w->count && !any; i++) {
        size_t length;
        const char *path = folder_walk_path(w, i, &length);
        const size_t skip = split_bytes(&shape, path, length);
        any = first_part(path + skip, length - skip) > 0;
    }
    shape.classes = any && !l->request->labels;
    shape.kind = shape.classes && shape.splits ? "a folder per split, in each a folder per class"
                 : shape.classes               ? "a folder per class"
                 : shape.splits                ? "a folder per split"
                 : any                         ? "a folder of folders"
                                               : "a flat folder";
    return shape;
}

/* The folder that gave the last code; sorted paths ask for the same one again and again. */
typedef struct last_name {
    const char *at;
    size_t length;
    uint32_t code;
} last_name;

static bool is_last(const last_name *last, const char *at, size_t length)
{
    return last->at && last->length == length && !memcmp(last->at, at, length);
}

typedef struct folder_sorter {
    image_listing *l;
    const char *prefix; /* of every path, ends in '/' or is "" */
    folder_shape shape;
    last_name split, class;
    size_t loose; /* images without a class folder, where others have one */
} folder_sorter;

static assay_code sort_image(folder_sorter *f, const char *path, size_t length, assay_err *err)
{
    listed_sample s = {.folder = f->prefix,
                       .folder_length = strlen(f->prefix),
                       .name = path,
                       .name_length = length,
                       .class_code = LISTED_NONE,
                       .split = LISTED_NONE,
                       .container = CONTAINER_NONE};
    const size_t skip = split_bytes(&f->shape, path, length);
    if (skip > 0) {
        if (!is_last(&f->split, path, skip)) {
            f->split = (last_name){path, skip, 0};
            ASSAY_TRY(image_listing_split(f->l, path, skip - 1, &f->split.code, err));
        }
        s.split = f->split.code;
        path += skip;
        length -= skip;
    }
    const size_t part = first_part(path, length);
    f->loose += part == 0;
    if (f->shape.classes && part > 0) {
        if (!is_last(&f->class, path, part)) {
            f->class = (last_name){path, part, 0};
            ASSAY_TRY(image_listing_class(f->l, path, part, &f->class.code, err));
        }
        s.class_code = f->class.code;
    }
    return image_listing_add(f->l, &s, err);
}

/* One folder more beside train and test, and these are classes: hardly what was meant. */
static assay_code warn_of_mixture(image_listing *l, const folder_shape *shape, assay_err *err)
{
    const folder_name *split = &shape->like_split;
    const folder_name *other = &shape->no_split;
    if (!shape->classes || !split->at || !other->at)
        return ASSAY_OK;
    return image_listing_warn(l, err,
                              "%s: folder '%.*s' is called like a split and '%.*s' is not: the "
                              "top folders are taken for classes",
                              l->request->images, (int)split->length, split->at, (int)other->length,
                              other->at);
}

static assay_code list_walked(image_listing *l, const folder_walk *w, assay_err *err)
{
    char prefix[PATH_MAX];
    ASSAY_TRY(image_path_join(image_listing_below(l, l->at), "", prefix, err));
    folder_sorter f = {.l = l, .prefix = prefix, .shape = find_shape(l, w)};
    for (size_t i = 0; i < w->count; i++) {
        size_t length;
        const char *path = folder_walk_path(w, i, &length);
        ASSAY_TRY(sort_image(&f, path, length, err));
    }
    l->list.kind = f.shape.kind;
    ASSAY_TRY(warn_of_mixture(l, &f.shape, err));
    if (f.shape.classes && f.loose)
        ASSAY_TRY(image_listing_warn(l, err, "%s: %zu image%s in no class folder and %s no label",
                                     l->request->images, f.loose, f.loose == 1 ? " is" : "s are",
                                     f.loose == 1 ? "has" : "have"));
    return folder_walk_warn_skipped(l, w, err);
}

static assay_code fail_empty(const image_listing *l, const folder_walk *w, assay_err *err)
{
    if (w->skipped.count == 0)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: holds no images; expected image files (.jpg, .png, .webp, .tif, …) "
                          "in it or in folders below it",
                          l->request->images);
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: holds no images among %zu file%s; expected image files (.jpg, .png, "
                      ".webp, .tif, …), IDX or Parquet files",
                      l->request->images, w->skipped.count, w->skipped.count == 1 ? "" : "s");
}

/* Only where no image lies about, files that hold many are looked for. */
static assay_code list_containers(image_listing *l, const folder_walk *w, assay_err *err)
{
    image_listing_reset(l);
    bool found;
    ASSAY_TRY(images_idx_list_folder(l, &found, err));
    if (!found)
        ASSAY_TRY(images_parquet_list_folder(l, &found, err));
    return found ? ASSAY_OK : fail_empty(l, w, err);
}

assay_code images_folder_list(image_listing *l, assay_err *err)
{
    folder_walk w;
    ASSAY_TRY(folder_walk_read(l, l->at, l->request->images, &w, err));
    const assay_code code = w.count ? list_walked(l, &w, err) : list_containers(l, &w, err);
    folder_walk_clear(&w);
    return code;
}
