/* The answer of a query as CSV, JSON, or gathered for a table. Knows values as texts, no SQL. */
#include "report/answer.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/quoting.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GATHERED_BYTES = 1 << 20, DIGITS_OF_A_DOUBLE = 15, CELL_BYTES_SHOWN = 1024 };

static const char LARGEST_EXACT[] = "9007199254740992"; /* 2^53 */

static bool name_is_before(const answer_writer *w, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(w->name[i], name) == 0)
            return true;
    }
    return false;
}

/* In an object a name can stand but once. */
static char *own_name(const answer_writer *w, const sql_column *column, size_t i)
{
    const size_t room = strlen(column[i].name) + 24;
    char *name = mem_alloc(room, 1);
    if (!name)
        return NULL;
    snprintf(name, room, "%s", column[i].name);
    for (size_t n = 2; w->form == ANSWER_JSON && name_is_before(w, i, name); n++)
        snprintf(name, room, "%s_%zu", column[i].name, n);
    return name;
}

static assay_code begin(void *context, const sql_column *column, size_t count, assay_err *err)
{
    answer_writer *w = context;
    text_init(&w->cells, ANSWER_BYTES_MOST);
    w->kind = mem_zalloc(count, sizeof *w->kind);
    w->name = mem_zalloc(count, sizeof *w->name);
    if (!w->kind || !w->name)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu columns", count);
    w->column_count = count;
    for (size_t i = 0; i < count; i++) {
        w->kind[i] = column[i].kind;
        w->name[i] = own_name(w, column, i);
        if (!w->name[i])
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu columns", count);
    }
    for (size_t i = 0; w->form == ANSWER_CSV && i < count; i++) {
        text_puts(w->out, i ? "," : "");
        quote_csv(w->out, w->name[i], strlen(w->name[i]));
    }
    text_puts(w->out, w->form == ANSWER_CSV ? "\n" : w->form == ANSWER_JSON ? "[" : "");
    return ASSAY_OK;
}

static bool is_exact_integer(const sql_cell *cell)
{
    const bool negative = cell->length > 0 && cell->at[0] == '-';
    const char *digits = cell->at + negative;
    const size_t count = cell->length - negative;
    const size_t most = sizeof LARGEST_EXACT - 1;
    return count < most || (count == most && memcmp(digits, LARGEST_EXACT, most) <= 0);
}

static bool is_exact_decimal(const sql_cell *cell)
{
    size_t digits = 0;
    for (size_t i = 0; i < cell->length; i++)
        digits += cell->at[i] >= '0' && cell->at[i] <= '9';
    return digits <= DIGITS_OF_A_DOUBLE;
}

static bool is_finite(const sql_cell *cell)
{
    return memchr(cell->at, 'n', cell->length) == NULL; /* "nan", "inf" */
}

static void put_json_special(text *out, const sql_cell *cell)
{
    const bool negative = cell->at[0] == '-';
    text_puts(out, memchr(cell->at, 'f', cell->length) == NULL ? "\"NaN\""
                   : negative                                  ? "\"-Infinity\""
                                                               : "\"Infinity\"");
}

static void put_json(text *out, sql_kind kind, const sql_cell *cell)
{
    if (!cell->at)
        text_puts(out, "null");
    else if (kind == SQL_REAL && !is_finite(cell))
        put_json_special(out, cell);
    else if (kind == SQL_BOOLEAN || kind == SQL_REAL ||
             (kind == SQL_INTEGER && is_exact_integer(cell)) ||
             (kind == SQL_DECIMAL && is_exact_decimal(cell)))
        text_put(out, cell->at, cell->length);
    else
        quote_json(out, cell->at, cell->length);
}

static void put_json_row(const answer_writer *w, const sql_cell *cell)
{
    text_puts(w->out, w->row_count ? ",\n  {" : "\n  {");
    for (size_t c = 0; c < w->column_count; c++) {
        text_puts(w->out, c ? ", " : "");
        quote_json(w->out, w->name[c], strlen(w->name[c]));
        text_puts(w->out, ": ");
        put_json(w->out, w->kind[c], &cell[c]);
    }
    text_puts(w->out, "}");
}

static void put_csv_row(const answer_writer *w, const sql_cell *cell)
{
    for (size_t c = 0; c < w->column_count; c++) {
        text_puts(w->out, c ? "," : "");
        if (cell[c].at)
            quote_csv(w->out, cell[c].at, cell[c].length);
        else if (w->column_count == 1)
            text_puts(w->out, "\"\""); /* an empty line would be no row */
    }
    text_puts(w->out, "\n");
}

static assay_code make_room(answer_writer *w, assay_err *err)
{
    if (w->cell_count + w->column_count <= w->cell_room)
        return ASSAY_OK;
    const size_t room = 2 * (w->cell_room + w->column_count);
    size_t *end = mem_resize(w->end, room, sizeof *end);
    if (end)
        w->end = end;
    bool *null = mem_resize(w->null, room, sizeof *null);
    if (null)
        w->null = null;
    if (!end || !null)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the answer");
    w->cell_room = room;
    return ASSAY_OK;
}

/* Only as much of a cell is kept as could be shown. */
static assay_code gather_row(answer_writer *w, const sql_cell *cell, assay_err *err)
{
    ASSAY_TRY(make_room(w, err));
    for (size_t c = 0; c < w->column_count; c++) {
        const bool cut = !w->wide && cell[c].length > CELL_BYTES_SHOWN;
        text_put(&w->cells, cell[c].at,
                 cut ? utf8_whole(cell[c].at, CELL_BYTES_SHOWN) : cell[c].length);
        w->end[w->cell_count] = w->cells.length;
        w->null[w->cell_count] = cell[c].at == NULL;
        w->cell_count++;
    }
    if (w->cells.over)
        return assay_fail(
            err, ASSAY_E_LIMIT,
            "sql: the table would hold more than %zu MiB; --csv or --json has no limit",
            (size_t)(ANSWER_BYTES_MOST >> 20));
    return text_check(&w->cells, err);
}

static assay_code row(void *context, const sql_cell *cell, assay_err *err)
{
    answer_writer *w = context;
    if (w->form == ANSWER_TABLE)
        ASSAY_TRY(gather_row(w, cell, err));
    else if (w->form == ANSWER_JSON)
        put_json_row(w, cell);
    else
        put_csv_row(w, cell);
    w->row_count++;
    ASSAY_TRY(text_check(w->out, err));
    if (w->flush && w->out->length > GATHERED_BYTES)
        return w->flush(w->context, w->out, err);
    return ASSAY_OK;
}

sql_sink answer_sink(answer_writer *w)
{
    return (sql_sink){.context = w, .begin = begin, .row = row};
}

assay_code answer_finish(answer_writer *w, const sql_notes *notes, assay_err *err)
{
    if (w->form == ANSWER_TABLE)
        answer_draw(w, notes);
    else if (w->form == ANSWER_JSON)
        text_puts(w->out, w->row_count ? "\n]\n" : "]\n");
    ASSAY_TRY(text_check(w->out, err));
    return w->flush ? w->flush(w->context, w->out, err) : ASSAY_OK;
}

void answer_writer_clear(answer_writer *w)
{
    for (size_t i = 0; w->name && i < w->column_count; i++)
        mem_free(w->name[i]);
    mem_free(w->name);
    mem_free(w->kind);
    mem_free(w->end);
    mem_free(w->null);
    text_clear(&w->cells);
    *w = (answer_writer){0};
}
