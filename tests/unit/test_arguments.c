#include "cli/arguments.h"
#include "support/check.h"

#include <string.h>

static const char *const kinds[] = {"red", "green", NULL};

typedef struct parsed {
    bool flag;
    const char *name;
    uint64_t count;
    double real;
    int kind;
} parsed;

enum { SPEC_COUNT = 6 };

static void make_specs(parsed *p, option_spec *specs)
{
    *p = (parsed){.kind = -1};
    const option_spec made[SPEC_COUNT] = {
        {.help = "Heading"},
        {.name = "flag", .kind = OPTION_FLAG, .target = &p->flag, .help = "a flag"},
        {.name = "name",
         .kind = OPTION_TEXT,
         .target = &p->name,
         .argument = "NAME",
         .help = "a name",
         .letter = 'n'},
        {.name = "count",
         .kind = OPTION_COUNT,
         .target = &p->count,
         .argument = "N",
         .help = "a count",
         .low = 1,
         .high = 10},
        {.name = "real",
         .kind = OPTION_REAL,
         .target = &p->real,
         .argument = "X",
         .help = "a real",
         .low = 0.5,
         .high = 0.75},
        {.name = "kind",
         .kind = OPTION_CHOICE,
         .target = &p->kind,
         .argument = "KIND",
         .help = "a kind",
         .choices = kinds},
    };
    memcpy(specs, made, sizeof made);
}

static void a_letter_says_the_same_as_its_name(void **state)
{
    (void)state;
    parsed p;
    option_spec specs[SPEC_COUNT];
    make_specs(&p, specs);
    const char *const argv[] = {"-n", "-f", "file", "-"};
    option_words words;
    assert_int_equal(options_parse(specs, SPEC_COUNT, 4, argv, &words, NULL), ASSAY_OK);
    assert_string_equal(p.name, "-f");
    assert_int_equal(words.count, 2);
    text out;
    text_init(&out, 10000);
    options_help(specs, SPEC_COUNT, &out);
    assert_non_null(strstr(text_view(&out), "\n  -n, --name NAME             a name\n"));
    text_clear(&out);
}

static void every_kind_of_option_reaches_its_target(void **state)
{
    (void)state;
    parsed p;
    option_spec specs[SPEC_COUNT];
    make_specs(&p, specs);
    const char *const argv[] = {"file", "--flag", "--name", "a b", "--count=7", "--real",
                                "0.5",  "--kind", "green",  "--",  "--other"};
    option_words words;
    assert_int_equal(options_parse(specs, SPEC_COUNT, 11, argv, &words, NULL), ASSAY_OK);
    assert_true(p.flag);
    assert_string_equal(p.name, "a b");
    assert_int_equal(p.count, 7);
    assert_true(p.real == 0.5);
    assert_int_equal(p.kind, 1);
    assert_int_equal(words.count, 2);
    assert_string_equal(words.word[0], "file");
    assert_string_equal(words.word[1], "--other");
    assert_false(words.help);
}

static void bad_arguments_are_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *argv[2];
        int argc;
        const char *msg;
    } cases[] = {
        {{"--flga"}, 1, "there is no option --flga; did you mean --flag?"},
        {{"--zzzzzzzz"}, 1, "there is no option --zzzzzzzz; --help lists them"},
        {{"-x"}, 1, "there is no option -x; --help lists them"},
        {{"-nx", "y"}, 2, "there is no option -nx; --help lists them"},
        {{"-n"}, 1, "-n needs a value: NAME"},
        {{"-n", ""}, 2, "--name is empty; expected NAME"},
        {{"--flag=1"}, 1, "--flag takes no value"},
        {{"--name"}, 1, "--name needs a value: NAME"},
        {{"--name", ""}, 2, "--name is empty; expected NAME"},
        {{"--count", "0"}, 2, "--count is '0'; use a whole number from 1 to 10"},
        {{"--count", "-3"}, 2, "--count is '-3'; use a whole number from 1 to 10"},
        {{"--count", "5x"}, 2, "--count is '5x'; use a whole number from 1 to 10"},
        {{"--count", "99999999999999999999999"},
         2,
         "--count is '99999999999999999999999'; use a whole number from 1 to 10"},
        {{"--real", "nan"}, 2, "--real is 'nan'; use a number from 0.5 to 0.75"},
        {{"--real", "1"}, 2, "--real is '1'; use a number from 0.5 to 0.75"},
        {{"--kind", "blue"}, 2, "--kind is 'blue'; use one of red, green"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parsed p;
        option_spec specs[SPEC_COUNT];
        make_specs(&p, specs);
        option_words words;
        assay_err err;
        assert_int_equal(
            options_parse(specs, SPEC_COUNT, cases[i].argc, cases[i].argv, &words, &err),
            ASSAY_E_USAGE);
        assert_string_equal(err.msg, cases[i].msg);
    }
}

static void too_many_words_are_refused(void **state)
{
    (void)state;
    const char *const argv[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    option_words words;
    assay_err err;
    assert_int_equal(options_parse(NULL, 0, 9, argv, &words, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "too many arguments from '9' on");
}

static void help_lines_fit_and_name_every_option(void **state)
{
    (void)state;
    parsed p;
    option_spec specs[SPEC_COUNT];
    make_specs(&p, specs);
    specs[1].help =
        "words that go on and on so that the line has to be broken somewhere before the "
        "hundredth column, and then once more because there is still more to say about it";
    text out;
    text_init(&out, 10000);
    options_help(specs, SPEC_COUNT, &out);
    assert_int_equal(text_check(&out, NULL), ASSAY_OK);
    for (size_t i = 1; i < SPEC_COUNT; i++)
        assert_non_null(strstr(text_view(&out), specs[i].name));
    for (const char *line = text_view(&out); *line; line = strchr(line, '\n') + 1)
        assert_true(strchr(line, '\n') - line <= 100);
    text_clear(&out);
}

static void the_nearest_name_is_offered_only_when_near(void **state)
{
    (void)state;
    const char *const names[] = {"evaluate", "create"};
    assert_string_equal(options_nearest("evalute", names, 2), "evaluate");
    assert_null(options_nearest("serve-all", names, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_option_reaches_its_target),
        cmocka_unit_test(a_letter_says_the_same_as_its_name),
        cmocka_unit_test(bad_arguments_are_refused_in_words),
        cmocka_unit_test(too_many_words_are_refused),
        cmocka_unit_test(help_lines_fit_and_name_every_option),
        cmocka_unit_test(the_nearest_name_is_offered_only_when_near),
    };
    return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
