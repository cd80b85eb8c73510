#ifndef STORE_NPY_WRITE_H
#define STORE_NPY_WRITE_H

#include "base/try.h"

#include <stddef.h>

/** An .npy file of two dimensions under construction, row by row, under a temporary name. */
typedef struct npy_writer npy_writer;

typedef enum npy_write_type {
    NPY_WRITE_F16,
    NPY_WRITE_F32,
    NPY_WRITE_F64,
    NPY_WRITE_U16,
    NPY_WRITE_U32
} npy_write_type;

/** Begin the file that will be `path`. IO, NOMEM. */
ASSAY_MUST_USE assay_code npy_writer_new(const char *path, npy_write_type type, size_t row_count,
                                         size_t column_count, npy_writer **out, assay_err *err);

/** The next `row_count` rows, row-major. IO: a full disk. */
ASSAY_MUST_USE assay_code npy_writer_put(npy_writer *w, const void *rows, size_t row_count,
                                         assay_err *err);

/** The next rows of a matrix of floats, given as doubles: rounded to its type, but to float16 they
 * must fit already, for there they are cut. IO, NOMEM. */
ASSAY_MUST_USE assay_code npy_writer_put_numbers(npy_writer *w, const double *rows,
                                                 size_t row_count, assay_err *err);

/** All rows have been put: make the file durable and give it its name. IO. */
ASSAY_MUST_USE assay_code npy_writer_finish(npy_writer *w, assay_err *err);

/** A file that was not finished is removed. NULL is allowed. */
void npy_writer_free(npy_writer *w);
ASSAY_AUTO_DECLARE(npy_writer)

#endif
