#include "base/utf8.h"

#include "support/check.h"

#include <string.h>

/* The plain rule of the Unicode standard, one code point at a time: its encoding, or 0 bytes. */
static size_t encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00u >> length & 0xFF) | code);
    return length;
}

static void every_code_point_but_the_surrogates_is_valid(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        const size_t length = encode(code, bytes);
        const size_t expected = code >= 0xD800 && code <= 0xDFFF ? 0 : length;
        assert_int_equal(utf8_valid(bytes, length), expected);
        for (size_t cut = 1; cut < length; cut++)
            assert_int_equal(utf8_valid(bytes, cut), 0);
    }
}

static void what_no_encoder_writes_is_refused_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *why, *bytes;
    } bad[] = {
        {"a lone continuation", "\x80"},
        {"two bytes for one", "\xC0\xAF"},
        {"two bytes for the last of one", "\xC1\xBF"},
        {"three bytes for two", "\xE0\x9F\xBF"},
        {"four bytes for three", "\xF0\x8F\xBF\xBF"},
        {"beyond the last code point", "\xF4\x90\x80\x80"},
        {"five bytes", "\xF8\x88\x80\x80\x80"},
        {"no lead byte at all", "\xFF"},
        {"a lead without its continuation", "\xC3("},
        {"a surrogate", "\xED\xA0\x80"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t before = 0; before < 20; before++) {
            char text[64];
            memset(text, 'a', sizeof text);
            memcpy(text + before, bad[i].bytes, strlen(bad[i].bytes));
            if (utf8_valid(text, sizeof text) != before)
                fail_msg("%s behind %zu letters", bad[i].why, before);
        }
    }
}

static void nothing_is_valid_and_zero_bytes_are_characters(void **state)
{
    (void)state;
    assert_int_equal(utf8_valid("", 0), 0);
    assert_int_equal(utf8_valid("a\0b", 3), 3);
}

static void a_cut_falls_back_to_the_last_whole_character(void **state)
{
    (void)state;
    /* Starts of characters: 0, 1, 3, 6, 10. */
    static const char text[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t length = 0; length < sizeof expected / sizeof *expected; length++)
        assert_int_equal(utf8_whole(text, length), expected[length]);
}

static void columns_follow_what_a_terminal_draws(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"cat", 3},
        {"caf\xC3\xA9", 4},
        {"cafe\xCC\x81", 4},             /* e and a combining accent */
        {"\xE7\x8C\xAB", 2},             /* a CJK ideograph */
        {"\xED\x95\x9C\xEA\xB8\x80", 4}, /* two Hangul syllables */
        {"\xEF\xBD\xB1", 1},             /* a half-width katakana */
        {"\xF0\x9F\x98\x80!", 3},        /* an emoji */
        {"a\xE2\x80\x8B"
         "b",
         2},                             /* a zero-width space */
        {"a\tb\x7F", 2},                 /* controls */
        {"\xE2\x94\x80\xE2\x96\x88", 2}, /* box drawing, block */
        {"\xD0\xBA\xD0\xBE\xD1\x82", 3}, /* Cyrillic */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(utf8_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns);
}

static void a_prefix_that_fits_is_the_longest_one(void **state)
{
    (void)state;
    /* a, an ideograph of two columns, e with a combining accent, an emoji of two. */
    static const char text[] = "a\xE7\x8C\xAB"
                               "e\xCC\x81\xF0\x9F\x98\x80";
    static const size_t expected[] = {0, 1, 1, 4, 7, 7, 11, 11};
    for (size_t columns = 0; columns < sizeof expected / sizeof *expected; columns++) {
        const size_t fit = utf8_fit(text, sizeof text - 1, columns);
        assert_int_equal(fit, expected[columns]);
        assert_true(utf8_columns(text, fit) <= columns);
    }
}

static void controls_are_of_one_byte_or_two(void **state)
{
    (void)state;
    static const char *const without[] = {"", "caf\xc3\xa9 ~", "\xc2\xa0", "\xe2\x80\xae",
                                          "\xc3\x80"};
    static const char *const with[] = {"a\n", "\tb", "\x1b", "\x7f", "a\xc2\x80", "\xc2\x9f_"};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        assert_false(utf8_has_controls(without[i], strlen(without[i])));
    for (size_t i = 0; i < sizeof with / sizeof *with; i++)
        assert_true(utf8_has_controls(with[i], strlen(with[i])));
    assert_true(utf8_has_controls("a\0b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_but_the_surrogates_is_valid),
        cmocka_unit_test(what_no_encoder_writes_is_refused_where_it_stands),
        cmocka_unit_test(nothing_is_valid_and_zero_bytes_are_characters),
        cmocka_unit_test(a_cut_falls_back_to_the_last_whole_character),
        cmocka_unit_test(columns_follow_what_a_terminal_draws),
        cmocka_unit_test(a_prefix_that_fits_is_the_longest_one),
        cmocka_unit_test(controls_are_of_one_byte_or_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
