#ifndef STORE_PARQUET_IMAGES_H
#define STORE_PARQUET_IMAGES_H

#include "store/duck.h"
#include "store/source.h"

#include "base/text.h"

/** A Parquet file with a column of images: a structure of `bytes` and perhaps `path`. */
typedef struct parquet_images {
    const duck *db;
    const char *file;
    source s;
    char from[64]; /* our descriptor as DuckDB opens it */
    char *image;   /* NULL: there is no such column */
    char *label;   /* NULL: there is none */
    bool has_path; /* of the image */
    bool others;   /* columns of numbers or texts beside these */
    uint64_t row_count;
    uint64_t image_bytes;     /* of all images, about */
    uint64_t group_rows_most; /* of the largest row group */
} parquet_images;

/**
 * Open a file. `label` names the column of labels, NULL: by the usual names. `db` and `file` stay
 * borrowed. INPUT: damaged, or no Parquet file; USAGE: there is no column `label`; NOT_FOUND, IO,
 * NOMEM.
 */
ASSAY_MUST_USE assay_code parquet_images_open(const duck *db, const char *file, const char *label,
                                              parquet_images *out, assay_err *err);
void parquet_images_close(parquet_images *p);

/** Begin to read rows in the file's order. `range` NULL, or the two parameters of `sql`. */
ASSAY_MUST_USE assay_code parquet_images_query(const parquet_images *p, const text *sql,
                                               const uint64_t *range, duckdb_result *out,
                                               assay_err *err);

/** The next chunk of a query, NULL at the end; the chunk belongs to the caller. INPUT: damaged. */
ASSAY_MUST_USE assay_code parquet_images_fetch(const parquet_images *p, duckdb_result *result,
                                               duckdb_data_chunk *out, assay_err *err);

/** A name in double quotes, quotes in it doubled. */
void parquet_put_name(text *sql, const char *name);

#endif
