/* FiftyOne's directories: labels.json and the names in data/. */
#include "support/listed.h"

#include <stdio.h>
#include <string.h>

static void put(const char *name, const char *content)
{
    listed_put(name, content, strlen(content));
}

static void labels_are_found_by_name_without_ending(void **state)
{
    (void)state;
    listed_touch("fo/data/1.jpg", "fo/data/2.png", "fo/data/sub/3.x.jpg", "fo/data/4.jpg",
                 "fo/data/5.jpg", "fo/data/6.jpg", "fo/data/notes.txt", NULL);
    put("fo/labels.json",
        "{\"classes\": [\"dog\", \"cat\"], \"labels\": {\"1\": 0, \"2\": \"cat\", \"sub/3.x\": "
        "{\"label\": \"dog\", \"confidence\": 0.5}, \"4\": null, \"5.jpg\": 1, \"gone\": 1}}");
    listed_expect(&(image_list_request){.images = "fo"},
                  "a FiftyOne directory in ROOT/fo\n"
                  "classes dog cat\n"
                  "data/1.jpg =dog\n"
                  "data/2.png =cat\n"
                  "data/4.jpg =-\n"
                  "data/5.jpg =cat\n"
                  "data/6.jpg =-\n"
                  "data/sub/3.x.jpg =dog\n"
                  "! fo/labels.json: 1 label has no image in data/\n"
                  "! fo/labels.json: 1 image in data/ has no label\n"
                  "! skipped 1 file that is not an image: 1 .txt\n");
    listed_expect(&(image_list_request){.images = "fo", .root = ".", .classes = "cat,bird,dog"},
                  "a FiftyOne directory in ROOT\n"
                  "classes cat bird dog\n"
                  "fo/data/1.jpg =dog\n"
                  "fo/data/2.png =cat\n"
                  "fo/data/4.jpg =-\n"
                  "fo/data/5.jpg =cat\n"
                  "fo/data/6.jpg =-\n"
                  "fo/data/sub/3.x.jpg =dog\n"
                  "! fo/labels.json: 1 label has no image in data/\n"
                  "! fo/labels.json: 1 image in data/ has no label\n"
                  "! skipped 1 file that is not an image: 1 .txt\n");
    listed_touch("fn/data/1.jpg", "fn/data/2.jpg", NULL);
    put("fn/labels.json", "{\"classes\": null, \"labels\": {\"1\": \"b\", \"2\": \"a\"}}");
    listed_expect(&(image_list_request){.images = "fn"}, "a FiftyOne directory in ROOT/fn\n"
                                                         "classes a b\n"
                                                         "data/1.jpg =b\n"
                                                         "data/2.jpg =a\n");
    put("fn/labels.json", "{\"labels\": {\"1\": 10, \"2\": 9}}");
    listed_expect(&(image_list_request){.images = "fn"}, "a FiftyOne directory in ROOT/fn\n"
                                                         "classes 9 10\n"
                                                         "data/1.jpg =10\n"
                                                         "data/2.jpg =9\n");
}

typedef struct bad_json {
    const char *content;
    const char *message;
} bad_json;

static void bad_labels_are_refused(void **state)
{
    (void)state;
    listed_touch("bad/data/1.jpg", NULL);
    const bad_json table[] = {
        {"{\"labels\": {\"1\": 0}", "bad/labels.json: line 1: is not valid JSON: '}' expected near "
                                    "end of file"},
        {"\n{\"labels\": {\"1\": 0, \"1\": 1}}",
         "bad/labels.json: line 2: is not valid JSON: duplicate object key near '\"1\"'"},
        {"[1]", "bad/labels.json: has no \"labels\"; expected {\"classes\": [name, …], \"labels\": "
                "{\"name of a file in data/ without its ending\": index or name, …}}"},
        {"{\"labels\": [0]}",
         "bad/labels.json: has no \"labels\"; expected {\"classes\": [name, …], \"labels\": "
         "{\"name of a file in data/ without its ending\": index or name, …}}"},
        {"{\"classes\": \"a\", \"labels\": {}}",
         "bad/labels.json: \"classes\" is not a list of names"},
        {"{\"classes\": [\"a\", 1], \"labels\": {}}",
         "bad/labels.json: class 1 of \"classes\" is not a text"},
        {"{\"classes\": [\"a\", \"a\"], \"labels\": {}}",
         "bad/labels.json: class 'a' is named twice"},
        {"{\"classes\": [\"a\"], \"labels\": {\"1\": 1}}",
         "bad/labels.json: the label of '1' is 1; the classes are 0 to 0"},
        {"{\"classes\": [\"a\"], \"labels\": {\"1\": -1}}",
         "bad/labels.json: the label of '1' is -1; the classes are 0 to 0"},
        {"{\"classes\": [\"a\"], \"labels\": {\"1\": \"b\"}}",
         "bad/labels.json: the label of '1' is not one of \"classes\""},
        {"{\"classes\": [\"a\"], \"labels\": {\"1\": [0, 1]}}",
         "bad/labels.json: the label of '1' is not an index or a name"},
        {"{\"classes\": [\"a\"], \"labels\": {\"1\": 0.5}}",
         "bad/labels.json: the label of '1' is not an index or a name"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        put("bad/labels.json", table[i].content);
        listed_expect_refusal(&(listed_refusal){.name = table[i].content,
                                                .request = {.images = "bad"},
                                                .code = ASSAY_E_INPUT,
                                                .message = table[i].message});
    }
    listed_expect_refusal(&(listed_refusal){
        .name = "the file itself",
        .request = {.images = "bad/labels.json"},
        .code = ASSAY_E_INPUT,
        .message =
            "bad/labels.json: holds labels; expected the folder that it lies in, with data/"});
    put("bad/labels.json", "{\"labels\": {\"1\": \"a\"}}");
    listed_remove("bad/data/1.jpg");
    listed_expect_refusal(
        &(listed_refusal){.name = "no images",
                          .request = {.images = "bad"},
                          .code = ASSAY_E_INPUT,
                          .message = "bad/labels.json: there are no images in data/ beside it"});
    listed_remove("bad/data");
    listed_expect_refusal(&(listed_refusal){
        .name = "no folder",
        .request = {.images = "bad"},
        .code = ASSAY_E_NOT_FOUND,
        .message = "bad/labels.json: there is no folder data/ with the images beside it"});
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    listed_fail_each_allocation(&(image_list_request){.images = "fo"});
    listed_fail_each_allocation(&(image_list_request){.images = "fn"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_found_by_name_without_ending),
        cmocka_unit_test(bad_labels_are_refused),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
