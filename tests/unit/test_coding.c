/* ETags are compared as HTTP says, Accept-Encoding is read as HTTP says, and packing is undone. */
#include "server/coding.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <string.h>

static void an_etag_names_revision_server_and_request(void **state)
{
    (void)state;
    char a[ETAG_BYTES], b[ETAG_BYTES];
    coding_etag(17, 5, "/api/project", a);
    assert_int_equal(strncmp(a, "W/\"11-", 6), 0);
    assert_int_equal(strlen(a), 23);
    coding_etag(17, 5, "/api/project", b);
    assert_string_equal(a, b);
    coding_etag(18, 5, "/api/project", b);
    assert_string_not_equal(a, b);
    coding_etag(17, 6, "/api/project", b);
    assert_string_not_equal(a, b);
    coding_etag(17, 5, "/api/project?x", b);
    assert_string_not_equal(a, b);
    coding_etag(UINT64_MAX, UINT64_MAX, "", b);
    assert_true(coding_matches(b, b));
}

static void what_the_browser_has_is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool matches;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"W/\"a-1\"", true},
        {"\"a-1\"", true},
        {"*", true},
        {"\"b\"", false},
        {"\"a-11\"", false},
        {"\"xa-1\"", false},
        {"\"b\", W/\"a-1\"", true},
        {"W/\"a-1\",\"b\"", true},
        {"  \"a-1\"  ", true},
        {"\"b\",\"c\"", false},
        {",,,", false},
        {"a-1", false},
        {"W/", false},
        {"\"a-1\"x", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(coding_matches(cases[i].header, "W/\"a-1\""), cases[i].matches);
}

static void gzip_is_sent_to_who_takes_it(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool accepts;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"gzip", true},
        {"GZip", true},
        {"gzip, br", true},
        {"br, gzip", true},
        {"br,gzip;q=0.1", true},
        {"gzip;q=0", false},
        {"gzip; q=0.000", false},
        {"gzip ; q=1", true},
        {"*", true},
        {"*;q=0", false},
        {"*, gzip;q=0", false},
        {"gzip;q=0, *", false},
        {"identity", false},
        {"gzipped", false},
        {"xgzip", false},
        {"br;q=1.0", false},
        {",,", false},
        {"gzip;q=", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (coding_accepts_gzip(cases[i].header) != cases[i].accepts)
            fail_msg("'%s'", cases[i].header ? cases[i].header : "(none)");
    }
}

static void what_is_packed_is_unpacked(void **state)
{
    (void)state;
    char words[40000];
    for (size_t i = 0; i < sizeof words; i++)
        words[i] = (char)('a' + i * i % 7);
    text packed, back;
    assert_int_equal(coding_pack(words, sizeof words, &packed, NULL), ASSAY_OK);
    assert_true(packed.length < sizeof words / 10);
    assert_int_equal((unsigned char)packed.at[0], 0x1f);
    assert_int_equal((unsigned char)packed.at[1], 0x8b);
    assert_int_equal(coding_unpack(packed.at, packed.length, sizeof words, &back, NULL), ASSAY_OK);
    assert_int_equal(back.length, sizeof words);
    assert_memory_equal(back.at, words, sizeof words);
    text_clear(&back);
    assay_err err;
    assert_int_equal(coding_unpack(packed.at, packed.length, sizeof words - 1, &back, &err),
                     ASSAY_E_INTERNAL);
    assert_int_equal(coding_unpack(packed.at, packed.length, sizeof words + 1, &back, &err),
                     ASSAY_E_INTERNAL);
    assert_int_equal(coding_unpack(packed.at, packed.length - 1, sizeof words, &back, &err),
                     ASSAY_E_INTERNAL);
    assert_int_equal(coding_unpack(words, 100, 100, &back, &err), ASSAY_E_INTERNAL);
    assert_null(back.at);
    text_clear(&packed);
}

static void what_does_not_shrink_is_left(void **state)
{
    (void)state;
    char noise[5000];
    rng r;
    rng_init(&r, 7, 0);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)rng_next(&r);
    static const size_t lengths[] = {0, 1, 2, 5000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        text packed;
        assert_int_equal(coding_pack(noise, lengths[i], &packed, NULL), ASSAY_E_LIMIT);
        assert_null(packed.at);
    }
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    static const char words[2000] = {0};
    text whole;
    assert_int_equal(coding_pack(words, sizeof words, &whole, NULL), ASSAY_OK);
    const size_t before = mem_live();
    for (int unpack = 0; unpack < 2; unpack++) {
        assay_code code = ASSAY_E_NOMEM;
        for (uint64_t n = 0; code == ASSAY_E_NOMEM; n++) {
            text out;
            mem_fail_after(n);
            code = unpack ? coding_unpack(whole.at, whole.length, sizeof words, &out, NULL)
                          : coding_pack(words, sizeof words, &out, NULL);
            mem_fail_after(UINT64_MAX);
            text_clear(&out);
            assert_int_equal(mem_live(), before);
            assert_true(n < 20);
        }
        assert_int_equal(code, ASSAY_OK);
    }
    text_clear(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_etag_names_revision_server_and_request),
        cmocka_unit_test(what_the_browser_has_is_recognised),
        cmocka_unit_test(gzip_is_sent_to_who_takes_it),
        cmocka_unit_test(what_is_packed_is_unpacked),
        cmocka_unit_test(what_does_not_shrink_is_left),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
