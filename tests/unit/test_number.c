/* Numbers: the nearest double, as the C library reads it, whatever the digits. */
#include "support/check.h"

#include "base/rng.h"
#include "store/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_same_bits(const char *text)
{
    double value;
    const double expected = strtod(text, NULL);
    const number_kind kind = number_parse(text, strlen(text), &value);
    assert_int_equal(kind, isfinite(expected) ? NUMBER_FINE : NUMBER_NOT_FINITE);
    if (memcmp(&value, &expected, sizeof value) != 0)
        fail_msg("%s: %.17g instead of %.17g", text, value, expected);
}

static void numbers_are_the_nearest_double(void **state)
{
    (void)state;
    const char *table[] = {"0",
                           "-0",
                           "0.0",
                           "1",
                           "+1",
                           "-1.5",
                           ".5",
                           "5.",
                           "0.1",
                           "0.734325",
                           "1e0",
                           "1E+2",
                           "1e-2",
                           "9007199254740993",
                           "9007199254740992.5",
                           "18446744073709551615",
                           "18446744073709551616",
                           "0.30000000000000004",
                           "2.2250738585072014e-308",
                           "4.9e-324",
                           "1.7976931348623157e308",
                           "1e400",
                           "-1e400",
                           "1e-400",
                           "123456789012345678901234567890",
                           "0.000000000000000000000000000001",
                           "1000000000000000000000000000000",
                           "9007199254740993e0",
                           "1.00000000000000011102230246251565",
                           "0.5000000000000000000000000000000000000001",
                           "8.988465674311579e307",
                           "5e-324",
                           "1e23",
                           "1e22",
                           "00000000000000000000000000001.5",
                           "72057594037927945",
                           "7.2057594037927945e16"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect_same_bits(table[i]);
}

static void printed_doubles_come_back(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 7, 0);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        const int digits = 1 + (int)rng_below(&r, 20);
        const double x = ldexp(rng_unit(&r), (int)rng_below(&r, 120) - 60);
        snprintf(text, sizeof text, i % 2 ? "%.*g" : "%.*e", digits, x);
        expect_same_bits(text);
    }
}

static void what_is_no_number_is_told_apart(void **state)
{
    (void)state;
    double value;
    const char *bad[] = {"x",    "1x",  "--1", "1e",   "1e+", ".",  "-",     "+",
                         "0x10", "1,5", "1 2", "nanx", "nax", "in", "1.2.3", "e5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(number_parse(bad[i], strlen(bad[i]), &value), NUMBER_BAD);
        assert_true(isnan(value));
    }
    const char *not_finite[] = {"nan", "NaN", "-nan", "inf", "-INF", "Infinity", "+infinity"};
    for (size_t i = 0; i < sizeof not_finite / sizeof *not_finite; i++)
        assert_int_equal(number_parse(not_finite[i], strlen(not_finite[i]), &value),
                         NUMBER_NOT_FINITE);
    assert_int_equal(number_parse("", 0, &value), NUMBER_EMPTY);
    assert_int_equal(number_parse("  ", 2, &value), NUMBER_EMPTY);
    const char *missing[] = {"NA", "n/a", "null", "NULL", "None", " none "};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        assert_int_equal(number_parse(missing[i], strlen(missing[i]), &value), NUMBER_EMPTY);
        assert_true(isnan(value));
    }
    assert_int_equal(number_parse(" 2 ", 3, &value), NUMBER_FINE);
    assert_true(value == 2.0);
    char longest[2000];
    memset(longest, '1', sizeof longest);
    assert_int_equal(number_parse(longest, sizeof longest, &value), NUMBER_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_nearest_double),
        cmocka_unit_test(printed_doubles_come_back),
        cmocka_unit_test(what_is_no_number_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
