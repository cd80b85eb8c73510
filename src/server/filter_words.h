#ifndef SERVER_FILTER_WORDS_H
#define SERVER_FILTER_WORDS_H

#include "base/json.h"
#include "base/text.h"
#include "base/try.h"
#include "frame/frame.h"

/* A Filter between its JSON and its samples; the files about filters only. */

/** A Filter whose shape was checked; texts and arrays are borrowed from its JSON. NULL: left out,
 * or an empty list. */
typedef struct filter_words {
    const char *model; /* "": none */
    const json_t *classes, *ranges, *splits, *tags, *attributes;
    const char *where;
} filter_words;

/** USAGE: not what docs/workbench.schema.json calls a Filter; the message says what. `value` NULL:
 * no filter. */
ASSAY_MUST_USE assay_code filter_words_read(const json_t *value, filter_words *out, assay_err *err);

/** Values in [low, high]; infinite: open. */
typedef struct metric_range {
    size_t metric; /* index into frame->metric */
    double low, high;
} metric_range;

/** Samples whose text is one of those. */
typedef struct text_choice {
    size_t attribute; /* index into frame->attribute */
    bool *chosen;     /* value_count flags */
} text_choice;

/** The same in terms of a frame. */
typedef struct filter_tests {
    bool *shown; /* class_count flags; NULL: all */
    size_t shown_count;
    metric_range *range; /* by metric */
    size_t range_count;
    text_choice *choice; /* by attribute; the split is one of them */
    size_t choice_count;
    bool *tag; /* tag_count flags: any of them; NULL: no matter which */
} filter_tests;

void filter_tests_clear(filter_tests *t);
ASSAY_AUTO_CLEAR_DECLARE(filter_tests)

/** USAGE: an unknown metric, class, tag, split, attribute or value, which the message names; NOMEM.
 * O(words · names). */
ASSAY_MUST_USE assay_code filter_tests_init(filter_tests *t, const filter_words *words,
                                            const frame *f, assay_err *err);

/** Append a text that is equal for equal tests: names are codes, in ascending order. */
void filter_tests_put_key(const filter_tests *t, const frame *f, text *out);

/** Keep those rows of a selection that pass every test. Same at any thread count. NOMEM. O(N) a
 * test. */
ASSAY_MUST_USE assay_code filter_tests_run(const filter_tests *t, const frame *f, int thread_count,
                                           selection *rows, assay_err *err);

#endif
