/* A matrix of any width and order, read in blocks. A type is looked at once a block, never once a
 * value. */
#include "frame/matrix.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

/* A tile is one cache line of float32 long, and few lines high: lines a power of two apart share a
 * cache set. */
enum { TILE_LINES = 8, TILE_LENGTH = 16 };

/* A block of a matrix as it lies in memory: `count` lines of `length` neighbours, `step` apart. */
typedef struct block {
    size_t first, step, count, length;
} block;

/* Exact, subnormals too, and without a branch, so that a loop of it runs in vectors. */
static inline float load_f16(uint16_t half)
{
    const uint32_t magnitude = half & 0x7FFFu;
    /* An exponent of zero: the mantissa is put below 0.5, and 0.5 is taken off again. */
    const uint32_t tiny_bits = 0x3F000000u | magnitude;
    float tiny;
    memcpy(&tiny, &tiny_bits, sizeof tiny);
    tiny -= 0.5f;
    uint32_t small;
    memcpy(&small, &tiny, sizeof small);
    const uint32_t rebias = magnitude < 0x7C00u ? 112u << 23 : 224u << 23;
    const uint32_t normal = (magnitude << 13) + rebias;
    const uint32_t bits = (magnitude < 0x0400u ? small : normal) | (half & 0x8000u) << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline float load_f32(float x)
{
    return x;
}

static inline double load_f64(double x)
{
    return x;
}

/* The block as it lies: value i of line k to out[k * length + i]. */
#define DEFINE_ALONG(from, stored, to)                                                             \
    static void along_##from##_##to(const stored *at, block b, to *restrict out)                   \
    {                                                                                              \
        for (size_t k = 0; k < b.count; k++) {                                                     \
            const stored *line = at + b.first + k * b.step;                                        \
            for (size_t i = 0; i < b.length; i++)                                                  \
                out[k * b.length + i] = (to)load_##from(line[i]);                                  \
        }                                                                                          \
    }

/* The block turned: value i of line k to out[i * count + k]. */
#define DEFINE_ACROSS(from, stored, to)                                                            \
    static void turn_##from##_##to(const stored *at, block tile, to *restrict out, size_t step)    \
    {                                                                                              \
        for (size_t i = 0; i < tile.length; i++)                                                   \
            for (size_t k = 0; k < tile.count; k++)                                                \
                out[i * step + k] = (to)load_##from(at[tile.first + k * tile.step + i]);           \
    }                                                                                              \
    static void across_##from##_##to(const stored *at, block b, to *restrict out)                  \
    {                                                                                              \
        for (size_t k = 0; k < b.count; k += TILE_LINES)                                           \
            for (size_t i = 0; i < b.length; i += TILE_LENGTH)                                     \
                turn_##from##_##to(at, tile_of(b, k, i), out + i * b.count + k, b.count);          \
    }

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static block tile_of(block b, size_t k, size_t i)
{
    return (block){.first = b.first + k * b.step + i,
                   .step = b.step,
                   .count = smaller(TILE_LINES, b.count - k),
                   .length = smaller(TILE_LENGTH, b.length - i)};
}

DEFINE_ALONG(f16, uint16_t, double)
DEFINE_ALONG(f32, float, double)
DEFINE_ALONG(f64, double, double)
DEFINE_ALONG(f16, uint16_t, float)
DEFINE_ALONG(f32, float, float)
DEFINE_ACROSS(f16, uint16_t, double)
DEFINE_ACROSS(f32, float, double)
DEFINE_ACROSS(f64, double, double)
DEFINE_ACROSS(f16, uint16_t, float)
DEFINE_ACROSS(f32, float, float)

static block block_of(const matrix *m, size_t row, size_t rows, size_t column, size_t columns)
{
    assert(row <= m->row_count && rows <= m->row_count - row);
    assert(column <= m->column_count && columns <= m->column_count - column);
    if (m->by_column)
        return (block){column * m->row_count + row, m->row_count, columns, rows};
    return (block){row * m->column_count + column, m->column_count, rows, columns};
}

static void copy_f64(const matrix *m, block b, bool turned, double *restrict out)
{
    if (m->type == MATRIX_F16)
        (turned ? across_f16_double : along_f16_double)(m->at, b, out);
    else if (m->type == MATRIX_F32)
        (turned ? across_f32_double : along_f32_double)(m->at, b, out);
    else
        (turned ? across_f64_double : along_f64_double)(m->at, b, out);
}

static void copy_f32(const matrix *m, block b, bool turned, float *restrict out)
{
    if (m->type == MATRIX_F16)
        (turned ? across_f16_float : along_f16_float)(m->at, b, out);
    else
        (turned ? across_f32_float : along_f32_float)(m->at, b, out);
}

void matrix_clear(matrix *m)
{
    if (m->mapping)
        munmap(m->mapping, m->mapping_bytes);
    mem_free(m->owned);
    *m = (matrix){0};
}

size_t matrix_type_bytes(matrix_type type)
{
    return type == MATRIX_F16 ? 2 : type == MATRIX_F32 ? 4 : 8;
}

double matrix_type_epsilon(matrix_type type)
{
    return type == MATRIX_F16 ? 0x1p-10 : type == MATRIX_F32 ? 0x1p-23 : 0x1p-52;
}

void matrix_read_rows(const matrix *m, size_t row, size_t count, double *restrict out)
{
    copy_f64(m, block_of(m, row, count, 0, m->column_count), m->by_column, out);
}

void matrix_read_columns_f64(const matrix *m, size_t row, size_t row_count, size_t column,
                             size_t column_count, double *restrict out)
{
    copy_f64(m, block_of(m, row, row_count, column, column_count), !m->by_column, out);
}

void matrix_read_columns_f32(const matrix *m, size_t row, size_t row_count, size_t column,
                             size_t column_count, float *restrict out)
{
    assert(m->type != MATRIX_F64);
    copy_f32(m, block_of(m, row, row_count, column, column_count), !m->by_column, out);
}
