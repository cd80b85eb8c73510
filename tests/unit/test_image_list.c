/* Folders as lists of images: classes, splits, what is passed over and what is refused. */
#include "support/listed.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_folder_is_a_class(void **state)
{
    (void)state;
    listed_touch("pets/dog/2.jpg", "pets/dog/10.PNG", "pets/cat/a.jpeg", "pets/cat/far/down/b.webp",
                 "pets/.hidden/x.jpg", "pets/cat/.x.jpg", "pets/__MACOSX/cat/y.jpg",
                 "pets/cat/Thumbs.db", NULL);
    listed_expect(&(image_list_request){.images = "pets"}, "a folder per class in ROOT/pets\n"
                                                           "classes cat dog\n"
                                                           "cat/a.jpeg =cat\n"
                                                           "cat/far/down/b.webp =cat\n"
                                                           "dog/10.PNG =dog\n"
                                                           "dog/2.jpg =dog\n");
    listed_expect(&(image_list_request){.images = "pets/", .classes = "dog,cat,bird"},
                  "a folder per class in ROOT/pets\n"
                  "classes dog cat bird\n"
                  "cat/a.jpeg =cat\n"
                  "cat/far/down/b.webp =cat\n"
                  "dog/10.PNG =dog\n"
                  "dog/2.jpg =dog\n");
    listed_expect(&(image_list_request){.images = "pets/cat", .root = "."},
                  "a folder per class in ROOT\n"
                  "classes far\n"
                  "pets/cat/a.jpeg =-\n"
                  "pets/cat/far/down/b.webp =far\n"
                  "! pets/cat: 1 image is in no class folder and has no label\n");
}

static void folders_named_as_splits_hold_classes(void **state)
{
    (void)state;
    listed_touch("split/train/cat/1.jpg", "split/train/dog/1.jpg", "split/Test/cat/1.jpg",
                 "split/notes/read.me", NULL);
    listed_expect(&(image_list_request){.images = "split"},
                  "a folder per split, in each a folder per class in ROOT/split\n"
                  "classes cat dog\n"
                  "Test/cat/1.jpg =cat @Test\n"
                  "train/cat/1.jpg =cat @train\n"
                  "train/dog/1.jpg =dog @train\n"
                  "! skipped 1 file that is not an image: 1 .me\n");
    listed_touch("split/other/1.jpg", NULL);
    listed_expect(&(image_list_request){.images = "split"},
                  "a folder per class in ROOT/split\n"
                  "classes Test other train\n"
                  "Test/cat/1.jpg =Test\n"
                  "other/1.jpg =other\n"
                  "train/cat/1.jpg =train\n"
                  "train/dog/1.jpg =train\n"
                  "! split: folder 'Test' is called like a split and 'other' is not: the top "
                  "folders are taken for classes\n"
                  "! skipped 1 file that is not an image: 1 .me\n");
    listed_touch("exam/test/1.jpg", "exam/essay/1.jpg", NULL);
    listed_expect(&(image_list_request){.images = "exam"}, "a folder per class in ROOT/exam\n"
                                                           "classes essay test\n"
                                                           "essay/1.jpg =essay\n"
                                                           "test/1.jpg =test\n");
    listed_touch("plain/val/1.jpg", "plain/test/2.jpg", NULL);
    listed_expect(&(image_list_request){.images = "plain"}, "a folder per split in ROOT/plain\n"
                                                            "test/2.jpg @test\n"
                                                            "val/1.jpg @val\n");
}

static void a_flat_folder_has_no_labels(void **state)
{
    (void)state;
    listed_touch("flat/b.jpg", "flat/a.tiff", "flat/notes.TXT", "flat/more.txt", "flat/art.svg",
                 "flat/README", "flat/long.averylongending", NULL);
    listed_expect(&(image_list_request){.images = "flat"},
                  "a flat folder in ROOT/flat\n"
                  "a.tiff\n"
                  "b.jpg\n"
                  "! skipped 5 files that are not images: 2 .txt, 1 without an ending, 1 .svg, 1 "
                  "of other endings\n");
    listed_put("labels.csv", "file,label\na.tiff,x\n", 20);
    listed_remove("flat/notes.TXT");
    listed_remove("flat/more.txt");
    listed_remove("flat/README");
    listed_remove("flat/long.averylongending");
    listed_expect(&(image_list_request){.images = "flat", .labels = "labels.csv"},
                  "a flat folder in ROOT/flat\n"
                  "a.tiff\n"
                  "b.jpg\n"
                  "table labels.csv\n"
                  "! skipped 1 file that is not an image: 1 .svg\n");
    listed_touch("shelves/00/a.jpg", "shelves/01/b.jpg", NULL);
    listed_expect(&(image_list_request){.images = "shelves", .labels = "labels.csv"},
                  "a folder of folders in ROOT/shelves\n"
                  "00/a.jpg\n"
                  "01/b.jpg\n"
                  "table labels.csv\n");
}

static void images_beside_class_folders_have_no_label(void **state)
{
    (void)state;
    listed_touch("mixed/a.jpg", "mixed/cat.jpg", "mixed/cat/1.jpg", NULL);
    listed_expect(&(image_list_request){.images = "mixed"},
                  "a folder per class in ROOT/mixed\n"
                  "classes cat\n"
                  "a.jpg =-\n"
                  "cat.jpg =-\n"
                  "cat/1.jpg =cat\n"
                  "! mixed: 2 images are in no class folder and have no label\n");
}

static void names_are_bytes(void **state)
{
    (void)state;
    listed_touch("odd/two words/a\nb.jpg", "odd/two words/it's \"so\".jpg",
                 "odd/two words/\xff.jpg", "odd/two words/*?.jpg", "odd/\xc3\xa9t\xc3\xa9/1.jpg",
                 NULL);
    listed_expect(&(image_list_request){.images = "odd"},
                  "a folder per class in ROOT/odd\n"
                  "classes two words \xc3\xa9t\xc3\xa9\n"
                  "two words/*?.jpg =two words\n"
                  "two words/a\nb.jpg =two words\n"
                  "two words/it's \"so\".jpg =two words\n"
                  "two words/\xff.jpg =two words\n"
                  "\xc3\xa9t\xc3\xa9/1.jpg =\xc3\xa9t\xc3\xa9\n");
}

static void the_order_is_that_of_the_bytes_of_whole_paths(void **state)
{
    (void)state;
    listed_touch("order/a/1.jpg", "order/a.d/1.jpg", "order/a0/1.jpg", "order/a.jpg", "order/B.jpg",
                 NULL);
    listed_put("order.csv", "path\n", 5);
    listed_expect(&(image_list_request){.images = "order", .labels = "order.csv"},
                  "a folder of folders in ROOT/order\n"
                  "B.jpg\n"
                  "a.d/1.jpg\n"
                  "a.jpg\n"
                  "a/1.jpg\n"
                  "a0/1.jpg\n"
                  "table order.csv\n");
}

static void links_are_followed_but_not_around(void **state)
{
    (void)state;
    listed_touch("links/cat/1.jpg", "elsewhere/2.jpg", "elsewhere/3.jpg", NULL);
    assert_int_equal(symlink("../../elsewhere/2.jpg", "links/cat/2.jpg"), 0);
    assert_int_equal(symlink("../elsewhere", "links/dog"), 0);
    assert_int_equal(symlink("..", "links/cat/up"), 0);
    assert_int_equal(symlink(".", "links/cat/here"), 0);
    assert_int_equal(symlink("self.jpg", "links/cat/self.jpg"), 0);
    assert_int_equal(symlink("nowhere", "links/cat/lost.jpg"), 0);
    assert_int_equal(mkfifo("links/cat/pipe.jpg", 0600), 0);
    listed_expect(&(image_list_request){.images = "links"},
                  "a folder per class in ROOT/links\n"
                  "classes cat dog\n"
                  "cat/1.jpg =cat\n"
                  "cat/2.jpg =cat\n"
                  "dog/2.jpg =dog\n"
                  "dog/3.jpg =dog\n"
                  "! links: skipped 2 symbolic links that lead nowhere\n"
                  "! links: skipped 2 symbolic links that lead back to a folder above them\n"
                  "! links: skipped 1 pipe, socket or device\n");
}

static void closed_folders_are_passed_over_with_a_word(void **state)
{
    (void)state;
    char folder[32];
    listed_touch("closed/cat/1.jpg", "closed/dog\n/1.jpg", NULL);
    assert_int_equal(chmod("closed/dog\n", 0), 0);
    assert_int_equal(chmod(".", 0755), 0);
    for (int i = 0; i < 7; i++) {
        snprintf(folder, sizeof folder, "closed/many/%d", i);
        listed_touch("closed/many/x", NULL);
        assert_int_equal(mkdir(folder, 0), 0);
    }
    const uid_t user = geteuid();
    if (user == 0)
        assert_int_equal(seteuid(65534), 0); /* nothing is closed to root */
    listed_expect(&(image_list_request){.images = "closed"},
                  "a folder per class in ROOT/closed\n"
                  "classes cat\n"
                  "cat/1.jpg =cat\n"
                  "! closed: folder 'dog\\x0a' may not be read (permission denied)\n"
                  "! closed: folder 'many/0' may not be read (permission denied)\n"
                  "! closed: folder 'many/1' may not be read (permission denied)\n"
                  "! closed: folder 'many/2' may not be read (permission denied)\n"
                  "! closed: folder 'many/3' may not be read (permission denied)\n"
                  "! closed: 3 more folders may not be read\n"
                  "! skipped 1 file that is not an image: 1 without an ending\n");
    const listed_refusal whole = {
        .name = "the folder itself is closed",
        .request = {.images = "closed/many/0"},
        .code = ASSAY_E_IO,
        .message = "closed/many/0: the folder may not be read: Permission denied"};
    listed_expect_refusal(&whole);
    assert_int_equal(seteuid(user), 0);
    listed_expect_refusal(&(listed_refusal){
        .name = "no images",
        .request = {.images = "closed/many"},
        .code = ASSAY_E_INPUT,
        .message = "closed/many: holds no images among 1 file; expected image files (.jpg, .png, "
                   ".webp, .tif, …), IDX or Parquet files"});
}

static void folders_nest_as_deep_as_paths_go(void **state)
{
    (void)state;
    enum { DEEP = 1500 };
    assert_int_equal(mkdir("deep", 0755), 0);
    const int top = open("deep", O_RDONLY | O_DIRECTORY);
    int at = dup(top);
    for (int i = 0; i < 2 * DEEP; i++) { /* beyond what one path can name */
        assert_int_equal(mkdirat(at, "d", 0755), 0);
        const int next = openat(at, "d", O_RDONLY | O_DIRECTORY);
        if (i == DEEP)
            close(openat(at, "x.jpg", O_CREAT | O_WRONLY, 0600));
        close(at);
        at = next;
        assert_true(at >= 0);
    }
    close(at);
    close(top);
    image_list list;
    assay_err err = {0};
    assert_int_equal(image_list_read(&(image_list_request){.images = "deep"}, &list, &err),
                     ASSAY_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.path.start[1], 2 * DEEP + strlen("x.jpg"));
    assert_int_equal(list.warning_count, 1);
    assert_string_equal(list.warning[0],
                        "deep: skipped 1 entry whose path is longer than the system opens");
    image_list_clear(&list);
    at = open("deep", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 2 * DEEP; i++) { /* take it down from the top, a folder at a time */
        char name[32];
        snprintf(name, sizeof name, "deep%d", i);
        assert_int_equal(renameat(at, "d", AT_FDCWD, name), 0);
        close(at);
        at = open(name, O_RDONLY | O_DIRECTORY);
    }
    close(at);
}

static void what_is_no_list_of_images_is_refused(void **state)
{
    (void)state;
    listed_touch("bad/cat/1.jpg", "bad/\xff/1.jpg", "bad.jpg", "empty/.keep", "six/a/1.jpg",
                 "six/b/1.jpg", "six/c/1.jpg", "six/d/1.jpg", "six/e/1.jpg", "six/f/1.jpg",
                 "one/a\n/1.jpg", "one/cat/1.jpg", NULL);
    listed_put("six.npy.csv", "x", 1);
    const uint32_t labels[] = {3};
    listed_put_idx("vector-labels", labels, 1);
    const listed_refusal table[] = {
        {"nothing",
         {.images = "nowhere"},
         ASSAY_E_NOT_FOUND,
         "nowhere: there is no such file or folder"},
        {"below a file",
         {.images = "bad.jpg/x"},
         ASSAY_E_NOT_FOUND,
         "bad.jpg/x: there is no such file or folder"},
        {"an image",
         {.images = "bad.jpg"},
         ASSAY_E_INPUT,
         "bad.jpg: is one image; expected a folder of images, a table of their paths, or a file "
         "that holds many (IDX, .npy, Parquet)"},
        {"nothing in it",
         {.images = "empty"},
         ASSAY_E_INPUT,
         "empty: holds no images; expected image files (.jpg, .png, .webp, .tif, …) in it or in "
         "folders below it"},
        {"a class that is no text",
         {.images = "bad"},
         ASSAY_E_INPUT,
         "bad: '\\xff' is not UTF-8 text, so it cannot be the name of a class"},
        {"a class too many",
         {.images = "one", .classes = "cat,dog"},
         ASSAY_E_INPUT,
         "one: 'a\\x0a' is not one of the 2 classes"},
        {"many classes too many",
         {.images = "six", .classes = "x,y"},
         ASSAY_E_INPUT,
         "six: 6 names are not among the 2 classes: 'a', 'b', 'c', 'd', 'e', …"},
        {"a class twice",
         {.images = "six", .classes = "a,a"},
         ASSAY_E_INPUT,
         "--classes: class 'a' is named twice"},
        {"another root",
         {.images = "six", .root = "bad"},
         ASSAY_E_USAGE,
         "six: does not lie in the root bad"},
        {"a file as root",
         {.images = "six", .root = "bad.jpg"},
         ASSAY_E_USAGE,
         "bad.jpg: is not a folder; the root of images is one"},
        {"no root",
         {.images = "six", .root = "nowhere"},
         ASSAY_E_NOT_FOUND,
         "nowhere: there is no such file or folder"},
        {"labels without names",
         {.images = "six", .labels = "vector-labels"},
         ASSAY_E_USAGE,
         "vector-labels: is a vector without names, which says nothing of files; expected a table "
         "with a column of paths"},
        {"no labels",
         {.images = "six", .labels = "nowhere.csv"},
         ASSAY_E_NOT_FOUND,
         "nowhere.csv: there is no such file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        listed_expect_refusal(&table[i]);
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    listed_fail_each_allocation(&(image_list_request){.images = "split"});
    listed_fail_each_allocation(&(image_list_request){.images = "links", .classes = "dog,cat"});
    listed_fail_each_allocation(&(image_list_request){.images = "flat", .labels = "labels.csv"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_a_class),
        cmocka_unit_test(folders_named_as_splits_hold_classes),
        cmocka_unit_test(a_flat_folder_has_no_labels),
        cmocka_unit_test(images_beside_class_folders_have_no_label),
        cmocka_unit_test(names_are_bytes),
        cmocka_unit_test(the_order_is_that_of_the_bytes_of_whole_paths),
        cmocka_unit_test(links_are_followed_but_not_around),
        cmocka_unit_test(closed_folders_are_passed_over_with_a_word),
        cmocka_unit_test(folders_nest_as_deep_as_paths_go),
        cmocka_unit_test(what_is_no_list_of_images_is_refused),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
