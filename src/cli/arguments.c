/* One table per command parses its arguments and prints its help. Knows no command. */
#include "cli/arguments.h"

#include "base/try.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 30, HELP_WIDTH = 100, WORD_MOST = 32 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance of two short words, with one row of the table kept. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WORD_MOST + 1];
    const size_t n = least(strlen(b), WORD_MOST);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            const size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(change, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

const char *options_nearest(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    if (strlen(word) > WORD_MOST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!names[i])
            continue;
        const size_t distance = edit_distance(word, names[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best_distance <= 1 + strlen(word) / 4 ? best : NULL;
}

static const option_spec *find_option(const option_spec *specs, size_t spec_count, const char *name,
                                      size_t length)
{
    for (size_t i = 0; i < spec_count; i++) {
        if (specs[i].name && strlen(specs[i].name) == length &&
            memcmp(specs[i].name, name, length) == 0)
            return &specs[i];
    }
    return NULL;
}

static assay_code refuse_unknown(const option_spec *specs, size_t spec_count, const char *name,
                                 size_t length, assay_err *err)
{
    char word[WORD_MOST + 1] = "";
    const char *best = NULL;
    if (length <= WORD_MOST) {
        memcpy(word, name, length);
        word[length] = '\0';
        size_t best_distance = 2 + length / 4;
        for (size_t i = 0; i < spec_count; i++) {
            const size_t distance =
                specs[i].name && specs[i].help ? edit_distance(word, specs[i].name) : best_distance;
            if (distance < best_distance) {
                best_distance = distance;
                best = specs[i].name;
            }
        }
    }
    if (best)
        return assay_fail(err, ASSAY_E_USAGE, "there is no option --%s; did you mean --%s?", word,
                          best);
    return assay_fail(err, ASSAY_E_USAGE, "there is no option --%.*s; --help lists them",
                      (int)least(length, 100), name);
}

static assay_code take_count(const option_spec *spec, const char *value, assay_err *err)
{
    char *end = NULL;
    errno = 0;
    const unsigned long long number = strtoull(value, &end, 10);
    const bool plain = value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0;
    if (!plain || (double)number < spec->low || (double)number > spec->high)
        return assay_fail(err, ASSAY_E_USAGE,
                          "--%s is '%.100s'; use a whole number from %.0f to %.0f", spec->name,
                          value, spec->low, spec->high);
    *(uint64_t *)spec->target = number;
    return ASSAY_OK;
}

static assay_code take_real(const option_spec *spec, const char *value, assay_err *err)
{
    char *end = NULL;
    const double number = strtod(value, &end);
    if (end == value || *end || !(number >= spec->low && number <= spec->high))
        return assay_fail(err, ASSAY_E_USAGE, "--%s is '%.100s'; use a number from %g to %g",
                          spec->name, value, spec->low, spec->high);
    *(double *)spec->target = number;
    return ASSAY_OK;
}

static assay_code take_choice(const option_spec *spec, const char *value, assay_err *err)
{
    text list;
    text_init(&list, 256);
    for (int i = 0; spec->choices[i]; i++) {
        if (strcmp(spec->choices[i], value) == 0) {
            *(int *)spec->target = i;
            text_clear(&list);
            return ASSAY_OK;
        }
        text_printf(&list, "%s%s", i ? ", " : "", spec->choices[i]);
    }
    const assay_code code = assay_fail(err, ASSAY_E_USAGE, "--%s is '%.100s'; use one of %s",
                                       spec->name, value, text_view(&list));
    text_clear(&list);
    return code;
}

static assay_code take_value(const option_spec *spec, const char *value, assay_err *err)
{
    switch (spec->kind) {
    case OPTION_FLAG:
        *(bool *)spec->target = true;
        return ASSAY_OK;
    case OPTION_TEXT:
        if (!*value)
            return assay_fail(err, ASSAY_E_USAGE, "--%s is empty; expected %s", spec->name,
                              spec->argument);
        *(const char **)spec->target = value;
        return ASSAY_OK;
    case OPTION_COUNT:
        return take_count(spec, value, err);
    case OPTION_REAL:
        return take_real(spec, value, err);
    case OPTION_CHOICE:
        return take_choice(spec, value, err);
    }
    return assay_fail(err, ASSAY_E_INTERNAL, "option --%s has no kind", spec->name);
}

static assay_code take_word(const char *word, option_words *words, assay_err *err)
{
    if (words->count == sizeof words->word / sizeof *words->word)
        return assay_fail(err, ASSAY_E_USAGE, "too many arguments from '%.100s' on", word);
    words->word[words->count++] = word;
    return ASSAY_OK;
}

/* One `--name…` at argv[*i]; *i moves past its value. */
static assay_code take_option(const option_spec *specs, size_t spec_count, int argc,
                              const char *const *argv, int *i, assay_err *err)
{
    const char *name = argv[*i] + 2;
    const char *equals = strchr(name, '=');
    const size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const option_spec *spec = find_option(specs, spec_count, name, length);
    if (!spec)
        return refuse_unknown(specs, spec_count, name, length, err);
    if (spec->kind == OPTION_FLAG) {
        if (equals)
            return assay_fail(err, ASSAY_E_USAGE, "--%s takes no value", spec->name);
        return take_value(spec, "", err);
    }
    const char *value = equals ? equals + 1 : *i + 1 < argc ? argv[++*i] : NULL;
    if (!value)
        return assay_fail(err, ASSAY_E_USAGE, "--%s needs a value: %s", spec->name, spec->argument);
    return take_value(spec, value, err);
}

/* `-o value` or `-f` at argv[*i]. */
static assay_code take_letter(const option_spec *specs, size_t spec_count, int argc,
                              const char *const *argv, int *i, assay_err *err)
{
    const char *argument = argv[*i];
    for (size_t s = 0; s < spec_count && argument[2] == '\0'; s++) {
        const option_spec *spec = &specs[s];
        if (!spec->name || spec->letter != argument[1])
            continue;
        if (spec->kind == OPTION_FLAG)
            return take_value(spec, "", err);
        if (*i + 1 == argc)
            return assay_fail(err, ASSAY_E_USAGE, "-%c needs a value: %s", spec->letter,
                              spec->argument);
        return take_value(spec, argv[++*i], err);
    }
    return assay_fail(err, ASSAY_E_USAGE, "there is no option %.100s; --help lists them", argument);
}

assay_code options_parse(const option_spec *specs, size_t spec_count, int argc,
                         const char *const *argv, option_words *words, assay_err *err)
{
    *words = (option_words){0};
    bool options_over = false;
    for (int i = 0; i < argc; i++) {
        const char *argument = argv[i];
        if (options_over || argument[0] != '-' || argument[1] == '\0') {
            ASSAY_TRY(take_word(argument, words, err));
        } else if (strcmp(argument, "--") == 0) {
            options_over = true;
        } else if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            words->help = true;
        } else if (argument[1] == '-') {
            ASSAY_TRY(take_option(specs, spec_count, argc, argv, &i, err));
        } else {
            ASSAY_TRY(take_letter(specs, spec_count, argc, argv, &i, err));
        }
    }
    return ASSAY_OK;
}

/* The help text of one option, wrapped at words and indented to its column. */
static void put_wrapped(const char *words, size_t column, text *out)
{
    size_t at = column;
    while (*words) {
        const size_t length = strcspn(words, " ");
        if (at + length > HELP_WIDTH && at > HELP_COLUMN) {
            text_puts(out, "\n");
            text_repeat(out, " ", HELP_COLUMN);
            at = HELP_COLUMN;
        }
        text_put(out, words, length);
        at += length;
        words += length;
        if (*words == ' ') {
            words++;
            if (at + 1 + strcspn(words, " ") <= HELP_WIDTH)
                text_puts(out, " ");
            at++;
        }
    }
    text_puts(out, "\n");
}

void options_help(const option_spec *specs, size_t spec_count, text *out)
{
    for (size_t i = 0; i < spec_count; i++) {
        const option_spec *spec = &specs[i];
        if (!spec->name) {
            text_printf(out, "\n%s\n", spec->help);
            continue;
        }
        if (!spec->help)
            continue;
        const size_t start = out->length;
        if (spec->letter)
            text_printf(out, "  -%c, --%s", spec->letter, spec->name);
        else
            text_printf(out, "  --%s", spec->name);
        text_printf(out, "%s%s", spec->argument ? " " : "", spec->argument ? spec->argument : "");
        size_t used = out->length - start;
        if (used + 2 > HELP_COLUMN) {
            text_puts(out, "\n");
            used = 0;
        }
        text_repeat(out, " ", HELP_COLUMN - used);
        put_wrapped(spec->help, HELP_COLUMN, out);
    }
}
