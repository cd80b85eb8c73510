#ifndef STORE_IMAGE_LIST_H
#define STORE_IMAGE_LIST_H

#include "frame/frame.h"

/** Files that hold many images. */
typedef enum container_kind { CONTAINER_IDX, CONTAINER_NPY, CONTAINER_PARQUET } container_kind;

typedef struct image_container {
    char *path; /* relative to the root; bytes, terminated */
    container_kind kind;
    uint64_t item_count;
} image_container;

#define CONTAINER_NONE UINT32_MAX

/** A table that says more of the images: labels, metrics, attributes. */
typedef struct image_table {
    char *path;          /* as it can be opened */
    char *folder;        /* names in the table are relative to this folder below the root; "" */
    bool in_order;       /* row i is sample first_sample + i: the images were listed from it; where
                            they have a label in the list, that one holds */
    size_t first_sample; /* where in_order */
    size_t row_count;    /* where in_order */
} image_table;

/** What `--images` names, in the order in which samples are numbered. */
typedef struct image_list {
    const char *kind; /* "a folder per class", …; static text */
    char *root;       /* absolute path, bytes; images are relative to it */
    size_t count;
    text_column path;    /* relative to the root; of an item in a container "FILE#17" */
    text_column id;      /* start NULL: the path is the id */
    uint32_t *container; /* NULL: every image is a file; else an index or CONTAINER_NONE */
    uint64_t *item;      /* position in its container; NULL where container is */
    image_container *containers;
    size_t container_count;
    class_list classes;     /* in the order that the source gives, else sorted */
    uint16_t *label;        /* NULL: none; CLASS_MISSING where an image has none */
    attribute_column split; /* value_count 0: none */
    image_table *table;     /* to be read afterwards */
    size_t table_count;
    char **warning; /* what a person should know, in words: skipped files, … */
    size_t warning_count;
} image_list;

typedef struct image_list_request {
    const char *images;  /* a folder or a file */
    const char *root;    /* NULL: the folder that `images` is or lies in */
    const char *labels;  /* NULL; a table joined by name, or an IDX or .npy vector in order */
    const char *id;      /* in a table of images the column of paths; NULL: recognised */
    const char *label;   /* in Parquet the column of labels; NULL: recognised */
    const char *classes; /* "a,b,c" or a file of names; NULL: as the source has them */
    int thread_count;
} image_list_request;

/**
 * List images without opening them, as far as the source allows. Recognised: a folder a class;
 * split folders above those; a flat folder; a Hugging Face image folder (metadata.csv, .jsonl or
 * .parquet); Hugging Face Parquet files; FiftyOne's labels.json directory; IDX files, gzip too; an
 * .npy of N×H×W or N×H×W×3 bytes; a table with a column of paths. Samples are sorted by the bytes
 * of their path within a folder, else in the order of the file. Failures name file, row and value.
 * On failure *out is zero. O(N log N).
 */
ASSAY_MUST_USE assay_code image_list_read(const image_list_request *request, image_list *out,
                                          assay_err *err);
void image_list_clear(image_list *list);

#endif
