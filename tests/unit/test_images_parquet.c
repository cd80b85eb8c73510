/* Hugging Face data sets in Parquet: what their rows and metadata say, and their bytes. */
#include "support/listed.h"

#include "store/duck.h"
#include "store/image_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES                                                                                      \
    "KV_METADATA {huggingface: '{\"info\": {\"features\": {\"image\": {\"_type\": \"Image\"}, "    \
    "\"label\": {\"names\": [\"cat\", \"dog\"], \"_type\": \"ClassLabel\"}}}}'}"

static duck db;

static void run_sql(const char *sql)
{
    assay_err err = {0};
    if (duck_run(&db, sql, &err) != ASSAY_OK)
        fail_msg("%s\n%s", sql, err.msg);
}

/* Rows (bytes, path, label) as a file; `options` follow the format. */
static void write_rows(const char *rows, const char *file, const char *options)
{
    char sql[4096];
    snprintf(sql, sizeof sql,
             "COPY (SELECT {'bytes': b::BLOB, 'path': p::VARCHAR} AS image, l AS label FROM "
             "(VALUES %s) t(b, p, l)) TO '%s' (FORMAT parquet, %s)",
             rows, file, options);
    run_sql(sql);
}

static void labels_index_the_names_in_the_metadata(void **state)
{
    (void)state;
    listed_touch("one/x", NULL);
    write_rows("('abc', 'b.jpg', 1), ('de', 'a.jpg', 0), ('f', 'c.jpg', -1), ('g', 'd.jpg', NULL)",
               "one/train.parquet", NAMES);
    listed_expect(&(image_list_request){.images = "one/train.parquet"},
                  "Hugging Face Parquet in ROOT/one\n"
                  "classes cat dog\n"
                  "container train.parquet of 4\n"
                  "train.parquet#0 #b.jpg =dog @train\n"
                  "train.parquet#1 #a.jpg =cat @train\n"
                  "train.parquet#2 #c.jpg =- @train\n"
                  "train.parquet#3 #d.jpg =- @train\n");
    write_rows("('abc', 'a.jpg', 'x'), ('de', 'a.jpg', 'w')", "one/plain.parquet",
               "COMPRESSION zstd");
    listed_expect(&(image_list_request){.images = "one/plain.parquet", .root = "."},
                  "Hugging Face Parquet in ROOT\n"
                  "classes w x\n"
                  "container one/plain.parquet of 2\n"
                  "one/plain.parquet#0 #0 =x\n"
                  "one/plain.parquet#1 #1 =w\n");
}

static void files_of_a_folder_are_splits(void **state)
{
    (void)state;
    listed_touch("set/data/read.me", NULL);
    write_rows("('a', 'a.jpg', 1)", "set/data/train-00000-of-00002.parquet", NAMES);
    write_rows("('b', 'a.jpg', 0)", "set/data/train-00001-of-00002.parquet", NAMES);
    write_rows("('c', 'a.jpg', 0)", "set/data/test-00000-of-00001.parquet", NAMES);
    run_sql("COPY (SELECT 1 AS x) TO 'set/data/other.parquet' (FORMAT parquet)");
    listed_expect(&(image_list_request){.images = "set"},
                  "a folder of Hugging Face Parquet files in ROOT/set\n"
                  "classes cat dog\n"
                  "container data/test-00000-of-00001.parquet of 1\n"
                  "container data/train-00000-of-00002.parquet of 1\n"
                  "container data/train-00001-of-00002.parquet of 1\n"
                  "data/test-00000-of-00001.parquet#0 #test/0 =cat @test\n"
                  "data/train-00000-of-00002.parquet#0 #train/0 =dog @train\n"
                  "data/train-00001-of-00002.parquet#0 #train/1 =cat @train\n"
                  "! set/data/other.parquet: has no column of images and is left out\n");
}

static void other_columns_are_read_afterwards(void **state)
{
    (void)state;
    run_sql("COPY (SELECT 'x' AS \"my \"\"class\", {'bytes': 'ab'::BLOB} AS \"the \"\"image\", 2.5 "
            "AS metric) TO 'more.parquet' (FORMAT parquet)");
    listed_expect(&(image_list_request){.images = "more.parquet", .label = "my \"class"},
                  "Hugging Face Parquet in ROOT\n"
                  "classes x\n"
                  "container more.parquet of 1\n"
                  "more.parquet#0 #0 =x\n"
                  "table more.parquet rows 1 from 0\n");
}

static void files_without_images_are_refused(void **state)
{
    (void)state;
    run_sql("COPY (SELECT 1 AS x, 'a'::BLOB AS photo) TO 'bad.parquet' (FORMAT parquet)");
    write_rows("('a', 'a.jpg', 2)", "index.parquet", NAMES);
    write_rows("('a', 'a.jpg', 0)", "none.parquet", "COMPRESSION snappy");
    run_sql(
        "COPY (SELECT {'bytes': 'a'::BLOB} AS image LIMIT 0) TO 'zero.parquet' (FORMAT parquet)");
    listed_put("damaged.parquet", "PAR1 and no more of it", 22);
    const listed_refusal table[] = {
        {"no images",
         {.images = "bad.parquet"},
         ASSAY_E_INPUT,
         "bad.parquet: no column was recognised as the paths of images (--id COLUMN names it); the "
         "columns are: x, photo"},
        {"an index too large",
         {.images = "index.parquet"},
         ASSAY_E_INPUT,
         "index.parquet: row 1: label 2; the classes are 0 to 1"},
        {"no such label",
         {.images = "none.parquet", .label = "kind"},
         ASSAY_E_USAGE,
         "none.parquet: there is no column 'kind' of numbers or texts"},
        {"no rows", {.images = "zero.parquet"}, ASSAY_E_INPUT, "zero.parquet: has no rows"},
        {"damaged",
         {.images = "damaged.parquet"},
         ASSAY_E_INPUT,
         "damaged.parquet: No magic bytes found at end of file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        listed_expect_refusal(&table[i]);
}

/* What is in a Parquet file is fetched, never read into a room. */
static image_item_room no_room;

/* Row i holds its number, row i of every 1000th none. */
static void expect_rows(image_container_reader *r, uint64_t first, uint64_t count)
{
    assay_err err = {0};
    if (image_container_prefetch(r, first, count, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    for (uint64_t i = first; i < first + count; i++) {
        image_item item;
        char text[16];
        const assay_code code = image_container_item(r, i, &no_room, &item, &err);
        if (i % 1000 == 7) {
            assert_int_equal(code, ASSAY_E_INPUT);
            assert_null(item.at);
            continue;
        }
        assert_int_equal(code, ASSAY_OK);
        const int length = snprintf(text, sizeof text, "%d", (int)i);
        assert_int_equal(item.length, length);
        assert_memory_equal(item.at, text, (size_t)length);
        assert_false(item.raw);
    }
}

static void bytes_come_in_runs_forward_and_back(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    run_sql("COPY (SELECT {'bytes': CASE WHEN i % 1000 <> 7 THEN encode(CAST(i AS VARCHAR)) END, "
            "'path': NULL::VARCHAR} AS image FROM range(20000) t(i)) TO 'many.parquet' (FORMAT "
            "parquet, ROW_GROUP_SIZE 2500)");
    image_container_reader *r;
    assay_err err = {0};
    assert_int_equal(image_container_open("many.parquet", CONTAINER_PARQUET, ROWS, 2, &r, &err),
                     ASSAY_OK);
    for (uint64_t first = 0; first < ROWS; first += 777)
        expect_rows(r, first, first + 777 > ROWS ? ROWS - first : 777);
    expect_rows(r, 0, 5);
    expect_rows(r, 10, 5);
    expect_rows(r, 15000, 5000);
    expect_rows(r, 15000, 1);
    expect_rows(r, 3, 0);
    image_item item;
    assert_int_equal(image_container_prefetch(r, 7, 1, NULL), ASSAY_OK);
    assert_int_equal(image_container_item(r, 7, &no_room, &item, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "there are no bytes in row 8 of the table");
    image_container_close(r);
    assert_int_equal(image_container_open("many.parquet", CONTAINER_PARQUET, 5, 1, &r, &err),
                     ASSAY_E_INPUT);
    assert_null(r);
    assert_string_equal(err.msg, "many.parquet: has 20000 images, and had 5 when they were listed");
    assert_int_equal(image_container_open("bad.parquet", CONTAINER_PARQUET, 1, 1, &r, &err),
                     ASSAY_E_INPUT);
    assert_string_equal(err.msg, "bad.parquet: has no column of images");
}

static void large_images_come_in_windows(void **state)
{
    (void)state;
    enum { ROWS = 3000, COPIES = 1300, DIGEST = 32 };
    run_sql("COPY (SELECT {'bytes': encode(repeat(md5(CAST(i AS VARCHAR)), 1300))} AS image FROM "
            "range(3000) t(i)) TO 'large.parquet' (FORMAT parquet, COMPRESSION zstd)");
    image_container_reader *r;
    assay_err err = {0};
    assert_int_equal(image_container_open("large.parquet", CONTAINER_PARQUET, ROWS, 1, &r, &err),
                     ASSAY_OK);
    char last[DIGEST] = "";
    for (uint64_t first = 0; first < ROWS; first += 100) {
        if (image_container_prefetch(r, first, 100, &err) != ASSAY_OK)
            fail_msg("%s", err.msg);
        for (uint64_t i = first; i < first + 100; i++) {
            image_item item;
            assert_int_equal(image_container_item(r, i, &no_room, &item, &err), ASSAY_OK);
            assert_int_equal(item.length, COPIES * DIGEST);
            assert_memory_equal(item.at, item.at + item.length - DIGEST, DIGEST);
            assert_true(memcmp(item.at, last, DIGEST) != 0);
            memcpy(last, item.at, DIGEST);
        }
    }
    image_container_close(r);
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    listed_fail_each_allocation(&(image_list_request){.images = "one/train.parquet"});
    listed_fail_each_allocation(&(image_list_request){.images = "set"});
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        image_container_reader *r = NULL;
        assay_err err = {0};
        mem_fail_after(n);
        assay_code code =
            image_container_open("many.parquet", CONTAINER_PARQUET, 20000, 1, &r, &err);
        const bool opened = code == ASSAY_OK;
        if (opened)
            code = image_container_prefetch(r, 5, 100, &err);
        mem_fail_after(UINT64_MAX);
        assert_true(opened == (r != NULL));
        image_container_close(r);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK) {
            assert_true(n > 5);
            return;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
}

static int start(void **state)
{
    return listed_make_folder(state) ||
           duck_open(&db, &(duck_options){.thread_count = 1}, NULL) != ASSAY_OK;
}

static int stop(void **state)
{
    duck_close(&db);
    return listed_drop_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_index_the_names_in_the_metadata),
        cmocka_unit_test(files_of_a_folder_are_splits),
        cmocka_unit_test(other_columns_are_read_afterwards),
        cmocka_unit_test(files_without_images_are_refused),
        cmocka_unit_test(bytes_come_in_runs_forward_and_back),
        cmocka_unit_test(large_images_come_in_windows),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
