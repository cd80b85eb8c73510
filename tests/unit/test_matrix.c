/* Reading blocks of a matrix of every type and order. */
#include "frame/matrix.h"

#include "base/mem.h"
#include "support/check.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

/* numpy: np.array([bits], np.uint16).view(np.float16), printed with float.hex(). */
static const struct {
    uint16_t bits;
    double value;
} halves[] = {
    {0x0000, 0.0},      {0x8000, -0.0},         {0x0001, 0x1p-24},     {0x03ff, 0x1.ff8p-15},
    {0x0400, 0x1p-14},  {0x8401, -0x1.004p-14}, {0x3c00, 1.0},         {0x3bff, 0x1.ffcp-1},
    {0x3800, 0.5},      {0x2e66, 0x1.998p-4},   {0x7bff, 0x1.ffcp+15}, {0xfbff, -0x1.ffcp+15},
    {0x7c00, HUGE_VAL}, {0xfc00, -HUGE_VAL},
};
enum { HALVES = sizeof halves / sizeof *halves };

static void half_precision_is_read_exactly(void **state)
{
    (void)state;
    uint16_t bits[HALVES];
    double out[HALVES];
    float narrow[HALVES];
    for (size_t i = 0; i < HALVES; i++)
        bits[i] = halves[i].bits;
    const matrix m = {.at = bits, .row_count = 1, .column_count = HALVES, .type = MATRIX_F16};
    matrix_read_rows(&m, 0, 1, out);
    matrix_read_columns_f32(&m, 0, 1, 0, HALVES, narrow);
    for (size_t i = 0; i < HALVES; i++) {
        assert_memory_equal(&out[i], &halves[i].value, sizeof *out);
        assert_true((double)narrow[i] == halves[i].value);
    }
}

/* The definition, by ldexp. */
static double half_by_definition(uint16_t half)
{
    const int exponent = half >> 10 & 31, mantissa = half & 1023;
    const double size = exponent ? ldexp(1024 + mantissa, exponent - 25) : ldexp(mantissa, -24);
    return half >> 15 ? -size : size;
}

static void every_half_is_what_its_bits_say(void **state)
{
    (void)state;
    enum { ALL = 1 << 16 };
    static uint16_t bits[ALL];
    static double out[ALL];
    for (size_t i = 0; i < ALL; i++)
        bits[i] = (uint16_t)i;
    const matrix m = {.at = bits, .row_count = ALL, .column_count = 1, .type = MATRIX_F16};
    matrix_read_rows(&m, 0, ALL, out);
    for (size_t i = 0; i < ALL; i++) {
        const uint16_t half = (uint16_t)i;
        if ((half >> 10 & 31) < 31)
            assert_true(out[i] == half_by_definition(half));
        else if (half & 1023)
            assert_true(isnan(out[i]));
        else
            assert_true(out[i] == (half >> 15 ? -HUGE_VAL : HUGE_VAL));
    }
}

enum { ROWS = 53, COLUMNS = 37 };

/* Whole numbers below 2048, which every type holds. */
static double value_at(size_t row, size_t column)
{
    return (double)(row * COLUMNS + column);
}

static void store(void *at, size_t i, matrix_type type, double value)
{
    if (type == MATRIX_F64) {
        ((double *)at)[i] = value;
    } else if (type == MATRIX_F32) {
        ((float *)at)[i] = (float)value;
    } else {
        int exponent;
        const double mantissa = frexp(value, &exponent);
        const int biased = value == 0.0 ? 0 : (exponent + 14) << 10;
        const int bits = value == 0.0 ? 0 : (int)(mantissa * 2048.0) - 1024;
        ((uint16_t *)at)[i] = (uint16_t)(biased | bits);
    }
}

static void check_blocks(const matrix *m, size_t row, size_t rows, size_t column, size_t columns)
{
    static double out[ROWS * COLUMNS];
    static float narrow[ROWS * COLUMNS];
    matrix_read_columns_f64(m, row, rows, column, columns, out);
    for (size_t c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++)
            assert_true(out[c * rows + r] == value_at(row + r, column + c));
    if (m->type != MATRIX_F64) {
        matrix_read_columns_f32(m, row, rows, column, columns, narrow);
        for (size_t i = 0; i < rows * columns; i++)
            assert_true((double)narrow[i] == out[i]);
    }
    matrix_read_rows(m, row, rows, out);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < COLUMNS; c++)
            assert_true(out[r * COLUMNS + c] == value_at(row + r, c));
}

static void any_block_of_any_type_and_order_is_read_where_it_lies(void **state)
{
    (void)state;
    static double room[ROWS * COLUMNS];
    const matrix_type types[] = {MATRIX_F16, MATRIX_F32, MATRIX_F64};
    for (size_t t = 0; t < 6; t++) {
        const matrix m = {.at = room,
                          .row_count = ROWS,
                          .column_count = COLUMNS,
                          .type = types[t / 2],
                          .by_column = t % 2};
        for (size_t r = 0; r < ROWS; r++)
            for (size_t c = 0; c < COLUMNS; c++)
                store(room, m.by_column ? c * ROWS + r : r * COLUMNS + c, m.type, value_at(r, c));
        check_blocks(&m, 0, ROWS, 0, COLUMNS);
        check_blocks(&m, 5, 17, 3, 19);
        check_blocks(&m, ROWS - 1, 1, COLUMNS - 1, 1);
        check_blocks(&m, 7, 8, 16, 16);
        check_blocks(&m, ROWS, 0, 0, COLUMNS);
    }
}

static void a_type_knows_its_size_and_its_epsilon(void **state)
{
    (void)state;
    assert_int_equal(matrix_type_bytes(MATRIX_F16), 2);
    assert_int_equal(matrix_type_bytes(MATRIX_F32), 4);
    assert_int_equal(matrix_type_bytes(MATRIX_F64), 8);
    /* np.finfo(t).eps for float16, float32, float64 */
    assert_true(matrix_type_epsilon(MATRIX_F16) == 0.0009765625);
    assert_true(matrix_type_epsilon(MATRIX_F32) == 1.1920928955078125e-07);
    assert_true(matrix_type_epsilon(MATRIX_F64) == 2.220446049250313e-16);
}

static void memory_and_mappings_go_back_where_they_came_from(void **state)
{
    (void)state;
    const size_t alive = mem_live();
    matrix owned = {.owned = mem_zalloc(4, 8)};
    matrix_clear(&owned);
    assert_null(owned.owned);
    assert_int_equal(mem_live(), alive);
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    matrix mapped = {.mapping = page, .mapping_bytes = 4096};
    matrix_clear(&mapped);
    matrix_clear(&mapped);
    unsigned char resident;
    assert_int_not_equal(mincore(page, 4096, &resident), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_precision_is_read_exactly),
        cmocka_unit_test(every_half_is_what_its_bits_say),
        cmocka_unit_test(any_block_of_any_type_and_order_is_read_where_it_lies),
        cmocka_unit_test(a_type_knows_its_size_and_its_epsilon),
        cmocka_unit_test(memory_and_mappings_go_back_where_they_came_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
