#ifndef REPORT_FOUND_H
#define REPORT_FOUND_H

#include "frame/frame.h"
#include "project/find_labels.h"
#include "report/report.h"

/** What is said of each sample beside its score: numbers (NaN: none) or texts (NULL: none). */
typedef struct found_column {
    const char *name;     /* ours, not the data's: printed as it is */
    const double *number; /* count numbers, or NULL */
    const char **word;    /* else count texts */
} found_column;

/** Samples that belong together: `count` of the list's from `first` on. */
typedef struct found_group {
    size_t first, count;
    uint32_t keep;    /* the row of the frame that is worth keeping */
    const char *kind; /* "equal": in every pixel; "near" */
    double strength;  /* 0..1 */
    bool leakage;     /* they lie in two splits */
    bool two_labels;  /* they have two labels */
} found_group;

enum { FOUND_COLUMNS_MOST = 16 };

/**
 * Samples that a search found, the most striking first: outliers, unreadable images, duplicates,
 * label errors. Everything is borrowed.
 */
typedef struct found_samples {
    const char *what;  /* "outliers": the JSON's key `find` and the table's heading */
    const char *score; /* what the score counts, for people: "IQRs outside"; NULL: not shown */
    const frame *frame;
    const uint32_t *row;    /* count rows of the frame */
    const double *score_of; /* count scores, NaN: none; NULL: no sample has one */
    size_t count;           /* how many are listed */
    uint64_t found;         /* how many there are */
    const found_column *column;
    size_t column_count; /* at most FOUND_COLUMNS_MOST */
    const found_group *group;
    size_t group_count;
    bool grouped;               /* the JSON has the key `groups`, be it empty */
    const found_labels *labels; /* also what is estimated of all labels; NULL: nothing */
} found_samples;

/* One writer a form. Failures show in text_check(out). O(count · columns). */

/** A table: path (id where there is none, row where neither), label, score, columns. */
void found_text(const found_samples *f, const report_style *style, text *out);

/** {"assay", "schema", "find", "found", "samples": [{"id", "path", "label", "score", …}, …]}; one
 * sample a line. What is missing is null. Where they are grouped also "groups": [{"keep", "kind",
 * "strength", "leakage", "two_labels", "samples": [ids]}, …].
 * More keys where there are `labels`. */
void found_json(const found_samples *f, text *out);

/** id, path, label, score, then the columns, and of label errors the basis; what is missing is
 * empty. */
void found_csv(const found_samples *f, text *out);

/** Each path (id where there is none), with the bytes that it has, ended by `end`: '\n', or '\0'
 * for names that hold newlines. */
void found_paths(const found_samples *f, char end, text *out);

#endif
