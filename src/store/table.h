#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/limits.h"
#include "store/columns.h"
#include "store/list_cell.h"

#include <stdatomic.h>

/* The columns of a table while it is read. A format cuts its file into parts, and several threads
 * put the cells of different parts at once: room for their rows is made before, dictionaries only
 * grow between (table_settle). */

typedef enum cell_kind { CELL_MISSING, CELL_TEXT, CELL_NUMBER, CELL_LIST } cell_kind;

/** One value as a format found it; views. */
typedef struct cell {
    cell_kind kind;
    const char *at;
    size_t length;
    double number;
    const list_items *list;
} cell;

/** Rows that break a rule: how many, and the first few with their values. */
typedef struct bad_rows {
    uint64_t count;
    struct {
        uint64_t row;   /* from 0 */
        char what[200]; /* "confidence is 'nan'" */
    } first[BAD_ROWS_SHOWN];
} bad_rows;

/** Columns that hold numbers in the rows looked at and a text further down, which are then read
 * again as texts. Noted by several threads at once. */
typedef struct text_columns {
    atomic_bool *is_text;
    size_t count;
    atomic_bool found; /* a new one */
} text_columns;

typedef struct table_column {
    char *name;
    column_role role;
    column_kind kind;
    bool single;          /* floats of 32 bits in the file */
    bool dropped;         /* an attribute with too many values */
    uint32_t place;       /* of a probability column in a row of the matrix */
    uint16_t *class_code; /* label, prediction, class: into table.classes; 0xFFFF missing */
    uint32_t *code; /* attribute, group, long form's sample: into `values`; UINT32_MAX missing */
    dictionary values;
    double *number;
    uint64_t *hash; /* id */
} table_column;

typedef struct table {
    const char *path; /* for messages */
    const char *format;
    table_shape shape;
    table_column *column;
    size_t column_count;
    size_t row_count, row_room;
    dictionary classes; /* as written in the file */
    double *matrix;     /* row_room × place_count */
    uint32_t place_count;
    uint16_t *place_class; /* the class of each place, in `classes` */
    uint32_t list_length;  /* of top-k lists: the longest among the first rows */
    uint16_t *top_code;    /* row_room × list_length */
    double *top_number;    /* NaN: none; infinite: one that is not a finite number */
    uint32_t *sample_row;  /* long form: where each sample first stands in the file */
    bool keep_ids;
    uint64_t *id_start; /* kept ids: lengths while reading, offsets after table_finish() */
    char *id_bytes;
    size_t id_used, id_room;
    bad_rows not_finite; /* confidences */
    text_columns *texts;
    const progress *progress; /* of the request */
    int thread_count;
} table;

typedef struct pending_code {
    uint64_t hash;
    size_t index; /* into the column's codes */
    uint32_t column;
    uint32_t length;
    size_t at; /* into the part's texts */
} pending_code;

/** What one piece of the file adds; owned by one thread between two settlings. */
typedef struct table_part {
    table *into;
    size_t first_row, row_count;
    pending_code *pending;
    size_t pending_count, pending_room;
    char *text;
    size_t text_used, text_room;
    char *id;
    size_t id_used, id_room;
    list_items items;
    bad_rows not_finite;
    bool closed; /* JSON: the array ended in this part */
    assay_code code;
    assay_err err;
} table_part;

void table_clear(table *t);
void table_part_clear(table_part *p);

/**
 * Recognise the columns and make the table ready; names are copied. `path`, `format` stay borrowed.
 * Failures of columns_recognise(); NOMEM.
 */
ASSAY_MUST_USE assay_code table_init(table *t, const import_request *request, const char *format,
                                     const column_list *list, assay_err *err);

/** Whether cells of a column are wanted at all. */
static inline bool table_wants(const table_column *c)
{
    return c->role != ROLE_IGNORED && !c->dropped;
}

/** LIMIT: `list_count` lists of `length` places are more than LIST_PLACES_MOST. */
assay_code table_fail_lists(const table *t, size_t list_count, size_t length, assay_err *err);

/** Make room for rows up to `row_count`, all missing until they are put. LIMIT, NOMEM. */
ASSAY_MUST_USE assay_code table_reserve(table *t, size_t row_count, assay_err *err);

/** Say how many rows were read of how many there may be. CANCELLED: they are to be the last. */
ASSAY_MUST_USE assay_code table_tell(const table *t, uint64_t expected, assay_err *err);

/** Put a cell. Failures are recorded in part->err as well. INPUT names row, column and value. */
ASSAY_MUST_USE assay_code table_put(table_part *part, size_t column, size_t row, const cell *value);

/** Give codes to the texts that were new in a part, in its order. Parts are settled in the file's
 * order; in any other, ids may not be kept, and table_renumber() follows the last. */
ASSAY_MUST_USE assay_code table_settle(table_part *part, assay_err *err);

/** Make codes what they are when parts are settled in the file's order. NOMEM. O(rows), mostly far
 * less: until every text was seen. */
ASSAY_MUST_USE assay_code table_renumber(table *t, assay_err *err);

/** After the last row. INPUT: no rows. */
ASSAY_MUST_USE assay_code table_finish(table *t, assay_err *err);

/** Where a sample stands in the file, for messages. */
static inline size_t table_file_row(const table *t, size_t row)
{
    return t->sample_row ? t->sample_row[row] : row;
}

/** The first column with a role, or NULL. */
table_column *table_find(const table *t, column_role role);

void bad_rows_add(bad_rows *bad, uint64_t row, const char *fmt, ...) ASSAY_PRINTF(3, 4);
/** Both, the first few by row; in any order of merging. */
void bad_rows_merge(bad_rows *into, const bad_rows *from);

/** How a message about bad rows reads. */
typedef struct bad_rows_words {
    const char *path;
    uint64_t first_row; /* the number of the first row: 1 in tables, 0 in arrays */
    const char *have;   /* "a confidence that is not finite", for more than one row */
    const char *advice; /* "; --allow-nan counts such rows as missing" */
} bad_rows_words;

/** INPUT. One row: "FILE: row N: what, advice"; more: how many, and the first few below. */
assay_code bad_rows_fail(const bad_rows *bad, const bad_rows_words *words, assay_err *err);

/* Read the file into a fresh table; on failure it is cleared. */
ASSAY_MUST_USE assay_code table_read(const import_request *request, table *out, assay_err *err);

#endif
