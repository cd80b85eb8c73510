#ifndef CLI_FIND_WORDS_H
#define CLI_FIND_WORDS_H

#include "cli/project_words.h"
#include "report/found.h"

/** What `assay find` is told. */
typedef struct find_words {
    project_words project;
    const char *key;       /* similar: the sample */
    const char *embedding; /* similar, label-errors */
    int from, order;       /* label-errors: label_basis and label_order */
    uint64_t limit;        /* UINT64_MAX: not given */
    double strength;       /* duplicates */
    bool severe, equal, csv, json, paths, zero;
} find_words;

/** How many to list: what is given, else what a table holds, else 0: all. */
size_t find_limit(const find_words *w);

/** Print what was found in the form that is asked for; `before` (NULL: nothing) goes above a table.
 * Exit status. */
int find_show(const find_words *w, const found_samples *found, const char *before);

/* The searches that are files of their own. Exit status. */
int find_show_duplicates(const find_words *w, const frame *f);
int find_show_similar(const find_words *w, const frame *f);
int find_show_label_errors(const find_words *w, const frame *f);

#endif
