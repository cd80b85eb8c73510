/* Reads text tables in waves: a few blocks are read, their rows counted, room is made, and then
 * several threads parse them at once, each row at its place; new texts get their codes in the
 * file's order. */
#include "store/text_table.h"

#include "base/threads.h"
#include "store/number.h"

#include <math.h>
#include <string.h>

enum { WAVE_BLOCKS = 16 };

typedef struct wave {
    text_table *format;
    block block[WAVE_BLOCKS];
    size_t skip[WAVE_BLOCKS];
    table_part part[WAVE_BLOCKS];
    size_t count;
    assay_code reading; /* why no more blocks came */
    assay_err reading_err;
    bool ended;
} wave;

static void wave_clear(wave *w)
{
    for (size_t i = 0; i < WAVE_BLOCKS; i++) {
        block_clear(&w->block[i]);
        table_part_clear(&w->part[i]);
    }
}

static int count_block(void *context, size_t chunk, int worker)
{
    (void)worker;
    wave *w = context;
    w->part[chunk].row_count = w->format->count(w->format, w->block[chunk].at + w->skip[chunk],
                                                w->block[chunk].length - w->skip[chunk]);
    return 0;
}

static int parse_block(void *context, size_t chunk, int worker)
{
    (void)worker;
    wave *w = context;
    table_part *part = &w->part[chunk];
    part->code = ASSAY_OK;
    part->code = w->format->parse(w->format, w->block[chunk].at + w->skip[chunk],
                                  w->block[chunk].length - w->skip[chunk], part);
    return 0;
}

static void read_blocks(wave *w, block_reader *r)
{
    while (w->count < WAVE_BLOCKS && !w->ended) {
        block *b = &w->block[w->count];
        w->skip[w->count] = 0;
        w->reading = block_reader_next(r, w->format->cut, b, &w->reading_err);
        w->ended = w->reading != ASSAY_OK || b->length == 0;
        w->count += !w->ended;
    }
}

static assay_code parse_blocks(wave *w, assay_err *err)
{
    table *t = w->format->into;
    threads_run(w->count, t->thread_count, count_block, w);
    size_t rows = t->row_count;
    for (size_t i = 0; i < w->count; i++) {
        w->part[i].into = t;
        w->part[i].first_row = rows;
        rows += w->part[i].row_count;
    }
    ASSAY_TRY(table_reserve(t, rows, err));
    threads_run(w->count, t->thread_count, parse_block, w);
    for (size_t i = 0; i < w->count; i++) {
        if (w->part[i].code != ASSAY_OK) {
            if (err)
                *err = w->part[i].err;
            return w->part[i].code;
        }
        ASSAY_TRY(table_settle(&w->part[i], err));
        w->format->closed |= w->part[i].closed;
    }
    t->row_count = rows;
    w->count = 0;
    return ASSAY_OK;
}

assay_code text_table_fail_long(const text_table *t, size_t row, assay_err *err)
{
    return assay_fail(err, ASSAY_E_LIMIT, "%s: row %zu: is longer than %zu bytes%s", t->into->path,
                      row + 1, (size_t)LINE_BYTES_MOST,
                      t->delimiter ? "; is a quote never closed?" : "");
}

/* How many rows there are nobody knows before the last one: as many as their share of the bytes
 * lets expect. */
static assay_code tell_rows(const wave *w, const block_reader *r, assay_err *err)
{
    const table *t = w->format->into;
    const double share = block_reader_share(r);
    return table_tell(t, share > 0.0 ? (uint64_t)((double)t->row_count / share) : 0, err);
}

static assay_code run_waves(wave *w, block_reader *r, assay_err *err)
{
    while (!w->ended) {
        read_blocks(w, r);
        ASSAY_TRY(parse_blocks(w, err));
        ASSAY_TRY(tell_rows(w, r, err));
    }
    if (w->reading == ASSAY_E_LIMIT)
        return text_table_fail_long(w->format, w->format->into->row_count, err);
    if (w->reading != ASSAY_OK && err)
        *err = w->reading_err;
    return w->reading;
}

assay_code text_table_read(text_table *t, block_reader *r, block *first, size_t skip,
                           assay_err *err)
{
    wave *w = mem_zalloc(1, sizeof *w);
    if (!w)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for reading", t->into->path);
    w->format = t;
    w->block[0] = *first;
    w->skip[0] = skip;
    w->count = first->length > skip;
    *first = (block){0};
    const assay_code code = run_waves(w, r, err);
    wave_clear(w);
    mem_free(w);
    return code;
}

static bool is_blank(const cell *value)
{
    size_t i = 0;
    while (i < value->length && value->at[i] == ' ')
        i++;
    return i == value->length;
}

static void sample_text(column_sample *s, const cell *value)
{
    double number;
    const number_kind kind = number_parse(value->at, value->length, &number);
    s->numbers += kind == NUMBER_FINE || kind == NUMBER_NOT_FINITE;
    s->texts += kind == NUMBER_BAD;
    s->marks += kind == NUMBER_EMPTY && !is_blank(value);
}

static bool all_numbers(const list_items *list)
{
    double number;
    for (uint32_t i = 0; i < list->count; i++) {
        const number_kind kind = number_parse(list->item[i].at, list->item[i].length, &number);
        if (list->item[i].quoted || (kind != NUMBER_FINE && kind != NUMBER_NOT_FINITE))
            return false;
    }
    return true;
}

/* The list that a cell holds, NULL where it is none. */
static assay_code find_list(const cell *value, list_items *scratch, const list_items **list,
                            assay_err *err)
{
    *list = value->kind == CELL_LIST ? value->list : NULL;
    if (value->kind != CELL_TEXT || !list_cell_is_list(value->at, value->length))
        return ASSAY_OK;
    const assay_code code = list_cell_parse(value->at, value->length, scratch, NULL);
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, code, "out of memory for a list");
    *list = code == ASSAY_OK ? scratch : NULL;
    return ASSAY_OK;
}

static void sample_list(column_sample *s, const list_items *list)
{
    s->lists++;
    s->list_numbers += all_numbers(list);
    s->longest_list = list->count > s->longest_list ? list->count : s->longest_list;
}

assay_code column_sample_add(column_sample *s, size_t row, const cell *value, list_items *scratch,
                             assay_err *err)
{
    if (row == 0)
        s->first_number = (double)NAN;
    const list_items *list;
    ASSAY_TRY(find_list(value, scratch, &list, err));
    if (list) {
        sample_list(s, list);
    } else if (value->kind == CELL_NUMBER) {
        s->numbers++;
        if (row == 0)
            s->first_number = value->number;
    } else if (value->kind == CELL_TEXT && value->length > 0) {
        if (row == 0)
            number_parse(value->at, value->length, &s->first_number);
        sample_text(s, value);
    }
    return ASSAY_OK;
}

column_kind column_sample_kind(const column_sample *s)
{
    if (s->others)
        return KIND_OTHER;
    if (s->lists && !s->numbers && !s->texts)
        return s->list_numbers == s->lists ? KIND_LIST_NUMBER : KIND_LIST_TEXT;
    if (s->texts || s->lists)
        return KIND_TEXT;
    if (s->numbers)
        return KIND_NUMBER;
    return s->marks ? KIND_TEXT : KIND_EMPTY;
}
