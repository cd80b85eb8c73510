#ifndef STORE_NPY_H
#define STORE_NPY_H

#include "store/dictionary.h"

#include "frame/matrix.h"

typedef enum npy_kind { NPY_FLOAT, NPY_INT, NPY_UINT, NPY_BOOL, NPY_TEXT, NPY_BYTES } npy_kind;

/** What the header of an .npy file says, checked against the file's length. */
typedef struct npy_header {
    npy_kind kind;
    uint32_t item_bytes;      /* of one element; NPY_TEXT: 4 a character */
    bool by_column;           /* Fortran order */
    uint32_t dimension_count; /* 1 or 2; of images 3 or 4 */
    size_t shape[4];          /* 1 beyond dimension_count */
    size_t data_offset;
} npy_header;

/**
 * Read the header in at[0..length); file_bytes is the length of the whole file. `name` is for
 * messages. Nothing in the bytes is trusted: INPUT where they lie, are cut, or hold what assay does
 * not read (objects, big-endian, complex, structures, more than two dimensions), with what to do
 * about it. O(length).
 */
ASSAY_MUST_USE assay_code npy_parse_header(const char *at, size_t length, uint64_t file_bytes,
                                           const char *name, npy_header *out, assay_err *err);

/** A mapped .npy file. */
typedef struct npy_file {
    npy_header header;
    const char *data;
    void *mapping;
    size_t mapping_bytes;
} npy_file;

/** Whether a file is called as an array, not as a table. */
bool npy_is_named(const char *path);

ASSAY_MUST_USE assay_code npy_open(const char *path, npy_file *out, assay_err *err);

void npy_close(npy_file *f);

/** The same as npy_parse_header() for images: N×H×W or N×H×W×3 (or ×1) unsigned bytes in C order.
 * INPUT: they are not; LIMIT: larger than an image may be. */
ASSAY_MUST_USE assay_code npy_parse_images(const char *at, size_t length, uint64_t file_bytes,
                                           const char *name, npy_header *out, assay_err *err);

/** Open a file of images, which is not mapped, for others may cut it short at any time: *fd is the
 * caller's to read from and to close; -1 on failure. */
ASSAY_MUST_USE assay_code npy_open_images(const char *path, npy_header *out, int *fd,
                                          assay_err *err);

/** The file as a matrix of two dimensions of floats; takes the mapping over. INPUT: it is none. */
ASSAY_MUST_USE assay_code npy_take_matrix(npy_file *f, const char *path, matrix *out,
                                          assay_err *err);

/**
 * Class names of a vector of integers or text: code[i] indexes `names`, which grows; an empty text
 * gets 0xFFFF. `code` has shape[0] entries. INPUT: not a vector of integers or text; LIMIT: too
 * many names; NOMEM.
 */
ASSAY_MUST_USE assay_code npy_read_names(const npy_file *f, const char *path, dictionary *names,
                                         uint16_t *code, assay_err *err);

#endif
