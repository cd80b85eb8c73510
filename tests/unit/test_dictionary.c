/* Texts get codes in the order in which they come, and keep them; ids that occur twice are found.
 */
#include "support/check.h"

#include "base/rng.h"
#include "store/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void texts_keep_their_codes(void **state)
{
    (void)state;
    enum { TEXTS = 50000 };
    dictionary d = {0};
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < TEXTS; i++) {
            char text[32];
            const size_t length = (size_t)snprintf(text, sizeof text, "%.*s%u", (int)(i % 20),
                                                   "xxxxxxxxxxxxxxxxxxxx", i);
            uint32_t code;
            assert_int_equal(dictionary_add(&d, text, length, text_hash(text, length), &code, NULL),
                             ASSAY_OK);
            assert_int_equal(code, i);
            size_t kept;
            assert_memory_equal(dictionary_text(&d, code, &kept), text, length);
            assert_int_equal(kept, length);
        }
    }
    assert_int_equal(d.count, TEXTS);
    assert_int_equal(dictionary_find(&d, "none", 4, text_hash("none", 4)), DICTIONARY_NONE);
    dictionary_clear(&d);
    assert_int_equal(dictionary_find(&d, "x", 1, text_hash("x", 1)), DICTIONARY_NONE);
}

static void equal_hashes_do_not_make_equal_texts(void **state)
{
    (void)state;
    dictionary d = {0};
    uint32_t a;
    uint32_t b;
    uint32_t empty;
    assert_int_equal(dictionary_add(&d, "one", 3, 42, &a, NULL), ASSAY_OK);
    assert_int_equal(dictionary_add(&d, "two", 3, 42, &b, NULL), ASSAY_OK);
    assert_int_equal(dictionary_add(&d, "", 0, 42, &empty, NULL), ASSAY_OK);
    assert_int_equal(b, 1);
    assert_int_equal(empty, 2);
    assert_int_equal(dictionary_find(&d, "one", 3, 42), a);
    dictionary_clear(&d);
}

static void every_byte_and_the_length_change_the_hash(void **state)
{
    (void)state;
    char text[64] = {0};
    for (size_t length = 1; length < sizeof text; length++) {
        const uint64_t before = text_hash(text, length);
        assert_true(before != text_hash(text, length - 1));
        for (size_t i = 0; i < length; i++) {
            text[i] = 1;
            assert_true(text_hash(text, length) != before);
            text[i] = 0;
        }
    }
}

static void a_repeat_among_many_is_suspected(void **state)
{
    (void)state;
    enum { MANY = 300000 };
    uint64_t *hash = malloc(MANY * sizeof *hash);
    rng r;
    rng_init(&r, 3, 0);
    for (size_t i = 0; i < MANY; i++)
        hash[i] = i % 1000 == 0 ? 0 : rng_next(&r);
    bool may = true;
    for (int threads = 1; threads <= 2; threads++) {
        assert_int_equal(ids_may_repeat(hash, MANY, threads, &may, NULL), ASSAY_OK);
        assert_false(may);
    }
    const uint64_t kept = hash[MANY - 1];
    hash[MANY - 1] = hash[7];
    assert_int_equal(ids_may_repeat(hash, MANY, 2, &may, NULL), ASSAY_OK);
    assert_true(may);
    hash[MANY - 1] = kept;
    for (size_t i = 0; i < 20000; i++) /* too many for one bucket */
        hash[i] = i + 1;
    assert_int_equal(ids_may_repeat(hash, MANY, 2, &may, NULL), ASSAY_OK);
    assert_true(may);
    free(hash);
}

static void repeated_ids_name_the_first_row(void **state)
{
    (void)state;
    const uint64_t start[] = {0, 1, 2, 2, 3, 3, 4};
    bad_rows repeats = {0};
    id_texts ids = {start, "abba", 6, NULL};
    assert_int_equal(ids_find_repeats(&ids, &repeats, NULL), ASSAY_OK);
    assert_int_equal(repeats.count, 2);
    assert_int_equal(repeats.first[0].row, 3);
    assert_string_equal(repeats.first[0].what, "id 'b' is already in row 2");
    assert_string_equal(repeats.first[1].what, "id 'a' is already in row 1");
    const atomic_bool stopped = true;
    ids.progress = &(progress){.stop = &stopped};
    assert_int_equal(ids_find_repeats(&ids, &repeats, NULL), ASSAY_E_CANCELLED);
}

static void a_failed_allocation_changes_nothing(void **state)
{
    (void)state;
    const size_t live = mem_live();
    dictionary d = {0};
    uint64_t failed = 0;
    for (uint32_t i = 0; i < 500; i++) {
        char text[8];
        const size_t length = (size_t)snprintf(text, sizeof text, "%u", i);
        const uint32_t before = d.count;
        uint32_t code;
        mem_fail_after(0);
        const assay_code first =
            dictionary_add(&d, text, length, text_hash(text, length), &code, NULL);
        mem_fail_after(UINT64_MAX);
        if (first != ASSAY_OK) {
            failed++;
            assert_int_equal(first, ASSAY_E_NOMEM);
            assert_int_equal(d.count, before);
            assert_int_equal(dictionary_add(&d, text, length, text_hash(text, length), &code, NULL),
                             ASSAY_OK);
        }
        assert_int_equal(code, i);
    }
    assert_true(failed > 5);
    dictionary_clear(&d);
    assert_int_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_keep_their_codes),
        cmocka_unit_test(equal_hashes_do_not_make_equal_texts),
        cmocka_unit_test(every_byte_and_the_length_change_the_hash),
        cmocka_unit_test(a_repeat_among_many_is_suspected),
        cmocka_unit_test(repeated_ids_name_the_first_row),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
