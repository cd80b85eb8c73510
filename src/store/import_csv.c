/* CSV and TSV: one header line, RFC 4180 quotes, every row as wide as the header. Cells are views
 * into the block; a quoted one loses its doubled quotes in place. */
#include "store/text_table.h"

#include "base/utf8.h"
#include "store/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct csv_cursor {
    char *at, *end;
    char delimiter;
    bool quotes;       /* the block has some */
    bool record_ended; /* after the last cell of a record */
} csv_cursor;

typedef enum csv_fault { CSV_FINE, CSV_OPEN_QUOTE, CSV_STRAY_QUOTE, CSV_AFTER_QUOTE } csv_fault;

/* Where quotes occur, a line's end counts only outside of them: a quote inside a cell is doubled,
 * so their number tells. */
static size_t cut_quoted(const char *at, size_t length)
{
    size_t whole = 0;
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        if (at[i] == '"')
            inside = !inside;
        else if (at[i] == '\n' && !inside)
            whole = i + 1;
    }
    return whole;
}

static size_t cut_lines(const char *at, size_t length)
{
    if (memchr(at, '"', length))
        return cut_quoted(at, length);
    const char *last = memrchr(at, '\n', length);
    return last ? (size_t)(last - at) + 1 : 0;
}

/* The end of the record that begins at `at`: its line feed, or `end`. */
static const char *record_end(const char *at, const char *end, bool quotes)
{
    if (!quotes) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        return newline ? newline : end;
    }
    bool inside = false;
    for (; at < end && (inside || *at != '\n'); at++)
        inside ^= *at == '"';
    return at;
}

static bool is_blank(const char *at, const char *end)
{
    return at == end || (end - at == 1 && *at == '\r');
}

/* Blank lines are no records, except in a table of one column, where they are an empty cell. */
static size_t count_rows(const text_table *t, const char *at, size_t length)
{
    const char *end = at + length;
    const bool quotes = memchr(at, '"', length);
    const bool keep_blank = t->into->column_count == 1;
    size_t rows = 0;
    while (at < end) {
        const char *newline = record_end(at, end, quotes);
        rows += keep_blank || !is_blank(at, newline);
        at = newline + 1;
    }
    return rows;
}

/* Take the doubled quotes out of at[0..length). */
static size_t undouble(char *at, size_t length)
{
    char *first = memchr(at, '"', length);
    if (!first)
        return length;
    size_t used = (size_t)(first - at);
    for (size_t i = used; i < length; i++) {
        at[used++] = at[i];
        i += at[i] == '"';
    }
    return used;
}

static csv_fault finish_cell(csv_cursor *c, char *after)
{
    if (after < c->end && *after == '\r' && after + 1 == c->end)
        after++;
    c->record_ended = after == c->end;
    if (!c->record_ended && *after != c->delimiter)
        return CSV_AFTER_QUOTE;
    c->at = after + 1;
    return CSV_FINE;
}

static csv_fault take_quoted_cell(csv_cursor *c, cell *out)
{
    char *first = c->at + 1;
    char *p = first;
    for (;;) {
        p = memchr(p, '"', (size_t)(c->end - p));
        if (!p)
            return CSV_OPEN_QUOTE;
        if (p + 1 == c->end || p[1] != '"')
            break;
        p += 2;
    }
    *out = (cell){.kind = CELL_TEXT, .at = first, .length = undouble(first, (size_t)(p - first))};
    if (out->length == 0)
        out->kind = CELL_MISSING;
    return finish_cell(c, p + 1);
}

/* The next cell of a record [c->at, c->end) without its line feed. */
static csv_fault take_cell(csv_cursor *c, cell *out)
{
    if (c->at < c->end && *c->at == '"')
        return take_quoted_cell(c, out);
    char *stop = memchr(c->at, c->delimiter, (size_t)(c->end - c->at));
    c->record_ended = !stop;
    if (!stop)
        stop = c->end;
    size_t length = (size_t)(stop - c->at);
    if (c->record_ended && length > 0 && stop[-1] == '\r')
        length--;
    if (c->quotes && memchr(c->at, '"', length))
        return CSV_STRAY_QUOTE;
    *out = (cell){.kind = length ? CELL_TEXT : CELL_MISSING, .at = c->at, .length = length};
    c->at = stop + 1;
    return CSV_FINE;
}

static assay_code fail_quote(const text_table *t, size_t row, csv_fault fault, assay_err *err)
{
    const char *what = fault == CSV_OPEN_QUOTE ? "a quote is never closed"
                       : fault == CSV_AFTER_QUOTE
                           ? "text follows a closing quote"
                           : "a quote inside a cell that is not quoted; quote the "
                             "whole cell and double the quote";
    return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: %s", t->into->path, row + 1, what);
}

static assay_code fail_ragged(const text_table *t, csv_cursor c, size_t row, size_t cells,
                              assay_err *err)
{
    cell rest;
    while (!c.record_ended && take_cell(&c, &rest) == CSV_FINE)
        cells++;
    return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: has %zu column%s instead of %zu",
                      t->into->path, row + 1, cells, cells == 1 ? "" : "s", t->into->column_count);
}

static assay_code parse_record(const text_table *t, csv_cursor *c, size_t row, table_part *part)
{
    size_t column = 0;
    c->record_ended = false;
    while (!c->record_ended) {
        if (column == t->into->column_count)
            return fail_ragged(t, *c, row, column, &part->err);
        cell value;
        const csv_fault fault = take_cell(c, &value);
        if (fault != CSV_FINE)
            return fail_quote(t, row, fault, &part->err);
        if (table_wants(&t->into->column[column]))
            ASSAY_TRY(table_put(part, column, row, &value));
        column++;
    }
    if (column < t->into->column_count)
        return fail_ragged(t, *c, row, column, &part->err);
    return ASSAY_OK;
}

/* A cell's place in words: the column in which a byte of the block lies. */
static const char *column_of(const text_table *t, char *line, const char *byte)
{
    csv_cursor c = {
        .at = line, .end = line + strlen(line), .delimiter = t->delimiter, .quotes = true};
    size_t column = 0;
    cell value;
    while (!c.record_ended && take_cell(&c, &value) == CSV_FINE && c.at <= byte)
        column++;
    return column < t->into->column_count ? t->into->column[column].name : "";
}

static assay_code fail_byte(const text_table *t, char *at, size_t length, size_t offset,
                            table_part *part)
{
    const char *end = at + length;
    const bool quotes = memchr(at, '"', length);
    size_t start = 0;
    const char *stop = record_end(at, end, quotes);
    for (; stop < at + offset; stop = record_end(at + start, end, quotes))
        start = (size_t)(stop - at) + 1;
    const size_t row = part->first_row + count_rows(t, at, start);
    const bool zero = at[offset] == '\0';
    char *line = mem_copy_text(at + start, (size_t)(stop - at) - start);
    if (!line)
        return assay_fail(&part->err, ASSAY_E_NOMEM, "%s: out of memory", t->into->path);
    line[offset - start] = '?';
    const assay_code code = assay_fail(
        &part->err, ASSAY_E_INPUT, "%s: row %zu: column '%s' %s", t->into->path, row + 1,
        column_of(t, line, line + (offset - start)), zero ? "holds a zero byte" : "is not UTF-8");
    mem_free(line);
    return code;
}

static assay_code check_bytes(const text_table *t, char *at, size_t length, table_part *part)
{
    const char *nul = memchr(at, 0, length);
    const size_t valid = utf8_valid(at, nul ? (size_t)(nul - at) : length);
    return valid < length ? fail_byte(t, at, length, valid, part) : ASSAY_OK;
}

static assay_code parse_rows(const text_table *t, char *at, size_t length, table_part *part)
{
    ASSAY_TRY(check_bytes(t, at, length, part));
    char *end = at + length;
    const bool quotes = memchr(at, '"', length);
    const bool keep_blank = t->into->column_count == 1;
    size_t row = part->first_row;
    while (at < end) {
        char *newline = at + (record_end(at, end, quotes) - at);
        csv_cursor c = {.at = at, .end = newline, .delimiter = t->delimiter, .quotes = quotes};
        if (keep_blank || !is_blank(at, newline)) {
            if (newline - at > (ptrdiff_t)LINE_BYTES_MOST)
                return text_table_fail_long(t, row, &part->err);
            ASSAY_TRY(parse_record(t, &c, row++, part));
        }
        at = newline + 1;
    }
    return ASSAY_OK;
}

/* The candidate that occurs most often outside of quotes. */
static char sniff_delimiter(const char *at, const char *end)
{
    static const char candidates[] = ",;\t|";
    size_t count[sizeof candidates] = {0};
    bool inside = false;
    for (; at < end; at++) {
        inside ^= *at == '"';
        const char *which = inside || !*at ? NULL : strchr(candidates, *at);
        if (which)
            count[which - candidates]++;
    }
    size_t best = 0;
    for (size_t i = 1; i + 1 < sizeof candidates; i++)
        best = count[i] > count[best] ? i : best;
    return candidates[best];
}

/* The header and the first rows, looked at to understand the columns. */
typedef struct csv_head {
    column_facts *column;
    column_sample *sample;
    size_t count, room;
    dictionary label_values;
    list_items items;
    char *copy; /* of the block: looking takes doubled quotes out */
} csv_head;

static void csv_head_clear(csv_head *h)
{
    for (size_t i = 0; i < h->count; i++)
        mem_free(h->column[i].name);
    mem_free(h->column);
    mem_free(h->sample);
    dictionary_clear(&h->label_values);
    list_items_clear(&h->items);
    mem_free(h->copy);
}

static assay_code head_nomem(const text_table *t, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the header", t->into->path);
}

static assay_code add_name(const text_table *t, csv_head *h, const cell *value, dictionary *seen,
                           assay_err *err)
{
    const char *at = value->at;
    size_t length = value->length;
    for (; length && *at == ' '; at++)
        length--;
    while (length && at[length - 1] == ' ')
        length--;
    uint32_t code;
    ASSAY_TRY(dictionary_add(seen, at, length, text_hash(at, length), &code, err));
    char shown[80];
    source_show_value(at, length, shown);
    if (code < h->count)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: the header (the first line) names column '%s' twice", t->into->path,
                          shown);
    if (h->count >= COLUMNS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d columns", t->into->path,
                          COLUMNS_MOST);
    if (h->count == h->room) {
        const size_t room = h->room ? h->room * 2 : 16;
        column_facts *grown = mem_resize(h->column, room, sizeof *grown);
        if (!grown)
            return head_nomem(t, err);
        h->column = grown;
        h->room = room;
    }
    char *name = mem_copy_text(at, length);
    if (!name)
        return head_nomem(t, err);
    h->column[h->count++] = (column_facts){.name = name};
    return ASSAY_OK;
}

static assay_code read_names(text_table *t, csv_head *h, csv_cursor c, assay_err *err)
{
    dictionary seen = {0};
    assay_code code = ASSAY_OK;
    while (!c.record_ended && code == ASSAY_OK) {
        cell value;
        if (take_cell(&c, &value) != CSV_FINE)
            code = assay_fail(err, ASSAY_E_INPUT, "%s: the header has a quote out of place",
                              t->into->path);
        else
            code = add_name(t, h, &value, &seen, err);
    }
    dictionary_clear(&seen);
    if (code != ASSAY_OK)
        return code;
    h->sample = mem_zalloc(h->count, sizeof *h->sample);
    return h->sample ? ASSAY_OK : head_nomem(t, err);
}

static assay_code look_at_record(csv_head *h, csv_cursor c, size_t row,
                                 const import_request *request, assay_err *err)
{
    for (size_t i = 0; i < h->count && !c.record_ended; i++) {
        cell value;
        if (take_cell(&c, &value) != CSV_FINE)
            return ASSAY_OK; /* parse_rows will say what is wrong, and where */
        ASSAY_TRY(column_sample_add(&h->sample[i], row, &value, &h->items, err));
        uint32_t code;
        if (value.length && columns_may_be_label(h->column[i].name, request))
            ASSAY_TRY(dictionary_add(&h->label_values, value.at, value.length,
                                     text_hash(value.at, value.length), &code, err));
    }
    return ASSAY_OK;
}

static assay_code look_at_rows(const text_table *t, csv_head *h, char *at, char *end,
                               const import_request *request, assay_err *err)
{
    const bool quotes = memchr(at, '"', (size_t)(end - at));
    for (size_t row = 0; row < ROWS_LOOKED_AT && at < end;) {
        char *newline = at + (record_end(at, end, quotes) - at);
        const csv_cursor c = {
            .at = at, .end = newline, .delimiter = t->delimiter, .quotes = quotes};
        if (!is_blank(at, newline))
            ASSAY_TRY(look_at_record(h, c, row++, request, err));
        at = newline + 1;
    }
    for (size_t i = 0; i < h->count; i++) {
        h->column[i].kind = column_sample_kind(&h->sample[i]);
        h->column[i].longest_list = h->sample[i].longest_list;
        h->column[i].first_number = h->sample[i].first_number;
    }
    return ASSAY_OK;
}

/* Understands the header; *skip is where the first row begins. */
static assay_code read_head(text_table *t, csv_head *h, const block *b,
                            const import_request *request, size_t *skip, assay_err *err)
{
    const char *path = t->into->path;
    if (b->length >= 2 && (!memcmp(b->at, "\xff\xfe", 2) || !memcmp(b->at, "\xfe\xff", 2)))
        return assay_fail(err, ASSAY_E_INPUT, "%s: is UTF-16 text; save it as UTF-8", path);
    h->copy = mem_copy_text(b->at, b->length);
    if (!h->copy)
        return head_nomem(t, err);
    char *at = h->copy;
    char *end = at + b->length;
    at += b->length >= 3 && !memcmp(at, "\xef\xbb\xbf", 3) ? 3 : 0;
    char *newline = at + (record_end(at, end, memchr(at, '"', (size_t)(end - at))) - at);
    if (memchr(at, 0, (size_t)(newline - at)) ||
        utf8_valid(at, (size_t)(newline - at)) != (size_t)(newline - at))
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: the first line is not UTF-8 text; expected CSV, TSV, JSON or Parquet", path);
    if (is_blank(at, newline))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: the first line is blank; expected the names of the columns", path);
    *skip = (size_t)(newline - h->copy) + (newline < end);
    if (!t->delimiter)
        t->delimiter = sniff_delimiter(at, newline);
    const csv_cursor c = {.at = at, .end = newline, .delimiter = t->delimiter, .quotes = true};
    ASSAY_TRY(read_names(t, h, c, err));
    return look_at_rows(t, h, h->copy + *skip, end, request, err);
}

static assay_code read_all(const import_request *request, text_table *t, block_reader *r, block *b,
                           assay_err *err)
{
    size_t skip = 0;
    csv_head h = {0};
    ASSAY_TRY(block_reader_next(r, cut_lines, b, err));
    assay_code code = b->length ? read_head(t, &h, b, request, &skip, err)
                                : assay_fail(err, ASSAY_E_INPUT, "%s: is empty", t->into->path);
    const column_list list = {h.column, h.count, &h.label_values};
    if (code == ASSAY_OK)
        code = table_init(t->into, request, t->delimiter == '\t' ? "TSV" : "CSV", &list, err);
    csv_head_clear(&h);
    ASSAY_TRY(code);
    return text_table_read(t, r, b, skip, err);
}

assay_code csv_table_read(const import_request *request, const source *s, bool tabs, table *out,
                          assay_err *err)
{
    *out = (table){.path = request->path};
    text_table t = {.cut = cut_lines,
                    .count = count_rows,
                    .parse = parse_rows,
                    .into = out,
                    .delimiter = tabs ? '\t' : '\0'};
    block_reader *r;
    ASSAY_TRY(block_reader_new(request->path, s, &r, err));
    block first = {0};
    const assay_code code = read_all(request, &t, r, &first, err);
    block_clear(&first);
    block_reader_free(r);
    if (code != ASSAY_OK)
        table_clear(out);
    return code;
}
