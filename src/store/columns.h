#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include "store/dictionary.h"
#include "store/import.h"

/** What the cells of a column look like, judged by its type or by the first rows. */
typedef enum column_kind {
    KIND_EMPTY,
    KIND_NUMBER,
    KIND_TEXT,
    KIND_LIST_NUMBER,
    KIND_LIST_TEXT,
    KIND_OTHER
} column_kind;

typedef struct column_facts {
    char *name; /* owned by whoever made it */
    column_kind kind;
    uint32_t longest_list; /* among the rows looked at */
    double first_number;   /* of the first row; NaN where it is none */
    bool single;           /* a float of 32 bits, not 64 */
} column_facts;

typedef enum table_shape { SHAPE_ROWS, SHAPE_PROBABILITIES, SHAPE_TOP, SHAPE_LONG } table_shape;

typedef struct column_list {
    const column_facts *column;
    size_t count;
    const dictionary *label_values; /* values of the column that looks like the label in the first
                                       rows; may be NULL */
} column_list;

/** Whether a column of this name may be the true label, for collecting label_values. Pure. */
bool columns_may_be_label(const char *name, const import_request *request);

/** The class that a probability column is named after: "dog" of "prob_dog" or of "dog". A view into
 * `name`. */
const char *columns_class_name(const char *name);

/**
 * Give each column its role, by the names in the request or by the usual ones (case, '-' and ' ' do
 * not matter). `role` has list->count entries. USAGE: the request names a column that is not there
 * (the message lists those there are); INPUT: no column for the label, or nothing predicted.
 * O(columns).
 */
ASSAY_MUST_USE assay_code columns_recognise(const column_list *list, const import_request *request,
                                            column_role *role, table_shape *shape, assay_err *err);

#endif
