/* Folders as lists of images: classes, splits, what is passed over and what is refused. */
#include "support/listed.h"

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
                  "! skipped 1 file that is not an image: 1 .me\n");
    listed_touch("plain/val/1.jpg", "plain/test/2.jpg", NULL);
    listed_expect(&(image_list_request){.images = "plain"}, "a folder per split in ROOT/plain\n"
                                                            "test/2.jpg @test\n"
                                                            "val/1.jpg @val\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_is_a_class),
        cmocka_unit_test(folders_named_as_splits_hold_classes),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
