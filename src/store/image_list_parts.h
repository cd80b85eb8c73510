#ifndef STORE_IMAGE_LIST_PARTS_H
#define STORE_IMAGE_LIST_PARTS_H

#include "store/dictionary.h"
#include "store/image_list.h"

#include <limits.h>

/* What the sources of images share: where they are, and a list that grows sample by sample. */

#define LISTED_NONE UINT32_MAX

enum { IMAGE_NAME_SHOWN = 320 };

/** A list while it is made. The owner is image_list_read(). */
typedef struct image_listing {
    const image_list_request *request;
    char root[PATH_MAX]; /* resolved */
    char at[PATH_MAX];   /* what `images` names, resolved; below the root */
    bool is_folder;
    image_list list;
    size_t room, path_used, path_room, id_used, id_room;
    dictionary class_names;     /* as the source has them; a sample's class_code is one of these */
    bool classes_in_order;      /* class_names has every class, in the order of the source */
    char labels_from[PATH_MAX]; /* the file that has the labels, for messages; "": `images` */
    dictionary splits;
    dictionary id_prefixes; /* of items in containers, and how many ids have each */
    uint64_t *id_count;
} image_listing;

/** A sample to add; its path is `folder` and `name` end to end, as is its id. Views. */
typedef struct listed_sample {
    const char *folder, *name;
    size_t folder_length, name_length;
    const char *id_folder, *id; /* id NULL: the path */
    size_t id_folder_length, id_length;
    uint32_t class_code; /* LISTED_NONE: no label */
    uint32_t split;      /* LISTED_NONE: none */
    uint32_t container;  /* CONTAINER_NONE: a file */
    uint64_t item;
} listed_sample;

/** Append a sample. LIMIT beyond ROWS_MOST; NOMEM. Amortised O(length). */
ASSAY_MUST_USE assay_code image_listing_add(image_listing *l, const listed_sample *s,
                                            assay_err *err);

/** The code of a class name of the source. INPUT: not UTF-8; LIMIT: too many; NOMEM. */
ASSAY_MUST_USE assay_code image_listing_class(image_listing *l, const char *at, size_t length,
                                              uint32_t *code, assay_err *err);

/** The code of a split's name. NOMEM. */
ASSAY_MUST_USE assay_code image_listing_split(image_listing *l, const char *at, size_t length,
                                              uint32_t *code, assay_err *err);

/** A file of images to add. */
typedef struct listed_container {
    const char *path; /* relative to the root */
    container_kind kind;
    uint64_t item_count;
    const char *split; /* NULL: none */
    bool alone;        /* no other container in the list: ids are plain numbers */
} listed_container;

/** Append a container and its items, without labels: paths "FILE#0", …; ids "0", …, or "SPLIT/0"
 * (without a split "FILE/0"). LIMIT, NOMEM. O(items). */
ASSAY_MUST_USE assay_code image_listing_container(image_listing *l, const listed_container *c,
                                                  assay_err *err);

/** Append a table to be read afterwards. */
ASSAY_MUST_USE assay_code image_listing_table(image_listing *l, const image_table *t,
                                              assay_err *err);

/** Refuse paths that occur twice among the samples from first_sample on, by their row in `file`.
 */
ASSAY_MUST_USE assay_code image_listing_check_twice(image_listing *l, const char *file,
                                                    size_t first_sample, assay_err *err);

/** Append a warning; the words may hold anything, controls are made visible. NOMEM. */
ASSAY_MUST_USE assay_code image_listing_warn(image_listing *l, assay_err *err, const char *fmt, ...)
    ASSAY_PRINTF(3, 4);

/** Forget all that was added, warnings too. */
void image_listing_reset(image_listing *l);

/** Turn the source's class names into classes, and drop what no sample has. INPUT: names that
 * `classes` of the request does not have; NOMEM. */
ASSAY_MUST_USE assay_code image_listing_finish(image_listing *l, assay_err *err);

/** What `path` (resolved) is below the root, as a view; NULL where it is not. "" for the root. */
const char *image_listing_below(const image_listing *l, const char *path);

/** An out-of-memory failure while listing. */
assay_code image_listing_nomem(const image_listing *l, assay_err *err);

/** A name for a message: what is not plain text as \x1b, long names cut with "…". */
const char *image_name_show(const char *at, size_t length, char out[IMAGE_NAME_SHOWN]);

/** Whether a file's name ends as an image's that is read. */
bool image_name_is_image(const char *at, size_t length);

/** Whether a name is one of the usual names of splits: train, training, val, …. */
bool image_name_is_split(const char *at, size_t length);

/** "FOLDER/NAME" in `out`. LIMIT beyond PATH_MAX. */
ASSAY_MUST_USE assay_code image_path_join(const char *folder, const char *name, char out[PATH_MAX],
                                          assay_err *err);

/* The sources. Each lists what l->at holds. */

/** Class folders, splits above them, or a flat folder; a folder of containers or of splits with
 * metadata is handed on. */
ASSAY_MUST_USE assay_code images_folder_list(image_listing *l, assay_err *err);

/** An IDX file. */
ASSAY_MUST_USE assay_code images_idx_list(image_listing *l, assay_err *err);

/** A folder of IDX files; *found is false, and nothing was added, where it holds none. */
ASSAY_MUST_USE assay_code images_idx_list_folder(image_listing *l, bool *found, assay_err *err);

/** An .npy file. */
ASSAY_MUST_USE assay_code images_npy_list(image_listing *l, assay_err *err);

/** Whether a file of labels is an IDX or .npy vector. */
bool images_labels_are_vector(const char *path);

/** Labels of the samples from first_sample to the last, in order, out of an IDX or .npy vector.
 * `images` is named in messages. INPUT: not one for each; NOT_FOUND, IO, NOMEM. */
ASSAY_MUST_USE assay_code images_vector_labels(image_listing *l, const char *path,
                                               const char *images, size_t first_sample,
                                               assay_err *err);

/** The file of labels that belongs to a file of images and lies beside it: the last "images" of
 * its name as "labels" ("idx3" as "idx1"), with or without ".gz". False: there is none. */
bool images_labels_beside(const char *images, char out[PATH_MAX]);

/** A table whose rows are samples. */
typedef struct table_of_images {
    const char *file;   /* as it can be opened */
    const char *folder; /* resolved; relative paths start here */
    const char *column; /* of the paths; NULL: the request's, or recognised */
    const char *split;  /* NULL: none */
    bool may_widen;     /* the root may become a folder above, so that every path is below it */
} table_of_images;

/** Append the rows of a table, in order, and the table itself, to be read afterwards. INPUT: no
 * column or rows, a row without a path, a URL, a path twice or one that leaves the root;
 * NOT_FOUND: none of the first rows is there; and what reading a table gives. */
ASSAY_MUST_USE assay_code images_table_add(image_listing *l, const table_of_images *t,
                                           assay_err *err);

/** A table of paths. */
ASSAY_MUST_USE assay_code images_table_list(image_listing *l, assay_err *err);

/** A Hugging Face image folder: metadata at the top or in each split's folder; *found is false, and
 * no sample was added, where there is none. */
ASSAY_MUST_USE assay_code images_metadata_list(image_listing *l, bool *found, assay_err *err);

/** The folder of FiftyOne's labels.json; *found is false where it has none. */
ASSAY_MUST_USE assay_code images_fiftyone_list(image_listing *l, bool *found, assay_err *err);

/** A Parquet file; *found is false where it has no column of images. */
ASSAY_MUST_USE assay_code images_parquet_list(image_listing *l, bool *found, assay_err *err);

/** A folder of such files; *found is false, and nothing was added, where it holds none. */
ASSAY_MUST_USE assay_code images_parquet_list_folder(image_listing *l, bool *found, assay_err *err);

#endif
