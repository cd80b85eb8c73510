/* Tables of paths, and Hugging Face image folders: rows as samples, in the table's order. */
#include "support/listed.h"

#include "store/duck.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(const char *name, const char *content)
{
    listed_put(name, content, strlen(content));
}

static void rows_are_samples_in_order(void **state)
{
    (void)state;
    listed_touch("t/img/b.jpg", "t/img/a, 1.jpg", NULL);
    put("t/list.csv", "id,file_name,label\n7,img/b.jpg,x\n8,\"./img//a, 1.jpg\",y\n9,gone.jpg,z\n");
    listed_expect(&(image_list_request){.images = "t/list.csv"},
                  "a table of paths in ROOT/t\n"
                  "img/b.jpg\n"
                  "img/a, 1.jpg\n"
                  "gone.jpg\n"
                  "table t/list.csv rows 3 from 0\n");
    put("list.jsonl", "{\"where\": \"b.jpg\"}\n");
    listed_expect(&(image_list_request){.images = "list.jsonl", .root = "t/img", .id = "where"},
                  "a table of paths in ROOT/t/img\n"
                  "b.jpg\n"
                  "table list.jsonl rows 1 from 0\n");
}

static void a_root_above_all_paths_is_found(void **state)
{
    (void)state;
    char here[PATH_MAX];
    char content[3 * PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    put("t/tables/up.csv", "path\n../img/b.jpg\n../img/../img/c.jpg\n");
    listed_expect(&(image_list_request){.images = "t/tables/up.csv"},
                  "a table of paths in ROOT/t\n"
                  "img/b.jpg\n"
                  "img/c.jpg\n"
                  "table t/tables/up.csv rows 2 from 0\n");
    snprintf(content, sizeof content, "path\n%s/t/img/b.jpg\n/img/c.jpg\n", here);
    put("far.csv", content);
    snprintf(content, sizeof content,
             "a table of paths in /\n"
             "%s/t/img/b.jpg\n"
             "img/c.jpg\n"
             "table far.csv rows 2 from 0\n",
             here + 1);
    static char out[4096];
    image_list list;
    assert_int_equal(image_list_read(&(image_list_request){.images = "far.csv"}, &list, NULL),
                     ASSAY_OK);
    listed_print(&list, out, sizeof out);
    image_list_clear(&list);
    assert_string_equal(out, content);
}

static void metadata_names_the_files_beside_it(void **state)
{
    (void)state;
    listed_touch("hf/a.jpg", "hf/b.jpg", "hf/sub/c.jpg", "hf/d.jpg", NULL);
    put("hf/metadata.csv", "file_name,text\nsub/c.jpg,see\na.jpg,ay\nnone.jpg,\n");
    listed_expect(&(image_list_request){.images = "hf"},
                  "a Hugging Face image folder in ROOT/hf\n"
                  "sub/c.jpg\n"
                  "a.jpg\n"
                  "none.jpg\n"
                  "table hf/metadata.csv rows 3 from 0\n"
                  "! hf: 2 images are not in the metadata and are left out\n"
                  "! hf: 1 row of the metadata names files that are not among the folder's "
                  "images\n");
    listed_touch("hfs/train/a.jpg", "hfs/train/b.jpg", "hfs/test/a.jpg", NULL);
    put("hfs/train/metadata.jsonl",
        "{\"file_name\": \"b.jpg\", \"label\": 1}\n{\"file_name\": \"a.jpg\", \"label\": 0}\n");
    put("hfs/test/metadata.jsonl", "{\"file_name\": \"a.jpg\", \"label\": 1}\n");
    listed_expect(&(image_list_request){.images = "hfs", .root = "."},
                  "a Hugging Face image folder in ROOT\n"
                  "hfs/test/a.jpg @test\n"
                  "hfs/train/b.jpg @train\n"
                  "hfs/train/a.jpg @train\n"
                  "table hfs/test/metadata.jsonl below hfs/test rows 1 from 0\n"
                  "table hfs/train/metadata.jsonl below hfs/train rows 2 from 1\n");
    listed_touch("hft/train/a.jpg", "hft/test/b.jpg", NULL);
    put("hft/metadata.csv", "file_name\ntrain/a.jpg\ntest/b.jpg\n");
    listed_expect(&(image_list_request){.images = "hft"},
                  "a Hugging Face image folder in ROOT/hft\n"
                  "train/a.jpg @train\n"
                  "test/b.jpg @test\n"
                  "table hft/metadata.csv rows 2 from 0\n");
}

static void metadata_of_another_kind_changes_nothing(void **state)
{
    (void)state;
    listed_touch("other/cat/a.jpg", NULL);
    put("other/metadata.csv", "camera,year\nx,2001\n");
    listed_expect(&(image_list_request){.images = "other"},
                  "a folder per class in ROOT/other\n"
                  "classes cat\n"
                  "cat/a.jpg =cat\n"
                  "! other/metadata.csv: has no column 'file_name' and is not used\n"
                  "! skipped 1 file that is not an image: 1 .csv\n");
}

static void run_sql(const char *sql)
{
    duck db;
    assay_err err = {0};
    assert_int_equal(duck_open(&db, &(duck_options){.thread_count = 1}, &err), ASSAY_OK);
    if (duck_run(&db, sql, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    duck_close(&db);
}

static void parquet_tables_name_files_too(void **state)
{
    (void)state;
    listed_touch("hp/a.jpg", "hp/b.jpg", NULL);
    run_sql("COPY (SELECT * FROM (VALUES ('b.jpg', 1.5), ('a.jpg', 2.5)) t(file_name, metric)) TO "
            "'hp/metadata.parquet' (FORMAT parquet)");
    listed_expect(&(image_list_request){.images = "hp"},
                  "a Hugging Face image folder in ROOT/hp\n"
                  "b.jpg\n"
                  "a.jpg\n"
                  "table hp/metadata.parquet rows 2 from 0\n");
    listed_expect(&(image_list_request){.images = "hp/metadata.parquet"},
                  "a table of paths in ROOT/hp\n"
                  "b.jpg\n"
                  "a.jpg\n"
                  "table hp/metadata.parquet rows 2 from 0\n");
}

static void tables_that_name_no_images_are_refused(void **state)
{
    (void)state;
    listed_touch("bad/a.jpg", NULL);
    put("bad/no_path.csv", "brightness,label\n1,cat\n");
    put("bad/no_rows.csv", "path\n");
    put("bad/empty.csv", "");
    put("bad/url.csv", "path\na.jpg\nhttps://example.org/b.jpg\n");
    put("bad/urls.csv", "path,n\ns3://bucket/b.jpg,1\nfile:///b.jpg,2\n,3\n");
    put("bad/blank.csv", "path,n\na.jpg,1\n,2\n");
    put("bad/twice.csv", "path\na.jpg\nb.jpg\n./a.jpg\n");
    put("bad/out.csv", "path\na.jpg\n../b.jpg\n");
    put("bad/folder.csv", "path\n.\n");
    put("bad/gone.csv", "path\nx/1.jpg\nx/2.jpg\n");
    char *longest = malloc(5000);
    assert_non_null(longest);
    memset(longest, 'x', 5000);
    memcpy(longest, "path\n", 5);
    listed_put("bad/long.csv", longest, 5000);
    free(longest);
    put("hfbad/metadata.csv", "file_name\n../out.jpg\n");
    const listed_refusal table[] = {
        {"no column",
         {.images = "bad/no_path.csv"},
         ASSAY_E_INPUT,
         "bad/no_path.csv: no column was recognised as the paths of images (--id COLUMN names it); "
         "the columns are: brightness, label"},
        {"no such column",
         {.images = "bad/url.csv", .id = "file"},
         ASSAY_E_USAGE,
         "bad/url.csv: there is no column 'file'; the columns are: path"},
        {"no rows", {.images = "bad/no_rows.csv"}, ASSAY_E_INPUT, "bad/no_rows.csv: has no rows"},
        {"empty", {.images = "bad/empty.csv"}, ASSAY_E_INPUT, "bad/empty.csv: is empty"},
        {"a URL",
         {.images = "bad/url.csv"},
         ASSAY_E_INPUT,
         "bad/url.csv: row 2: path 'https://example.org/b.jpg' is a URL; only files are read"},
        {"URLs",
         {.images = "bad/urls.csv"},
         ASSAY_E_INPUT,
         "bad/urls.csv: 3 rows have a path that is not one of an image's file\n"
         "  row 1: path 's3://bucket/b.jpg' is a URL; only files are read\n"
         "  row 2: path 'file:///b.jpg' is a URL; only files are read\n"
         "  row 3: has no path"},
        {"a blank",
         {.images = "bad/blank.csv"},
         ASSAY_E_INPUT,
         "bad/blank.csv: row 2: has no path"},
        {"a path twice",
         {.images = "bad/twice.csv"},
         ASSAY_E_INPUT,
         "bad/twice.csv: row 3: id 'a.jpg' is already in row 1"},
        {"a path out of the root",
         {.images = "bad/out.csv", .root = "bad"},
         ASSAY_E_INPUT,
         "bad/out.csv: row 2: path '../b.jpg' does not lie in the root of the images"},
        {"the root itself",
         {.images = "bad/folder.csv"},
         ASSAY_E_INPUT,
         "bad/folder.csv: row 1: path '.' does not lie in the root of the images"},
        {"a path too long",
         {.images = "bad/long.csv"},
         ASSAY_E_INPUT,
         "bad/long.csv: row 1: path "
         "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is no path of a file"},
        {"metadata out of its folder",
         {.images = "hfbad"},
         ASSAY_E_INPUT,
         "hfbad/metadata.csv: row 1: path '../out.jpg' does not lie in the root of the images"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        listed_expect_refusal(&table[i]);
    char here[PATH_MAX];
    char message[2 * PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(message, sizeof message,
             "bad/gone.csv: none of the first 2 images is there, such as %s/bad/x/1.jpg; --root "
             "names the folder that its paths start from",
             here);
    listed_expect_refusal(&(listed_refusal){.name = "nothing is there",
                                            .request = {.images = "bad/gone.csv"},
                                            .code = ASSAY_E_NOT_FOUND,
                                            .message = message});
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    listed_fail_each_allocation(&(image_list_request){.images = "t/list.csv"});
    listed_fail_each_allocation(&(image_list_request){.images = "hf"});
    listed_fail_each_allocation(&(image_list_request){.images = "hft"});
    listed_fail_each_allocation(&(image_list_request){.images = "other"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_samples_in_order),
        cmocka_unit_test(a_root_above_all_paths_is_found),
        cmocka_unit_test(metadata_names_the_files_beside_it),
        cmocka_unit_test(metadata_of_another_kind_changes_nothing),
        cmocka_unit_test(parquet_tables_name_files_too),
        cmocka_unit_test(tables_that_name_no_images_are_refused),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
