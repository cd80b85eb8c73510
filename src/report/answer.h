#ifndef REPORT_ANSWER_H
#define REPORT_ANSWER_H

#include "base/try.h"
#include "report/report.h"
#include "store/sql_query.h"

typedef enum answer_form {
    ANSWER_TABLE, /* for people: aligned, long cells cut */
    ANSWER_CSV,   /* RFC 4180; NULL is an empty field, an empty text "" */
    ANSWER_JSON,  /* an array with an object a row, each on a line */
} answer_form;

/**
 * Writes the answer of a query as it comes. JSON: a number that a reader of doubles would change
 * (an integer beyond ±2^53, a decimal of more than 15 digits) and one that JSON does not know (NaN,
 * Infinity) is a string; of columns with the same name the later ones get "_2", "_3"; everything
 * that is no number and no boolean is a string as DuckDB writes it.
 */
typedef struct answer_writer {
    answer_form form;
    report_style style; /* table */
    bool wide;          /* table: as wide as it is, nothing is cut */
    text *out;
    /* Called when much has gathered in `out`, to write it and empty it; NULL: all stays there. CSV
     * and JSON only. */
    assay_code (*flush)(void *context, text *out, assay_err *err);
    void *context;
    /* The rest is the writer's own. */
    sql_kind *kind;
    char **name;
    size_t column_count;
    uint64_t row_count;
    text cells; /* table: end to end */
    size_t *end;
    bool *null;
    size_t cell_count, cell_room;
} answer_writer;

/** What sql_query_run() is to be given. The writer must stay where it is. */
sql_sink answer_sink(answer_writer *w);

/** After the last row: draw the table, or close the array. LIMIT, NOMEM, what `flush` says. */
ASSAY_MUST_USE assay_code answer_finish(answer_writer *w, const sql_notes *notes, assay_err *err);
void answer_writer_clear(answer_writer *w);
ASSAY_AUTO_CLEAR_DECLARE(answer_writer)

/** Draws what a table's writer has gathered. */
void answer_draw(const answer_writer *w, const sql_notes *notes);

#endif
