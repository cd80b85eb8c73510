/* .npy headers: every lie is caught, what cannot be read is refused with a way out. */
#include "support/check.h"

#include "store/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MOST = 4096 };

typedef struct made {
    char at[FILE_MOST];
    size_t length;
} made;

/* A version 1 file: dictionary padded to 64 bytes, then data. */
static made make(const char *literal, const void *data, size_t data_bytes)
{
    made m = {.length = 0};
    size_t header = strlen(literal) + 1;
    while ((10 + header) % 64 != 0)
        header++;
    memcpy(m.at, "\x93NUMPY\x01\x00", 8);
    m.at[8] = (char)(header & 0xFF);
    m.at[9] = (char)(header >> 8);
    memset(m.at + 10, ' ', header);
    memcpy(m.at + 10, literal, strlen(literal));
    m.at[10 + header - 1] = '\n';
    memcpy(m.at + 10 + header, data, data_bytes);
    m.length = 10 + header + data_bytes;
    return m;
}

static assay_code parse(const made *m, npy_header *h, assay_err *err)
{
    return npy_parse_header(m->at, m->length, m->length, "a.npy", h, err);
}

static void headers_of_numpy_are_read(void **state)
{
    (void)state;
    static const char zeroes[96];
    npy_header h;
    made m = make("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", zeroes, 24);
    assert_int_equal(parse(&m, &h, NULL), ASSAY_OK);
    assert_int_equal(h.kind, NPY_FLOAT);
    assert_int_equal(h.item_bytes, 4);
    assert_int_equal(h.shape[0], 3);
    assert_int_equal(h.shape[1], 2);
    assert_int_equal(h.data_offset % 64, 0);
    assert_false(h.by_column);
    m = make("{\"shape\": (12L,), \"fortran_order\": True, \"descr\": \"|u1\"}", zeroes, 12);
    assert_int_equal(parse(&m, &h, NULL), ASSAY_OK);
    assert_int_equal(h.kind, NPY_UINT);
    assert_int_equal(h.dimension_count, 1);
    assert_int_equal(h.shape[1], 1);
    assert_true(h.by_column);
    m = make("{'descr': '<U3', 'fortran_order': False, 'shape': (8,)}", zeroes, 96);
    assert_int_equal(parse(&m, &h, NULL), ASSAY_OK);
    assert_int_equal(h.kind, NPY_TEXT);
    assert_int_equal(h.item_bytes, 12);
}

typedef struct bad_header {
    const char *literal;
    size_t data_bytes;
    const char *message;
} bad_header;

static void bad_headers_are_refused(void **state)
{
    (void)state;
    const bad_header table[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}", 20,
         "a.npy: is cut off: shape and type need 24 bytes of data, the file has 20"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}", 28,
         "a.npy: is too long: shape and type need 24 bytes of data, the file has 28"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", 0,
         "a.npy: the shape (4611686018427387904, 4) is beyond any file"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551616,)}", 0,
         "a.npy: the .npy header is damaged: the shape is not a tuple of counts"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2)}", 0, "a.npy: has no elements"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1)}", 4,
         "a.npy: has more than two dimensions; expected (samples,) or (samples, classes)"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4,
         "a.npy: is a single number; expected one row a sample"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", 8,
         "a.npy: holds Python objects, which are not read; save numbers: np.save(file, "
         "a.astype(np.float32)), or names: np.save(file, a.astype(str))"},
        {"{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", 4,
         "a.npy: holds big-endian numbers ('>f4'); convert them: np.save(file, "
         "a.astype(a.dtype.newbyteorder('<')))"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", 8,
         "a.npy: the element type '<c8' is not one that is read; expected float16, float32, "
         "float64, an "
         "integer or text"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", 16,
         "a.npy: the element type '<f16' is not one that is read; expected float16, float32, "
         "float64, an "
         "integer or text"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", 4,
         "a.npy: holds records with named fields; save one plain array of numbers instead"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}", 4,
         "a.npy: the .npy header is damaged: fortran_order is neither True nor False"},
        {"{'descr': '<f4', 'shape': (1,)}", 4,
         "a.npy: the .npy header is damaged: descr, fortran_order or shape is missing"},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", 4,
         "a.npy: the .npy header is damaged: a key that is unknown or occurs twice"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + evil()", 4,
         "a.npy: the .npy header is damaged: something follows the dictionary"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,", 4,
         "a.npy: the .npy header is damaged: the shape is not a tuple of counts"},
        {"[1, 2]", 4, "a.npy: the .npy header is damaged: no dictionary"},
    };
    static const char zeroes[64];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const made m = make(table[i].literal, zeroes, table[i].data_bytes);
        npy_header h = {.item_bytes = 99};
        assay_err err = {0};
        assert_int_equal(parse(&m, &h, &err), ASSAY_E_INPUT);
        assert_string_equal(err.msg, table[i].message);
        assert_int_equal(h.item_bytes, 0);
    }
}

static void a_header_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char zeroes[24];
    const made m = make("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", zeroes, 24);
    for (size_t length = 0; length < m.length; length++) {
        npy_header h;
        char *exact = malloc(length + 1); /* so that the sanitizer sees a read beyond it */
        memcpy(exact, m.at, length);
        assert_int_equal(npy_parse_header(exact, length, length, "a.npy", &h, NULL), ASSAY_E_INPUT);
        free(exact);
    }
    made other = m;
    other.at[6] = 4;
    npy_header h;
    assay_err err;
    assert_int_equal(parse(&other, &h, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "a.npy: .npy version 4 is not known; expected 1, 2 or 3");
}

static void write_made(const made *m, char path[32])
{
    strcpy(path, "/tmp/assay_npy_XXXXXX");
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, m->at, m->length), m->length);
    close(fd);
}

/* Names of a vector, joined by commas; "-" for a missing one. */
static void expect_names(const char *header, const void *data, size_t bytes, const char *joined)
{
    const made m = make(header, data, bytes);
    char path[32];
    write_made(&m, path);
    npy_file f;
    dictionary names = {0};
    uint16_t code[16];
    assert_int_equal(npy_open(path, &f, NULL), ASSAY_OK);
    assert_int_equal(npy_read_names(&f, path, &names, code, NULL), ASSAY_OK);
    char text[256] = "";
    for (size_t i = 0; i < f.header.shape[0]; i++) {
        size_t length = 1;
        const char *at = code[i] == 0xFFFF ? "-" : dictionary_text(&names, code[i], &length);
        strcat(text, i ? "," : "");
        strncat(text, at, length);
    }
    assert_string_equal(text, joined);
    dictionary_clear(&names);
    npy_close(&f);
    unlink(path);
}

static void vectors_give_class_names(void **state)
{
    (void)state;
    const int8_t bytes[] = {3, -1, 3, 127};
    expect_names("{'descr': '|i1', 'fortran_order': False, 'shape': (4,)}", bytes, 4, "3,-1,3,127");
    const uint16_t words[] = {65535, 0};
    expect_names("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 1)}", words, 4, "65535,0");
    const int64_t longs[] = {INT64_MIN, 7, 7};
    expect_names("{'descr': '<i8', 'fortran_order': False, 'shape': (3,)}", longs, 24,
                 "-9223372036854775808,7,7");
    expect_names("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", "\x01\x00", 2, "1,0");
    expect_names("{'descr': '|S3', 'fortran_order': False, 'shape': (3,)}", "catdo\0\0\0\0", 9,
                 "cat,do,-");
    const uint32_t text[] = {'c', 0xE9, 0x732B, 0x1F431, 0, 0};
    expect_names("{'descr': '<U3', 'fortran_order': False, 'shape': (2,)}", text, 24, "cé猫,🐱");
}

static void bad_vectors_and_matrices_are_refused(void **state)
{
    (void)state;
    static const float numbers[6] = {0};
    static const uint32_t surrogate[] = {0xD800};
    char path[32];
    npy_file f;
    assay_err err;
    dictionary names = {0};
    uint16_t code[6];
    made m = make("{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", numbers, 24);
    write_made(&m, path);
    assert_int_equal(npy_open(path, &f, NULL), ASSAY_OK);
    assert_int_equal(npy_read_names(&f, "a.npy", &names, code, &err), ASSAY_E_INPUT);
    assert_string_equal(
        err.msg, "a.npy: holds floating-point numbers; expected integers or text, one a sample");
    matrix values = {.row_count = 9};
    assert_int_equal(npy_take_matrix(&f, "a.npy", &values, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "a.npy: has the shape (6,); expected (samples, classes)");
    assert_int_equal(values.row_count, 0);
    npy_close(&f);
    unlink(path);
    m = make("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2)}", numbers, 24);
    write_made(&m, path);
    assert_int_equal(npy_open(path, &f, NULL), ASSAY_OK);
    assert_int_equal(npy_read_names(&f, "a.npy", &names, code, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "a.npy: holds a matrix of floating-point numbers; expected "
                                 "integers or text, one a sample (--probabilities takes a matrix)");
    npy_close(&f);
    unlink(path);
    m = make("{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", surrogate, 4);
    write_made(&m, path);
    assert_int_equal(npy_open(path, &f, NULL), ASSAY_OK);
    assert_int_equal(npy_read_names(&f, "a.npy", &names, code, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "a.npy: row 0 is not valid Unicode text");
    npy_close(&f);
    unlink(path);
    dictionary_clear(&names);
}

static void a_matrix_is_mapped_where_it_lies(void **state)
{
    (void)state;
    const double numbers[] = {0.25, 0.75, 1.0, 0.0};
    const made m =
        make("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2)}", numbers, sizeof numbers);
    char path[32];
    write_made(&m, path);
    npy_file f;
    matrix values;
    assert_int_equal(npy_open(path, &f, NULL), ASSAY_OK);
    assert_int_equal(npy_take_matrix(&f, path, &values, NULL), ASSAY_OK);
    assert_null(f.mapping);
    assert_non_null(values.mapping);
    assert_null(values.owned);
    double rows[4];
    matrix_read_rows(&values, 0, 2, rows);
    const double expected[] = {0.25, 1.0, 0.75, 0.0};
    assert_memory_equal(rows, expected, sizeof rows);
    matrix_clear(&values);
    unlink(path);
    assert_int_equal(npy_open(path, &f, NULL), ASSAY_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_numpy_are_read),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(a_header_cut_anywhere_is_refused),
        cmocka_unit_test(vectors_give_class_names),
        cmocka_unit_test(bad_vectors_and_matrices_are_refused),
        cmocka_unit_test(a_matrix_is_mapped_where_it_lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
