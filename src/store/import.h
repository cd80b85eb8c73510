#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

#include "base/progress.h"
#include "frame/frame.h"

/** What a table must hold, beside what may be there. */
typedef enum import_wants {
    IMPORT_EVALUATION,  /* labels and predictions */
    IMPORT_PREDICTIONS, /* predictions; labels where there are some */
    IMPORT_LABELS,      /* labels; every other number is a metric, every other text an attribute */
    IMPORT_COLUMNS      /* metrics and attributes */
} import_wants;

/** What to read and which rules to relax. All texts are borrowed for the call; NULL: not given. */
typedef struct import_request {
    const char *path; /* the table; NULL where labels_path is a .npy and nothing else is needed */
    const char *labels_path; /* .npy of N integer class indices (or fixed-width text) instead of a
                                label column */
    const char *predictions_path;   /* .npy of N integer class indices (or fixed-width text) instead
                                       of a prediction column */
    const char *probabilities_path; /* .npy, N×K, rows in the order of the table or labels */
    bool logits;                    /* the probabilities are logits */
    const char *label, *prediction, *confidence, *id,
        *group; /* column names; NULL: recognised (group: none) */
    const char
        *format; /* "csv", "tsv", "json", "jsonl", "parquet"; NULL: from the name and first bytes */
    const char
        *classes; /* "a,b,c", or the path of a file with one name a line; NULL: sorted union */
    import_wants wants;
    bool label_optional;             /* with IMPORT_LABELS: the table may have none */
    bool require_id;                 /* INPUT without a column of ids or paths */
    const class_list *known_classes; /* the classes, in this order; names that are not among them
                                        follow, sorted. NULL: `classes` says, or the data */
    bool keep_ids;                   /* keep the text of the id column in frame->id */
    bool allow_duplicates;      /* the first row of an id is kept as it is, so are the others */
    bool allow_unknown_classes; /* a name outside --classes counts as missing */
    bool allow_nan;     /* a confidence or probability row that is not finite counts as missing */
    bool allow_any_sum; /* rows of probabilities that don't add up are divided by their sum */
    bool paths_only;    /* for table_read(): nothing but the column of paths of images, as kept ids;
                           `id` names it */
    int thread_count;
    const progress *progress; /* "reading rows", "checking probabilities"; may stop it */
    const class_list
        *class_names; /* what `classes` names; import_predictions() fills it in, leave it NULL */
    struct text_columns *texts; /* table_read() fills it in, leave it NULL */
} import_request;

/** How a column of the table was understood. */
typedef enum column_role {
    ROLE_LABEL,
    ROLE_PREDICTION,
    ROLE_CONFIDENCE,
    ROLE_ID,
    ROLE_GROUP,
    ROLE_PROBABILITY,
    ROLE_TOP_LABELS,
    ROLE_TOP_PROBABILITIES,
    ROLE_CLASS, /* of the long form */
    ROLE_METRIC,
    ROLE_ATTRIBUTE,
    ROLE_IGNORED
} column_role;

typedef struct recognised_column {
    char *name;
    column_role role;
} recognised_column;

/** What a person should know about how the input was understood. */
typedef struct import_notes {
    const char *format; /* "CSV", "TSV", "JSON", "JSON lines", "Parquet", ".npy"; static text */
    const char *shape;  /* "one row a sample", "probability columns", "top-k lists", "long form";
                           static text */
    recognised_column *column; /* in the table's order; probability columns are listed one by one */
    size_t column_count;
    bool classes_given;
    uint64_t duplicate_ids, unknown_classes, not_finite; /* what a relaxed rule let through */
    uint64_t sums_divided; /* rows of probabilities that were divided by their sum */
    double largest_gap;
    uint64_t prediction_is_not_argmax; /* rows whose own prediction column differs from their
                                          probabilities' argmax */
    uint32_t new_classes;              /* how many names were not among known_classes */
    char **warning;                    /* anything else, in words */
    size_t warning_count;
} import_notes;

void import_notes_clear(import_notes *notes);

/**
 * Read predictions into a frame. INPUT names the file, the row (the first data row is 1; array rows
 * count from 0 in .npy) and the value, at most five rows and how many there are; NOT_FOUND, IO,
 * LIMIT, NOMEM, USAGE; CANCELLED. On failure *out is NULL and notes is clear. The table is
 * streamed: only the wanted columns are read, strings are encoded as they come.
 */
/* Without wanting labels f->label may be NULL, without wanting predictions f->prediction. */
ASSAY_MUST_USE assay_code import_predictions(const import_request *request, frame **out,
                                             import_notes *notes, assay_err *err);

#endif
