/* Items of IDX and .npy files as pixels. */
#include "support/listed.h"

#include "store/image_bytes.h"

#include <string.h>

/* Item i of a file of bytes 0, 1, 2, … */
static void expect_item(const char *path, container_kind kind, uint64_t count, const image_item *as)
{
    image_container_reader *r;
    assay_err err = {0};
    if (image_container_open(path, kind, count, 1, &r, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(image_container_prefetch(r, 0, count, &err), ASSAY_OK);
    for (uint64_t i = 0; i < count; i++) {
        image_item item;
        assert_int_equal(image_container_item(r, i, &item, &err), ASSAY_OK);
        assert_true(item.raw);
        assert_int_equal(item.width, as->width);
        assert_int_equal(item.height, as->height);
        assert_int_equal(item.channels, as->channels);
        assert_int_equal(item.length, item.width * item.height * item.channels);
        for (size_t b = 0; b < item.length; b++)
            assert_int_equal(item.at[b], (uint8_t)(i * item.length + b));
    }
    image_item item = {.width = 9};
    assert_int_equal(image_container_item(r, count, &item, &err), ASSAY_E_INPUT);
    assert_int_equal(item.width, 0);
    assert_int_equal(image_container_prefetch(r, count, 1, &err), ASSAY_E_INTERNAL);
    image_container_close(r);
}

static void items_are_pixels(void **state)
{
    (void)state;
    uint8_t bytes[90];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    const size_t live = mem_live();
    listed_put_idx("a.idx", (const uint32_t[]){5, 2, 3}, 3);
    expect_item("a.idx", CONTAINER_IDX, 5, &(image_item){.height = 2, .width = 3, .channels = 1});
    listed_put_idx("a.idx.gz", (const uint32_t[]){5, 2, 3, 3}, 4);
    expect_item("a.idx.gz", CONTAINER_IDX, 5,
                &(image_item){.height = 2, .width = 3, .channels = 3});
    listed_put_npy("a.npy", "|u1", "5, 2, 3", bytes, 30);
    expect_item("a.npy", CONTAINER_NPY, 5, &(image_item){.height = 2, .width = 3, .channels = 1});
    listed_put_npy("b.npy", "|u1", "5, 2, 3, 3", bytes, 90);
    expect_item("b.npy", CONTAINER_NPY, 5, &(image_item){.height = 2, .width = 3, .channels = 3});
    assert_int_equal(mem_live(), live);
}

typedef struct bad_container {
    const char *path;
    container_kind kind;
    uint64_t count;
    assay_code code;
    const char *message;
} bad_container;

static void changed_containers_are_refused(void **state)
{
    (void)state;
    listed_put("text", "nothing here", 12);
    const bad_container table[] = {
        {"a.idx", CONTAINER_IDX, 6, ASSAY_E_INPUT,
         "a.idx: has 5 images, and had 6 when they were listed"},
        {"a.npy", CONTAINER_NPY, 4, ASSAY_E_INPUT,
         "a.npy: has 5 images, and had 4 when they were listed"},
        {"gone", CONTAINER_IDX, 4, ASSAY_E_NOT_FOUND, "gone: there is no such file"},
        {"text", CONTAINER_IDX, 4, ASSAY_E_INPUT, "text: is not an IDX file"},
        {"text", CONTAINER_NPY, 4, ASSAY_E_INPUT, "text: is not an .npy file"},
        {"text", CONTAINER_PARQUET, 4, ASSAY_E_INPUT, "text: is not a Parquet file"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        image_container_reader *r = (image_container_reader *)(uintptr_t)1;
        assay_err err = {0};
        assert_int_equal(
            image_container_open(table[i].path, table[i].kind, table[i].count, 1, &r, &err),
            table[i].code);
        assert_string_equal(err.msg, table[i].message);
        assert_null(r);
    }
}

static void memory_may_run_out_at_any_point(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        image_container_reader *r = NULL;
        mem_fail_after(n);
        const assay_code code = image_container_open("a.idx.gz", CONTAINER_IDX, 5, 1, &r, NULL);
        mem_fail_after(UINT64_MAX);
        image_container_close(r);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK) {
            assert_true(n > 2);
            return;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_pixels),
        cmocka_unit_test(changed_containers_are_refused),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
