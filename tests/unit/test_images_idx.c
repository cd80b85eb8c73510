/* The MNIST family: pairs of files, their splits, and headers that lie. */
#include "support/listed.h"

#include "store/idx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint32_t three[] = {3, 2, 2};
static const uint32_t two[] = {2, 2, 2};

static void images_find_their_labels(void **state)
{
    (void)state;
    listed_put_idx("m/train-images-idx3-ubyte", three, 3);
    listed_put_idx("m/train-labels-idx1-ubyte.gz", three, 1);
    listed_expect(&(image_list_request){.images = "m/train-images-idx3-ubyte"},
                  "IDX in ROOT/m\n"
                  "classes 0 1 2\n"
                  "container train-images-idx3-ubyte of 3\n"
                  "train-images-idx3-ubyte#0 #0 =0\n"
                  "train-images-idx3-ubyte#1 #1 =1\n"
                  "train-images-idx3-ubyte#2 #2 =2\n");
    listed_put_idx("m/t10k-images-idx3-ubyte.gz", two, 3);
    listed_put_idx("m/t10k-labels-idx1-ubyte.gz", two, 1);
    listed_expect(&(image_list_request){.images = "m", .classes = "ant,bee,cow"},
                  "a folder of IDX files in ROOT/m\n"
                  "classes ant bee cow\n"
                  "container t10k-images-idx3-ubyte.gz of 2\n"
                  "container train-images-idx3-ubyte of 3\n"
                  "t10k-images-idx3-ubyte.gz#0 #test/0 =ant @test\n"
                  "t10k-images-idx3-ubyte.gz#1 #test/1 =bee @test\n"
                  "train-images-idx3-ubyte#0 #train/0 =ant @train\n"
                  "train-images-idx3-ubyte#1 #train/1 =bee @train\n"
                  "train-images-idx3-ubyte#2 #train/2 =cow @train\n");
}

static void pairs_are_told_by_their_names(void **state)
{
    (void)state;
    listed_put_idx("e/emnist-letters-train-images.idx3-ubyte", two, 3);
    listed_put_idx("e/emnist-letters-train-labels.idx1-ubyte", two, 1);
    listed_put_idx("e/emnist-letters-train-images.idx3-ubyte.gz", two, 3);
    listed_put_idx("e/own-images-idx3-ubyte", two, 3);
    listed_put("e/not-images-idx3-ubyte", "nothing", 7);
    listed_expect(&(image_list_request){.images = "e", .root = "."},
                  "a folder of IDX files in ROOT\n"
                  "classes 0 1\n"
                  "container e/emnist-letters-train-images.idx3-ubyte of 2\n"
                  "container e/own-images-idx3-ubyte of 2\n"
                  "e/emnist-letters-train-images.idx3-ubyte#0 #train/0 =0 @train\n"
                  "e/emnist-letters-train-images.idx3-ubyte#1 #train/1 =1 @train\n"
                  "e/own-images-idx3-ubyte#0 #own/0 =- @own\n"
                  "e/own-images-idx3-ubyte#1 #own/1 =- @own\n"
                  "! e/own-images-idx3-ubyte: there is no file of labels beside it (X-images… "
                  "belongs to X-labels…); its images have no labels\n");
    listed_put_idx("colour.idx", (const uint32_t[]){2, 3, 2, 3}, 4);
    listed_put_idx("names", two, 1);
    listed_expect(&(image_list_request){.images = "colour.idx", .labels = "names"},
                  "IDX in ROOT\n"
                  "classes 0 1\n"
                  "container colour.idx of 2\n"
                  "colour.idx#0 #0 =0\n"
                  "colour.idx#1 #1 =1\n");
}

typedef struct bad_header {
    const char *name;
    const uint8_t at[24];
    size_t length;
    idx_content content;
    assay_code code;
    const char *message;
} bad_header;

static void headers_that_lie_are_refused(void **state)
{
    (void)state;
    const bad_header table[] = {
        {"nothing", {0}, 0, IDX_IMAGES, ASSAY_E_INPUT, "f: is not an IDX file"},
        {"text", "path", 4, IDX_IMAGES, ASSAY_E_INPUT, "f: is not an IDX file"},
        {"an unknown type", {0, 0, 7, 3}, 16, IDX_IMAGES, ASSAY_E_INPUT, "f: is not an IDX file"},
        {"no dimensions", {0, 0, 8, 0}, 16, IDX_IMAGES, ASSAY_E_INPUT, "f: is not an IDX file"},
        {"five dimensions", {0, 0, 8, 5}, 24, IDX_IMAGES, ASSAY_E_INPUT, "f: is not an IDX file"},
        {"floats",
         {0, 0, 13, 3},
         16,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: holds 32-bit floats; expected unsigned bytes"},
        {"labels as images",
         {0, 0, 8, 1, 0, 0, 0, 1},
         8,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: has 1 dimension; images have three: count, height, width (these look like the "
         "labels)"},
        {"images as labels",
         {0, 0, 8, 3},
         16,
         IDX_LABELS,
         ASSAY_E_INPUT,
         "f: has 3 dimensions; labels are a vector, one for each image"},
        {"a table",
         {0, 0, 8, 2},
         12,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: has 2 dimensions; images have three: count, height, width"},
        {"a cut header",
         {0, 0, 8, 3, 0, 0, 0, 1},
         15,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: is cut off in its header"},
        {"no images",
         {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1},
         16,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: has no images"},
        {"no labels", {0, 0, 8, 1}, 8, IDX_LABELS, ASSAY_E_INPUT, "f: has no labels"},
        {"no pixels",
         {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0},
         16,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: has images of 0×2 pixels"},
        {"too many",
         {0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 1, 0, 0, 0, 1},
         16,
         IDX_IMAGES,
         ASSAY_E_LIMIT,
         "f: has 4294967295 items; at most 2147483647 are read"},
        {"too wide",
         {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0},
         16,
         IDX_IMAGES,
         ASSAY_E_LIMIT,
         "f: has images of 65536×1 pixels; at most 65535 a side and 100000000 in all are read"},
        {"too large",
         {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 255, 255, 0, 0, 255, 255},
         16,
         IDX_IMAGES,
         ASSAY_E_LIMIT,
         "f: has images of 65535×65535 pixels; at most 65535 a side and 100000000 in all are read"},
        {"two channels",
         {0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2},
         20,
         IDX_IMAGES,
         ASSAY_E_INPUT,
         "f: has images of 2 channels; expected 1 (grey) or 3 (colour)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        idx_header h = {.item_count = 9};
        assay_err err = {0};
        uint8_t *exact = malloc(table[i].length + 1); /* the sanitizer sees a read beyond it */
        memcpy(exact, table[i].at, table[i].length);
        const assay_code code =
            idx_parse_header(exact, table[i].length, table[i].content, "f", &h, &err);
        free(exact);
        if (code != table[i].code || strcmp(err.msg, table[i].message) != 0)
            fail_msg("%s: %d %s", table[i].name, (int)code, err.msg);
        assert_int_equal(h.item_count, 0);
    }
}

static void files_that_do_not_hold_what_they_say_are_refused(void **state)
{
    (void)state;
    uint8_t at[40] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2};
    listed_put("short-images", at, 27);
    listed_put("long-images", at, 29);
    listed_put_gzip("short-images.gz", at, 27);
    listed_put_gzip("long-images.gz", at, 29);
    listed_put_gzip("head-images.gz", at, 10);
    listed_put_gzip("cut-images.gz", at, 28);
    assert_int_equal(truncate("cut-images.gz", 30), 0);
    listed_put_gzip("torn-images.gz", at, 28);
    FILE *torn = fopen("torn-images.gz", "r+b");
    assert_non_null(torn);
    fseek(torn, -8, SEEK_END);
    fputs("\1\2\3\4", torn);
    fclose(torn);
    uint8_t bomb[16] = {0, 0, 8, 3, 127, 255, 255, 255, 0, 0, 3, 232, 0, 0, 3, 232};
    listed_put_gzip("bomb-images.gz", bomb, sizeof bomb);
    listed_put("bomb-images", bomb, sizeof bomb);
    listed_put_idx("three-images", three, 3);
    listed_put_idx("three-labels", two, 1);
    const listed_refusal table[] = {
        {"cut off",
         {.images = "short-images"},
         ASSAY_E_INPUT,
         "short-images: is cut off: the header says 3 items of 4 bytes, the file holds 11 bytes of "
         "them"},
        {"too long",
         {.images = "long-images"},
         ASSAY_E_INPUT,
         "long-images: is too long: the header says 3 items of 4 bytes, the file holds 13 bytes of "
         "them"},
        {"cut off, packed",
         {.images = "short-images.gz"},
         ASSAY_E_INPUT,
         "short-images.gz: is cut off: the header says 3 items of 4 bytes, the file holds 11 bytes "
         "of them"},
        {"too long, packed",
         {.images = "long-images.gz"},
         ASSAY_E_INPUT,
         "long-images.gz: is too long: the header says 3 items of 4 bytes, the file holds 13 bytes "
         "of them"},
        {"a cut header, packed",
         {.images = "head-images.gz"},
         ASSAY_E_INPUT,
         "head-images.gz: is cut off in its header"},
        {"cut gzip",
         {.images = "cut-images.gz"},
         ASSAY_E_INPUT,
         "cut-images.gz: the gzip file is cut off"},
        {"damaged gzip",
         {.images = "torn-images.gz"},
         ASSAY_E_INPUT,
         "torn-images.gz: the gzip file is damaged"},
        {"a bomb",
         {.images = "bomb-images.gz"},
         ASSAY_E_LIMIT,
         "bomb-images.gz: inflates to 2147483647000000 bytes; at most 2147483648 are read from "
         "gzip: unpack it with gunzip"},
        {"a great lie",
         {.images = "bomb-images"},
         ASSAY_E_INPUT,
         "bomb-images: is cut off: the header says 2147483647 items of 1000000 bytes, the file "
         "holds 0 bytes of them"},
        {"labels of another count",
         {.images = "three-images"},
         ASSAY_E_INPUT,
         "three-labels: has 2 labels for the 3 images of three-images"},
        {"labels given as images",
         {.images = "three-labels"},
         ASSAY_E_INPUT,
         "three-labels: has 1 dimension; images have three: count, height, width (these look like "
         "the labels)"},
        {"images given as labels",
         {.images = "three-images", .labels = "three-images"},
         ASSAY_E_INPUT,
         "three-images: has 3 dimensions; labels are a vector, one for each image"},
        {"a class too many",
         {.images = "m", .classes = "ant,bee"},
         ASSAY_E_INPUT,
         "m/train-labels-idx1-ubyte.gz: '2' is not one of the 2 classes"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        listed_expect_refusal(&table[i]);
}

static void the_real_thing_is_read(void **state)
{
    (void)state;
    static const char file[] = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
    if (access(file, R_OK) != 0)
        skip();
    image_list list;
    assert_int_equal(image_list_read(&(image_list_request){.images = file}, &list, NULL), ASSAY_OK);
    assert_int_equal(list.count, 10000);
    assert_int_equal(list.classes.count, 10);
    assert_int_equal(list.label[0], 9);
    image_list_clear(&list);
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    listed_fail_each_allocation(&(image_list_request){.images = "m"});
    listed_fail_each_allocation(&(image_list_request){.images = "m", .classes = "a,b,c"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_find_their_labels),
        cmocka_unit_test(pairs_are_told_by_their_names),
        cmocka_unit_test(headers_that_lie_are_refused),
        cmocka_unit_test(files_that_do_not_hold_what_they_say_are_refused),
        cmocka_unit_test(the_real_thing_is_read),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
