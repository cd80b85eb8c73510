#ifndef FRAME_MATRIX_H
#define FRAME_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum matrix_type { MATRIX_F16, MATRIX_F32, MATRIX_F64 } matrix_type;

/**
 * A matrix of numbers, mapped from a file or held in memory; little-endian, aligned to its type.
 * Whoever made it fills in exactly one of `mapping` and `owned`.
 */
typedef struct matrix {
    const void *at;
    size_t row_count, column_count;
    matrix_type type;
    bool by_column; /* Fortran order */
    void *mapping;  /* munmap'd by matrix_clear() */
    size_t mapping_bytes;
    void *owned; /* mem_free'd by matrix_clear() */
} matrix;

void matrix_clear(matrix *m);

size_t matrix_type_bytes(matrix_type type);

/** Machine epsilon of the type: 2^-10, 2^-23, 2^-52. */
double matrix_type_epsilon(matrix_type type);

/** Rows [row, row + count) as doubles, row-major into out[count * column_count]. O(count ·
 * columns). */
void matrix_read_rows(const matrix *m, size_t row, size_t count, double *restrict out);

/**
 * The block of rows [row, row + row_count) and columns [column, column + column_count) as doubles
 * or floats (float: only for MATRIX_F16 and MATRIX_F32, exact), column-major: out[c * row_count +
 * r].
 */
void matrix_read_columns_f64(const matrix *m, size_t row, size_t row_count, size_t column,
                             size_t column_count, double *restrict out);
void matrix_read_columns_f32(const matrix *m, size_t row, size_t row_count, size_t column,
                             size_t column_count, float *restrict out);

#endif
