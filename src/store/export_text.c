/* Exports as CSV and as JSON lines: blocks of rows are written by several threads at once and leave
 * in their order. */
#include "base/limits.h"
#include "base/quoting.h"
#include "base/threads.h"
#include "store/export_columns.h"

#include <math.h>
#include <string.h>

enum { ROWS_IN_BLOCK = 4096, BLOCKS_A_THREAD = 4 };

/* As many blocks as are held at once. */
typedef struct batch {
    const export_table *table;
    bool json;
    size_t block_rows, first_row;
    text *block;
    double **probability; /* a buffer a worker; NULL without probabilities */
} batch;

static void put_csv(text *out, const export_cell *cell, bool alone)
{
    if (cell->holds == CELL_NONE)
        text_puts(out, alone ? "\"\"" : ""); /* an empty line would be no row */
    else if (cell->holds == CELL_WORDS)
        quote_csv(out, cell->at, cell->length);
    else if (cell->holds == CELL_REAL)
        put_real(out, cell->number);
    else if (cell->holds == CELL_FLAG)
        text_puts(out, cell->flag ? "true" : "false");
}

static void put_json(text *out, const export_cell *cell)
{
    if (cell->holds == CELL_WORDS)
        quote_json(out, cell->at, cell->length);
    else if (cell->holds == CELL_REAL && isfinite(cell->number))
        put_real(out, cell->number);
    else if (cell->holds == CELL_FLAG)
        text_puts(out, cell->flag ? "true" : "false");
    else
        text_puts(out, "null");
}

static void put_row(const batch *b, size_t i, const double *probability, text *out)
{
    const export_table *t = b->table;
    text_puts(out, b->json ? "{" : "");
    for (size_t c = 0; c < t->column_count; c++) {
        const export_column *column = &t->column[c];
        const export_cell cell = export_cell_of(t, column, export_row(t, i), probability);
        text_puts(out, c == 0 ? "" : b->json ? ", " : ",");
        if (b->json) {
            quote_json(out, column->name, strlen(column->name));
            text_puts(out, ": ");
            put_json(out, &cell);
        } else {
            put_csv(out, &cell, t->column_count == 1);
        }
    }
    text_puts(out, b->json ? "}\n" : "\n");
}

static int put_block(void *context, size_t block, int worker)
{
    batch *b = context;
    const size_t first = b->first_row + block * b->block_rows;
    const size_t left = b->table->row_count - first;
    const size_t count = left < b->block_rows ? left : b->block_rows;
    double *probability = b->probability ? b->probability[worker] : NULL;
    export_probabilities(b->table, first, count, probability);
    const size_t classes = b->probability ? b->table->frame->classes.count : 0;
    text *out = &b->block[block];
    out->length = 0; /* its room is used again */
    for (size_t i = 0; i < count; i++)
        put_row(b, first + i, probability ? probability + i * classes : NULL, out);
    return out->broken;
}

static assay_code write_head(const export_table *t, const export_sink *sink, assay_err *err)
{
    text head;
    text_init(&head, REPORT_BYTES_MOST);
    for (size_t c = 0; c < t->column_count; c++) {
        text_puts(&head, c ? "," : "");
        quote_csv(&head, t->column[c].name, strlen(t->column[c].name));
    }
    text_puts(&head, "\n");
    assay_code code = text_check(&head, err);
    if (code == ASSAY_OK)
        code = sink->write(sink->context, text_view(&head), head.length, err);
    text_clear(&head);
    return code;
}

static assay_code write_batch(batch *b, size_t blocks, int thread_count, const export_sink *sink,
                              assay_err *err)
{
    threads_run(blocks, thread_count, put_block, b);
    for (size_t i = 0; i < blocks; i++) {
        ASSAY_TRY(text_check(&b->block[i], err));
        ASSAY_TRY(sink->write(sink->context, text_view(&b->block[i]), b->block[i].length, err));
    }
    return ASSAY_OK;
}

static assay_code write_rows(batch *b, size_t block_count, int thread_count,
                             const export_sink *sink, assay_err *err)
{
    const size_t rows = b->table->row_count;
    while (b->first_row < rows) {
        const size_t wanted = (rows - b->first_row + b->block_rows - 1) / b->block_rows;
        const size_t blocks = wanted < block_count ? wanted : block_count;
        ASSAY_TRY(write_batch(b, blocks, thread_count, sink, err));
        b->first_row += blocks * b->block_rows;
    }
    return ASSAY_OK;
}

static bool make_room(batch *b, size_t block_count, int thread_count)
{
    b->block = mem_zalloc(block_count, sizeof *b->block);
    if (!b->block)
        return false;
    for (size_t i = 0; i < block_count; i++)
        text_init(&b->block[i], REPORT_BYTES_MOST);
    if (!b->table->has_probabilities)
        return true;
    b->probability = mem_zalloc((size_t)thread_count, sizeof *b->probability);
    bool whole = b->probability != NULL;
    for (int i = 0; whole && i < thread_count; i++) {
        b->probability[i] =
            mem_alloc(b->block_rows * b->table->frame->classes.count, sizeof(double));
        whole = b->probability[i] != NULL;
    }
    return whole;
}

static void give_back(batch *b, size_t block_count, int thread_count)
{
    for (size_t i = 0; b->block && i < block_count; i++)
        text_clear(&b->block[i]);
    mem_free(b->block);
    for (int i = 0; b->probability && i < thread_count; i++)
        mem_free(b->probability[i]);
    mem_free(b->probability);
}

assay_code export_text(const export_table *t, bool json, int thread_count, const export_sink *sink,
                       assay_err *err)
{
    if (!json)
        ASSAY_TRY(write_head(t, sink, err));
    const int threads = thread_count < 1 ? 1 : thread_count;
    const size_t block_count = (size_t)threads * BLOCKS_A_THREAD;
    batch b = {.table = t, .json = json, .block_rows = export_rows_at_once(t, ROWS_IN_BLOCK)};
    assay_code code =
        make_room(&b, block_count, threads)
            ? write_rows(&b, block_count, threads, sink, err)
            : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the export of %s", sink->name);
    give_back(&b, block_count, threads);
    return code;
}
