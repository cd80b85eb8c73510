/* Measures of a sample that its probabilities give together with its label. */
#include "eval/label_measures.h"

#include "base/threads.h"

#include <math.h>

enum { CHUNK_VALUES = 1 << 15, CHUNK_ROWS = 4096 };

typedef struct measuring {
    const frame *f;
    const label_measure_columns *out;
    double *room; /* a chunk of probabilities for each worker */
    size_t chunk_rows;
} measuring;

/* Rounding may carry a number out of [0, 1]. */
static void put(double *column, size_t row, double x)
{
    if (column)
        column[row] = x < 0.0 ? 0.0 : x > 1.0 ? 1.0 : x;
}

static void measure_row(const measuring *m, const double *p, size_t row)
{
    const size_t columns = m->f->classes.count;
    const uint16_t label = m->f->label[row];
    double most = 0.0, other = 0.0;
    for (size_t k = 0; k < columns; k++) {
        most = p[k] > most ? p[k] : most;
        other = p[k] > other && k != label ? p[k] : other;
    }
    const bool valid = !isnan(p[0]), labelled = valid && label != CLASS_MISSING;
    put(m->out->least_confidence, row, valid ? 1.0 - most : (double)NAN);
    put(m->out->self_confidence, row, labelled ? p[label] : (double)NAN);
    put(m->out->normalised_margin, row, labelled ? (p[label] - other + 1.0) / 2.0 : (double)NAN);
}

static int measure_chunk(void *context, size_t number, int worker)
{
    const measuring *m = context;
    const size_t columns = m->f->classes.count;
    const size_t begin = number * m->chunk_rows, left = m->f->row_count - begin;
    const size_t rows = left < m->chunk_rows ? left : m->chunk_rows;
    double *room = m->room + (size_t)worker * m->chunk_rows * columns;
    probabilities_rows(m->f->probability, begin, rows, room);
    for (size_t r = 0; r < rows; r++)
        measure_row(m, room + r * columns, begin + r);
    return 0;
}

assay_code label_measures(const frame *f, int thread_count, const label_measure_columns *out,
                          assay_err *err)
{
    const size_t columns = f->classes.count, fitting = CHUNK_VALUES / columns;
    measuring m = {.f = f, .out = out};
    m.chunk_rows = fitting < 1 ? 1 : fitting < CHUNK_ROWS ? fitting : CHUNK_ROWS;
    ASSAY_AUTO_MEM double *room =
        mem_alloc((size_t)thread_count * m.chunk_rows * columns, sizeof *room);
    if (!room)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for rows of %zu classes", columns);
    m.room = room;
    const size_t chunk_count = (f->row_count + m.chunk_rows - 1) / m.chunk_rows;
    (void)threads_run(chunk_count, thread_count, measure_chunk, &m);
    return ASSAY_OK;
}
