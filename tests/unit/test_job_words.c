/* What a command says becomes a message that fits, is whole, and does nothing to who shows it. */
#include "server/job_words.h"
#include "support/check.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static job_words said;
static char out[JOB_WORDS_BYTES_MOST + 1];

static void say(const char *words)
{
    job_words_take(&said, words, strlen(words));
}

/* The message; it is whole, of its length, and within its limits. */
static const char *shown(bool ending)
{
    const size_t length = job_words_show(&said, ending, out);
    assert_int_equal(strlen(out), length);
    assert_int_equal(utf8_valid(out, length), length);
    for (size_t i = 0; i < length; i++) {
        if (out[i] != '\n' && utf8_has_controls(out + i, 1))
            fail_msg("a control at %zu", i);
    }
    return out;
}

static void begin(void)
{
    said = (job_words){0};
}

static void what_fits_is_told_as_it_is(void **state)
{
    (void)state;
    begin();
    assert_string_equal(shown(false), "");
    assert_string_equal(shown(true), "");
    say("vit: predictions added\n  id   path\n");
    say("caf\xc3\xa9 \\ \"x\"");
    for (int ending = 0; ending < 2; ending++)
        assert_string_equal(shown(ending),
                            "vit: predictions added\n  id   path\ncaf\xc3\xa9 \\ \"x\"");
}

static void nothing_acts_on_who_shows_it(void **state)
{
    (void)state;
    begin();
    job_words_take(&said, "\x1b[2J\0\a\t\r\x7f\xc2\x9b\xe2\x80\xae\xff\xe2\x82\n", 18);
    for (int ending = 0; ending < 2; ending++)
        assert_string_equal(shown(ending),
                            "\\x1b[2J\\x00\\x07\\x09\\x0d\\x7f\\x9b\\u202e\\xff\\xe2\\x82\n");
}

static void the_name_of_the_command_begins_no_line(void **state)
{
    (void)state;
    begin();
    say("assay: pets.assay: is being written by assay embed; waiting for it\nassay: a.csv: assay: "
        "no\n");
    for (int ending = 0; ending < 2; ending++)
        assert_string_equal(shown(ending), "pets.assay: is being written by assay embed; waiting "
                                           "for it\na.csv: assay: no\n");
}

static void too_much_is_cut_at_whole_lines(void **state)
{
    (void)state;
    begin();
    char line[64];
    for (int i = 0; i < 500; i++) {
        snprintf(line, sizeof line, "line %03d caf\xc3\xa9\n", i);
        say(line);
    }
    /* 15 bytes a line, and four of the mark. */
    assert_int_equal(strlen(shown(false)), 4084);
    assert_int_equal(strncmp(out, "line 000 caf\xc3\xa9\nline 001", 23), 0);
    assert_string_equal(out + strlen(out) - 4 - 15, "line 271 caf\xc3\xa9\n…\n");
    assert_int_equal(strlen(shown(true)), 4084);
    assert_int_equal(strncmp(out, "…\nline 228 caf\xc3\xa9\n", 19), 0);
    assert_string_equal(out + strlen(out) - 15, "line 499 caf\xc3\xa9\n");
}

/* One line without an end, so that the cut falls at each place of a character. */
static void a_line_that_is_too_long_is_cut_at_whole_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t c = 0; c < 3; c++) {
        for (size_t before = 0; before < 5; before++) {
            begin();
            job_words_take(&said, "aaaaa", before);
            for (int i = 0; i < 3000; i++)
                say(characters[c]);
            job_words_take(&said, "zzzzz", 5 - before);
            assert_true(strlen(shown(false)) > JOB_WORDS_BYTES_MOST - 8);
            assert_null(strstr(out, "\\x"));
            assert_string_equal(out + strlen(out) - 4, "…\n");
            assert_true(strlen(shown(true)) > JOB_WORDS_BYTES_MOST - 8);
            assert_null(strstr(out, "\\x"));
            assert_int_equal(strncmp(out, "…\n", 4), 0);
        }
    }
}

static void what_grows_by_being_shown_fits_too(void **state)
{
    (void)state;
    for (size_t length = 1000; length <= 5000; length += 100) {
        begin();
        for (size_t i = 0; i < length; i++)
            job_words_take(&said, "\x01", 1);
        for (int ending = 0; ending < 2; ending++) {
            const bool cut = strlen(shown(ending)) != 4 * length;
            assert_int_equal(cut, 4 * length > JOB_WORDS_BYTES_MOST);
            /* Whole escapes alone. */
            assert_int_equal(strlen(out) % 4, 0);
            const char *first = ending && cut ? out + 4 : out;
            assert_int_equal(strncmp(first, "\\x01", 4), 0);
        }
    }
}

static void it_does_not_matter_in_which_pieces_it_comes(void **state)
{
    (void)state;
    static char words[20000], expected[2][JOB_WORDS_BYTES_MOST + 1];
    for (size_t i = 0; i < sizeof words; i++)
        words[i] = i % 37 == 36 ? '\n' : (char)('a' + i % 23);
    for (size_t total = 4000; total <= sizeof words; total += 1600) {
        begin();
        job_words_take(&said, words, total);
        for (int ending = 0; ending < 2; ending++)
            strcpy(expected[ending], shown(ending));
        for (size_t piece = 1; piece < 6000; piece = piece * 3 + 1) {
            begin();
            for (size_t at = 0; at < total; at += piece)
                job_words_take(&said, words + at, total - at < piece ? total - at : piece);
            for (int ending = 0; ending < 2; ending++)
                assert_string_equal(shown(ending), expected[ending]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_told_as_it_is),
        cmocka_unit_test(nothing_acts_on_who_shows_it),
        cmocka_unit_test(the_name_of_the_command_begins_no_line),
        cmocka_unit_test(too_much_is_cut_at_whole_lines),
        cmocka_unit_test(a_line_that_is_too_long_is_cut_at_whole_characters),
        cmocka_unit_test(what_grows_by_being_shown_fits_too),
        cmocka_unit_test(it_does_not_matter_in_which_pieces_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
