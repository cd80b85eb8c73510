#include "assay/err.h"

#include "support/check.h"

#include <string.h>

static void a_failure_carries_its_code_and_message(void **state)
{
    (void)state;
    assay_err err = {0};
    const assay_code code =
        assay_fail(&err, ASSAY_E_INPUT, "%s:%d: class '%s' is unknown", "labels.csv", 4012, "dgo");
    assert_int_equal(code, ASSAY_E_INPUT);
    assert_int_equal(err.code, ASSAY_E_INPUT);
    assert_string_equal(err.msg, "labels.csv:4012: class 'dgo' is unknown");
}

static void a_failure_that_nobody_wants_to_read_is_only_a_code(void **state)
{
    (void)state;
    assert_int_equal(assay_fail(NULL, ASSAY_E_NOMEM, "out of memory for %d rows", 3),
                     ASSAY_E_NOMEM);
}

static void a_message_that_just_fits_is_kept_whole(void **state)
{
    (void)state;
    char longest[ASSAY_ERR_MSG_SIZE];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assay_err err = {0};
    assert_int_equal(assay_fail(&err, ASSAY_E_IO, "%s", longest), ASSAY_E_IO);
    assert_string_equal(err.msg, longest);
}

static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    /* Three-byte characters behind 0, 1 and 2 bytes: the cut falls at each place of a character. */
    for (size_t before = 0; before < 3; before++) {
        char message[ASSAY_ERR_MSG_SIZE + 100];
        size_t length = before;
        memset(message, 'x', before);
        while (length + 4 < sizeof message) {
            memcpy(message + length, "\xE2\x82\xAC", 3);
            length += 3;
        }
        message[length] = '\0';
        assay_err err = {0};
        assert_int_equal(assay_fail(&err, ASSAY_E_INPUT, "%s", message), ASSAY_E_INPUT);
        const size_t kept = strlen(err.msg);
        assert_int_equal((kept - before) % 3, 0);
        assert_in_range(kept, ASSAY_ERR_MSG_SIZE - 3, ASSAY_ERR_MSG_SIZE - 1);
        assert_memory_equal(err.msg, message, kept);
    }
}

static void a_message_cannot_act_on_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *given, *kept;
    } cases[] = {
        {"a\nb", "a\nb"},
        {"\x1b[2J\r\x7f", "\\x1b[2J\\x0d\\x7f"},
        {"\xc2\x9b\xc3\xa9\xff", "\\x9b\xc3\xa9\\xff"},
        {"\xe2\x80\xae"
         "a\xe2\x82",
         "\\u202ea\\xe2\\x82"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assay_err err = {0};
        assert_int_equal(assay_fail(&err, ASSAY_E_INPUT, "%s", cases[i].given), ASSAY_E_INPUT);
        assert_string_equal(err.msg, cases[i].kept);
    }
    /* What grows is cut before an escape, never within. */
    char bells[ASSAY_ERR_MSG_SIZE];
    memset(bells, '\a', sizeof bells - 1);
    bells[sizeof bells - 1] = '\0';
    assay_err err = {0};
    assert_int_equal(assay_fail(&err, ASSAY_E_INPUT, "%s", bells), ASSAY_E_INPUT);
    assert_int_equal(strlen(err.msg), (ASSAY_ERR_MSG_SIZE - 1) / 4 * 4);
}

static void every_kind_of_failure_has_an_exit_status_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(assay_exit_status(ASSAY_OK), 0);
    assert_int_equal(assay_exit_status(ASSAY_E_USAGE), 2);
    assert_int_equal(assay_exit_status(ASSAY_E_INPUT), 10);
    for (assay_code a = ASSAY_E_INPUT; a <= ASSAY_E_INTERNAL; a++) {
        assert_in_range(assay_exit_status(a), 10, 125);
        for (assay_code b = ASSAY_OK; b < a; b++)
            assert_int_not_equal(assay_exit_status(a), assay_exit_status(b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_carries_its_code_and_message),
        cmocka_unit_test(a_failure_that_nobody_wants_to_read_is_only_a_code),
        cmocka_unit_test(a_message_that_just_fits_is_kept_whole),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_message_cannot_act_on_a_terminal),
        cmocka_unit_test(every_kind_of_failure_has_an_exit_status_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
