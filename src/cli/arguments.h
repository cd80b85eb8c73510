#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum option_kind {
    OPTION_FLAG,   /* bool * */
    OPTION_TEXT,   /* const char ** : a view of the argument */
    OPTION_COUNT,  /* uint64_t *, low..high */
    OPTION_REAL,   /* double *, low..high */
    OPTION_CHOICE, /* int *, index into `choices` */
} option_kind;

/** One option of a command. The same table parses the arguments and prints the help. */
typedef struct option_spec {
    const char *name; /* without the dashes; NULL: a heading in the help, `help` is its text */
    option_kind kind;
    void *target;         /* written when the option is given; by kind above */
    const char *argument; /* how the help calls its value; NULL for a flag */
    const char *help; /* NULL: an option that programs alone give; the help is silent about it */
    double low, high; /* OPTION_COUNT, OPTION_REAL */
    const char *const *choices; /* OPTION_CHOICE: texts, ended by NULL */
    char letter;                /* "-o VALUE" says the same; 0: none */
} option_spec;

/** What is left over: the words that are not options, in order. */
typedef struct option_words {
    const char *word[8];
    size_t count;
    bool help; /* --help or -h was among the arguments */
} option_words;

/**
 * Parse `--name value`, `--name=value`, `--flag`, `-o value`; `--` ends the options. USAGE names
 * the argument, what was expected and, for a misspelt name, the nearest one. Targets of earlier
 * options may have been written on failure. O(arguments · options).
 */
ASSAY_MUST_USE assay_code options_parse(const option_spec *specs, size_t spec_count, int argc,
                                        const char *const *argv, option_words *words,
                                        assay_err *err);

/** The table as aligned help lines of at most 100 columns. */
void options_help(const option_spec *specs, size_t spec_count, text *out);

/** The nearest of `names` to a misspelt `word` by edit distance, or NULL when none is near. */
const char *options_nearest(const char *word, const char *const *names, size_t count);

#endif
