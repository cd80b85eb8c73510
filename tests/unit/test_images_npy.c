/* Arrays of images in .npy files, and their labels. */
#include "support/listed.h"

#include "store/npy.h"

#include <stdlib.h>
#include <string.h>

static const char zeroes[256];

static void arrays_are_images_in_order(void **state)
{
    (void)state;
    const int64_t labels[] = {7, 3};
    listed_put_npy("x_images.npy", "|u1", "2, 3, 4", zeroes, 24);
    listed_expect(&(image_list_request){.images = "x_images.npy"}, ".npy in ROOT\n"
                                                                   "container x_images.npy of 2\n"
                                                                   "x_images.npy#0 #0\n"
                                                                   "x_images.npy#1 #1\n");
    listed_put_npy("x_labels.npy", "<i8", "2,", labels, sizeof labels);
    listed_expect(&(image_list_request){.images = "x_images.npy"}, ".npy in ROOT\n"
                                                                   "classes 3 7\n"
                                                                   "container x_images.npy of 2\n"
                                                                   "x_images.npy#0 #0 =7\n"
                                                                   "x_images.npy#1 #1 =3\n");
    listed_put_npy("y.npy", "<U2", "2,", "a\0\0\0\0\0\0\0b\0\0\0c\0\0\0", 16);
    listed_put_npy("x.npy", "|u1", "2, 3, 4, 3", zeroes, 72);
    listed_expect(&(image_list_request){.images = "x.npy", .labels = "y.npy"},
                  ".npy in ROOT\n"
                  "classes a bc\n"
                  "container x.npy of 2\n"
                  "x.npy#0 #0 =a\n"
                  "x.npy#1 #1 =bc\n");
    listed_put("y.csv", "id,label\n0,a\n", 13);
    listed_expect(&(image_list_request){.images = "x.npy", .labels = "y.csv", .classes = "a,b"},
                  ".npy in ROOT\n"
                  "classes a b\n"
                  "container x.npy of 2\n"
                  "x.npy#0 #0\n"
                  "x.npy#1 #1\n"
                  "table y.csv\n");
}

typedef struct bad_array {
    const char *type, *shape;
    size_t bytes;
    assay_code code;
    const char *message;
} bad_array;

static void other_arrays_are_refused(void **state)
{
    (void)state;
    const bad_array table[] = {
        {"<f4", "1, 2, 2", 16, ASSAY_E_INPUT,
         "bad.npy: holds floating-point numbers; expected images as uint8: np.save(file, (a * "
         "255).round().astype(np.uint8)) where they lie in [0, 1]"},
        {"<i8", "1, 2, 2", 32, ASSAY_E_INPUT,
         "bad.npy: does not hold uint8; expected images as uint8"},
        {"|O", "1, 2, 2", 32, ASSAY_E_INPUT,
         "bad.npy: holds Python objects, which are not read; save numbers: np.save(file, "
         "a.astype(np.float32)), or names: np.save(file, a.astype(str))"},
        {"|u1", "4, 2", 8, ASSAY_E_INPUT,
         "bad.npy: expected (images, height, width) or (images, height, width, 3)"},
        {"|u1", "4, 2, 2, 2", 32, ASSAY_E_INPUT,
         "bad.npy: expected (images, height, width) or (images, height, width, 3)"},
        {"|u1", "2, 3, 4, 4", 96, ASSAY_E_INPUT,
         "bad.npy: has its channels before height and width; expected (images, height, width, 3): "
         "np.save(file, a.transpose(0, 2, 3, 1).copy())"},
        {"|u1", "1, 1, 2, 2, 3", 12, ASSAY_E_INPUT,
         "bad.npy: has more than four dimensions; expected (images, height, width) or (images, "
         "height, width, 3)"},
        {"|u1", "2, 2, 2", 7, ASSAY_E_INPUT,
         "bad.npy: is cut off: shape and type need 8 bytes of data, the file has 7"},
        {"|u1", "2, 2, 0", 0, ASSAY_E_INPUT, "bad.npy: has no elements"},
        {"|u1", "4611686018427387904, 2, 2, 3", 0, ASSAY_E_INPUT,
         "bad.npy: the shape (4611686018427387904, 2) is beyond any file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        listed_put_npy("bad.npy", table[i].type, table[i].shape, zeroes, table[i].bytes);
        listed_expect_refusal(&(listed_refusal){.name = table[i].shape,
                                                .request = {.images = "bad.npy"},
                                                .code = table[i].code,
                                                .message = table[i].message});
    }
    listed_put_npy("three.npy", "|u1", "3,", zeroes, 3);
    listed_expect_refusal(
        &(listed_refusal){.name = "labels of another count",
                          .request = {.images = "x.npy", .labels = "three.npy"},
                          .code = ASSAY_E_INPUT,
                          .message = "three.npy: has 3 labels for the 2 images of x.npy"});
    listed_put_npy("float.npy", "<f4", "2,", zeroes, 8);
    listed_expect_refusal(&(listed_refusal){
        .name = "labels that are no names",
        .request = {.images = "x.npy", .labels = "float.npy"},
        .code = ASSAY_E_INPUT,
        .message =
            "float.npy: holds floating-point numbers; expected integers or text, one a sample"});
}

static npy_header parsed(const char *literal, size_t bytes, assay_code expected)
{
    static char at[512];
    const size_t length = strlen(literal);
    memset(at, ' ', 128);
    memcpy(at, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(at + 10, literal, length);
    npy_header h;
    assert_int_equal(npy_parse_images(at, 128, 128 + bytes, "a.npy", &h, NULL), expected);
    return h;
}

static void headers_of_images_say_their_shape(void **state)
{
    (void)state;
    npy_header h =
        parsed("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4, 3)}", 72, ASSAY_OK);
    assert_int_equal(h.shape[0], 2);
    assert_int_equal(h.shape[3], 3);
    h = parsed("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4)}", 24, ASSAY_OK);
    assert_int_equal(h.shape[3], 1);
    parsed("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4)}", 24, ASSAY_E_INPUT);
    parsed("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 70000)}", 70000,
           ASSAY_E_LIMIT);
    parsed("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 20000, 20000)}", 400000000,
           ASSAY_E_LIMIT);
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    listed_fail_each_allocation(&(image_list_request){.images = "x_images.npy"});
    listed_fail_each_allocation(&(image_list_request){.images = "x.npy", .labels = "y.npy"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_images_in_order),
        cmocka_unit_test(other_arrays_are_refused),
        cmocka_unit_test(headers_of_images_say_their_shape),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
