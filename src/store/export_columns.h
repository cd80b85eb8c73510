#ifndef STORE_EXPORT_COLUMNS_H
#define STORE_EXPORT_COLUMNS_H

#include "store/export.h"

/** Where the values of an exported column lie in the frame. */
typedef enum export_kind {
    EXPORTED_TEXT,
    EXPORTED_CLASS,
    EXPORTED_ATTRIBUTE,
    EXPORTED_NUMBER,
    EXPORTED_TAG,
    EXPORTED_PROBABILITY,
} export_kind;

typedef struct export_column {
    char *name;
    uint64_t name_hash; /* of the name in small letters */
    export_kind kind;
    const text_column *text;
    const uint16_t *class_code;
    const attribute_column *attribute;
    const double *number;
    const selection *tag;
    uint32_t class_of_probability;
} export_column;

/** The columns to write, and the rows. */
typedef struct export_table {
    const frame *frame;
    export_column *column;
    size_t column_count;
    uint32_t *row; /* row_count rows of the frame, ascending; NULL: all of them */
    size_t row_count;
    bool has_probabilities; /* among the columns */
} export_table;

/** The columns of an export. Borrows the frame. NOT_FOUND, NOMEM. */
ASSAY_MUST_USE assay_code export_table_init(export_table *t, const frame *f,
                                            const export_request *request, assay_err *err);
void export_table_clear(export_table *t);
ASSAY_AUTO_CLEAR_DECLARE(export_table)

static inline size_t export_row(const export_table *t, size_t i)
{
    return t->row ? t->row[i] : i;
}

/** The most rows of which all probabilities are held at once: 1 to `most`. */
size_t export_rows_at_once(const export_table *t, size_t most);

/** The normalised probabilities of rows [first, first + count), row-major; nothing where none are
 * exported. */
void export_probabilities(const export_table *t, size_t first, size_t count, double *out);

/** One value: a text (borrowed), a number, or true and false. */
typedef struct export_cell {
    enum { CELL_NONE, CELL_WORDS, CELL_REAL, CELL_FLAG } holds;
    const char *at;
    size_t length;
    double number;
    bool flag;
} export_cell;

/** The value of a column at a row of the frame; `probability` are that row's. */
export_cell export_cell_of(const export_table *t, const export_column *c, size_t row,
                           const double *probability);

struct whole_file;

/** Where text goes to, piece after piece; `name` is for messages. */
typedef struct export_sink {
    assay_code (*write)(void *context, const char *at, size_t length, assay_err *err);
    void *context;
    const char *name;
} export_sink;

/** The writers of the forms. IO, NOMEM, LIMIT. */
ASSAY_MUST_USE assay_code export_text(const export_table *t, bool json, int thread_count,
                                      const export_sink *sink, assay_err *err);
ASSAY_MUST_USE assay_code export_parquet(const export_table *t, const struct whole_file *file,
                                         assay_err *err);

#endif
