/* What is written reads back. */
#include "base/quoting.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "support/check.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct written {
    const char *raw;
    size_t length;
    const char *csv, *json;
} written;

#define RAW(s) s, sizeof(s) - 1

static void texts_are_quoted_where_a_reader_would_stumble(void **state)
{
    (void)state;
    static const written cases[] = {
        {RAW("plain"), "plain", "\"plain\""},
        {RAW(""), "\"\"", "\"\""},
        {RAW("a,b"), "\"a,b\"", "\"a,b\""},
        {RAW("say \"no\""), "\"say \"\"no\"\"\"", "\"say \\\"no\\\"\""},
        {RAW("\""), "\"\"\"\"", "\"\\\"\""},
        {RAW("two\nlines"), "\"two\nlines\"", "\"two\\nlines\""},
        {RAW("a\rb"), "\"a\rb\"", "\"a\\u000db\""},
        {RAW(" ends "), "\" ends \"", "\" ends \""},
        {RAW("tab\tin"), "tab\tin", "\"tab\\tin\""},
        {RAW("back\\slash"), "back\\slash", "\"back\\\\slash\""},
        {RAW("\xff stray"), "\\xff stray", "\"\\\\xff stray\""},
        {RAW("日本"), "日本", "\"日本\""},
        {RAW("zero\0byte"), "zero\0byte", "\"zero\\u0000byte\""},
        {RAW("\033[31m"), "\033[31m", "\"\\u001b[31m\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out;
        text_init(&out, 1000);
        quote_csv(&out, cases[i].raw, cases[i].length);
        assert_string_equal(text_view(&out), cases[i].csv);
        text_clear(&out);
        quote_json(&out, cases[i].raw, cases[i].length);
        assert_string_equal(text_view(&out), cases[i].json);
        json_t *again =
            json_loadb(text_view(&out), out.length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(again);
        json_decref(again);
        text_clear(&out);
    }
}

/* The obvious: the first of three lengths that reads back. */
static void print_slowly(double value, char out[64])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, 64, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            return;
    }
}

static void reads_back(double value)
{
    text out;
    text_init(&out, 100);
    put_real(&out, value);
    char slow[64];
    print_slowly(value, slow);
    assert_string_equal(text_view(&out), slow);
    assert_int_equal(text_check(&out, NULL), ASSAY_OK);
    assert_null(strchr(text_view(&out), ','));
    const double again = strtod(text_view(&out), NULL);
    assert_memory_equal(&again, &value, sizeof value);
    text_clear(&out);
}

static void numbers_read_back_to_the_same_bits(void **state)
{
    (void)state;
    static const double special[] = {0.0,
                                     -0.0,
                                     1e-320,
                                     5e-324,
                                     1.7976931348623157e308,
                                     0.1,
                                     1e22,
                                     1e23,
                                     123456789012345680.0,
                                     -1.0 / 3};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        reads_back(special[i]);
    print_message("# seed 20260731\n");
    rng r;
    rng_init(&r, 20260731, 0);
    for (size_t i = 0; i < 100000; i++) {
        const uint64_t bits = rng_next(&r);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            reads_back(value);
        reads_back(rng_unit(&r));
        reads_back((double)(float)rng_unit(&r));
        reads_back(-1e6 * rng_unit(&r));
        reads_back(1e15 * rng_unit(&r));
        reads_back((double)rng_below(&r, 1000000) / 1000);
        reads_back((double)rng_below(&r, (uint64_t)1 << 53));
    }
}

static void short_numbers_stay_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *shown;
    } cases[] = {{0.1, "0.1"},
                 {3, "3"},
                 {-0.0, "-0"},
                 {1e300, "1e+300"},
                 {(double)NAN, "nan"},
                 {(double)INFINITY, "inf"},
                 {-(double)INFINITY, "-inf"},
                 {0.1 + 0.2, "0.30000000000000004"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out;
        text_init(&out, 100);
        put_real(&out, cases[i].value);
        assert_string_equal(text_view(&out), cases[i].shown);
        text_clear(&out);
    }
}

static void a_comma_of_the_locale_is_not_written(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        if (!setlocale(LC_NUMERIC, locales[i]))
            continue;
        text out;
        text_init(&out, 100);
        put_real(&out, 0.25);
        assert_string_equal(text_view(&out), "0.25");
        text_clear(&out);
        setlocale(LC_NUMERIC, "C");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_quoted_where_a_reader_would_stumble),
        cmocka_unit_test(numbers_read_back_to_the_same_bits),
        cmocka_unit_test(short_numbers_stay_short),
        cmocka_unit_test(a_comma_of_the_locale_is_not_written),
    };
    return cmocka_run_group_tests_name("quoting", tests, NULL, NULL);
}
