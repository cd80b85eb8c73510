/* Items of IDX and .npy files as pixels. */
#include "support/listed.h"

#include "store/image_bytes.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Item i of a file of bytes 0, 1, 2, … */
static void expect_item(const char *path, container_kind kind, uint64_t count, const image_item *as)
{
    image_container_reader *r;
    assay_err err = {0};
    if (image_container_open(path, kind, count, 1, &r, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(image_container_prefetch(r, 0, count, &err), ASSAY_OK);
    image_item_room room = {0};
    for (uint64_t i = 0; i < count; i++) {
        image_item item;
        assert_int_equal(image_container_item(r, i, &room, &item, &err), ASSAY_OK);
        assert_true(item.raw);
        assert_int_equal(item.width, as->width);
        assert_int_equal(item.height, as->height);
        assert_int_equal(item.channels, as->channels);
        assert_int_equal(item.length, item.width * item.height * item.channels);
        for (size_t b = 0; b < item.length; b++)
            assert_int_equal(item.at[b], (uint8_t)(i * item.length + b));
    }
    image_item item = {.width = 9};
    assert_int_equal(image_container_item(r, count, &room, &item, &err), ASSAY_E_INPUT);
    assert_int_equal(item.width, 0);
    assert_int_equal(image_container_prefetch(r, count, 1, &err), ASSAY_E_INTERNAL);
    image_container_close(r);
    image_item_room_clear(&room);
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

/* Items of 100 × 100 bytes, so that several are read at a time, and not all. */
enum { CUT_SIDE = 100, CUT_BYTES = CUT_SIDE * CUT_SIDE, CUT_COUNT = 40 };

static void expect_cut(const image_container_reader *r, uint64_t item, size_t left)
{
    image_item_room room = {0};
    image_item found = {.width = 9};
    assay_err err = {0};
    char message[200];
    snprintf(message, sizeof message,
             "the file that it is in was cut short: %zu of the %d bytes of item %d are left", left,
             CUT_BYTES, (int)item);
    assert_int_equal(image_container_item(r, item, &room, &found, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, message);
    assert_int_equal(found.width, 0);
    assert_null(found.at);
    assert_int_equal(image_container_copy(r, item, &room, &found, &err), ASSAY_E_INPUT);
    image_item_room_clear(&room);
}

static void expect_whole(const image_container_reader *r, uint64_t item, image_item_room *room)
{
    image_item found;
    assay_err err = {0};
    if (image_container_item(r, item, room, &found, &err) != ASSAY_OK)
        fail_msg("item %d: %s", (int)item, err.msg);
    for (size_t i = 0; i < CUT_BYTES; i++)
        assert_int_equal(found.at[i], (uint8_t)(item * CUT_BYTES + i));
}

/* Somebody cuts the file while a reader has it open, and puts it back. */
static void cut(const char *path, container_kind kind, size_t data_offset)
{
    image_container_reader *r;
    image_item_room room = {0};
    assert_int_equal(image_container_open(path, kind, CUT_COUNT, 1, &r, NULL), ASSAY_OK);
    expect_whole(r, 0, &room);
    const off_t end = (off_t)(data_offset + 9 * CUT_BYTES + 123);
    assert_int_equal(truncate(path, end), 0);
    for (uint64_t i = 0; i < 9; i++)
        expect_whole(r, i, &room);
    image_item_room_clear(&room);
    for (uint64_t i = 0; i < 9; i++)
        expect_whole(r, i, &room);
    expect_cut(r, 9, 123);
    expect_cut(r, 10, 0);
    expect_cut(r, CUT_COUNT - 1, 0);
    assert_int_equal(truncate(path, 0), 0);
    expect_cut(r, 0, 0);
    image_container_close(r);
    image_item_room_clear(&room);
}

static void a_file_cut_while_it_is_open_is_told_of(void **state)
{
    (void)state;
    enum { NPY_HEAD = 128, IDX_HEAD = 16 };
    static uint8_t bytes[NPY_HEAD + CUT_COUNT * CUT_BYTES];
    static const uint8_t idx[IDX_HEAD] = {0, 0, 8, 3,        0, 0, 0, CUT_COUNT,
                                          0, 0, 0, CUT_SIDE, 0, 0, 0, CUT_SIDE};
    const size_t live = mem_live();
    for (size_t i = 0; i < CUT_COUNT * CUT_BYTES; i++)
        bytes[NPY_HEAD + i] = (uint8_t)i;
    memcpy(bytes + NPY_HEAD - IDX_HEAD, idx, IDX_HEAD);
    listed_put("cut.idx", bytes + NPY_HEAD - IDX_HEAD, sizeof bytes - (NPY_HEAD - IDX_HEAD));
    cut("cut.idx", CONTAINER_IDX, IDX_HEAD);
    memset(bytes, ' ', NPY_HEAD);
    memcpy(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    static const char words[] =
        "{'descr': '|u1', 'fortran_order': False, 'shape': (40, 100, 100), }";
    memcpy(bytes + 10, words, sizeof words - 1);
    bytes[NPY_HEAD - 1] = '\n';
    listed_put("cut.npy", bytes, sizeof bytes);
    cut("cut.npy", CONTAINER_NPY, NPY_HEAD);
    assert_int_equal(mem_live(), live);
}

/* Rooms go from reader to reader, though one may have the address that another had. */
static void a_room_knows_whose_items_it_holds(void **state)
{
    (void)state;
    const size_t live = mem_live();
    image_item_room room = {0};
    const uint8_t ones[6] = {1, 1, 1, 1, 1, 1}, twos[6] = {2, 2, 2, 2, 2, 2};
    listed_put_npy("ones.npy", "|u1", "1, 2, 3", ones, 6);
    listed_put_npy("twos.npy", "|u1", "1, 2, 3", twos, 6);
    for (int i = 0; i < 4; i++) {
        image_container_reader *r;
        image_item item;
        const char *path = i % 2 ? "twos.npy" : "ones.npy";
        assert_int_equal(image_container_open(path, CONTAINER_NPY, 1, 1, &r, NULL), ASSAY_OK);
        assert_int_equal(image_container_item(r, 0, &room, &item, NULL), ASSAY_OK);
        assert_memory_equal(item.at, i % 2 ? twos : ones, 6);
        image_container_close(r);
    }
    image_item_room_clear(&room);
    assert_int_equal(mem_live(), live);
}

static void a_copy_outlives_the_reader(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.idx", "a.idx.gz"};
    for (size_t k = 0; k < 2; k++) {
        image_container_reader *r;
        image_item_room room = {0};
        image_item item;
        assert_int_equal(image_container_open(paths[k], CONTAINER_IDX, 5, 1, &r, NULL), ASSAY_OK);
        assert_int_equal(image_container_copy(r, 3, &room, &item, NULL), ASSAY_OK);
        image_container_close(r);
        for (size_t b = 0; b < item.length; b++)
            assert_int_equal(item.at[b], (uint8_t)(3 * item.length + b));
        image_item_room_clear(&room);
    }
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
        cmocka_unit_test(a_file_cut_while_it_is_open_is_told_of),
        cmocka_unit_test(a_room_knows_whose_items_it_holds),
        cmocka_unit_test(a_copy_outlives_the_reader),
        cmocka_unit_test(changed_containers_are_refused),
        cmocka_unit_test(memory_may_run_out_at_any_point),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
