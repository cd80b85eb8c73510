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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_find_their_labels),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
