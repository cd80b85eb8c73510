/* Probabilities as a file gives them, and as scores read them: one pass finds the argmax, the sum
 * and the faults of each row. */
#include "frame/probabilities.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "frame/classes.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>

/* How far a value may leave [0, 1] and a sum may miss 1 before the row is refused. */
#define RANGE_SLACK 1e-6
#define SUM_SLACK 1e-3

enum { LANES = 8, STRIDE = 64, CHUNK_VALUES = 1 << 20, BATCH_VALUES = 1 << 14, BATCH_ROWS = 8 };

/* What one pass over a row finds. With a NaN in the row only `sum` (NaN too) means anything. */
typedef struct row_facts {
    double sum, largest, smallest;
    size_t argmax;
} row_facts;

static inline double sum_of_lanes(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/*
 * Eight sums side by side, value i in sum i % 8, so that the order of additions is fixed and
 * vectors can do them. The argmax is looked for only in the first stride that holds the largest
 * value.
 */
#define DEFINE_LOOK(type)                                                                          \
    static type look_at_stride_##type(const type *at, double *restrict sum, type *restrict low)    \
    {                                                                                              \
        type high[LANES];                                                                          \
        for (size_t j = 0; j < LANES; j++)                                                         \
            high[j] = at[j];                                                                       \
        for (size_t i = 0; i < STRIDE; i += LANES) {                                               \
            for (size_t j = 0; j < LANES; j++) {                                                   \
                const type x = at[i + j];                                                          \
                sum[j] += (double)x;                                                               \
                high[j] = x > high[j] ? x : high[j];                                               \
                low[j] = x < low[j] ? x : low[j];                                                  \
            }                                                                                      \
        }                                                                                          \
        for (size_t j = 1; j < LANES; j++)                                                         \
            high[0] = high[j] > high[0] ? high[j] : high[0];                                       \
        return high[0];                                                                            \
    }                                                                                              \
    static row_facts look_at_row_##type(const type *at, size_t count)                              \
    {                                                                                              \
        double sum[LANES] = {0};                                                                   \
        type low[LANES], best = at[0];                                                             \
        for (size_t j = 0; j < LANES; j++)                                                         \
            low[j] = at[0];                                                                        \
        size_t i = 0, where = 0;                                                                   \
        for (; i + STRIDE <= count; i += STRIDE) {                                                 \
            const type high = look_at_stride_##type(at + i, sum, low);                             \
            where = high > best ? i : where;                                                       \
            best = high > best ? high : best;                                                      \
        }                                                                                          \
        for (; i < count; i++) {                                                                   \
            sum[i % LANES] += (double)at[i];                                                       \
            where = at[i] > best ? i : where;                                                      \
            best = at[i] > best ? at[i] : best;                                                    \
            low[0] = at[i] < low[0] ? at[i] : low[0];                                              \
        }                                                                                          \
        for (size_t j = 1; j < LANES; j++)                                                         \
            low[0] = low[j] < low[0] ? low[j] : low[0];                                            \
        while (where + 1 < count && at[where] < best)                                              \
            where++;                                                                               \
        return (row_facts){sum_of_lanes(sum), (double)best, (double)low[0], where};                \
    }

DEFINE_LOOK(float)
DEFINE_LOOK(double)

/* What one chunk of rows adds to the answer. */
typedef struct chunk_scan {
    probability_scan scan;
    size_t rows_divided;
    double largest_gap;
} chunk_scan;

typedef struct scanning {
    const probabilities *p;
    bool any_sum;
    size_t chunk_rows, batch_rows;
    chunk_scan *chunk;
    double *room; /* room_each doubles a worker: a batch of rows, and one row more */
    size_t room_each;
    _Atomic(double *)
        divisor; /* born with the first row that needs it; 0 for a row that does not */
    uint16_t *prediction;
    double *confidence;
} scanning;

static double sum_tolerance(matrix_type type)
{
    return type == MATRIX_F64 ? 1e-12 : 1e-6;
}

/* The divisors, born zeroed; two workers may both try, and one wins. NULL: out of memory. */
static double *need_divisors(scanning *s)
{
    double *now = atomic_load(&s->divisor);
    if (now)
        return now;
    double *fresh = mem_zalloc(s->p->values.row_count, sizeof *fresh);
    if (!fresh)
        return NULL;
    if (atomic_compare_exchange_strong(&s->divisor, &now, fresh))
        return fresh;
    mem_free(fresh);
    return now;
}

static bool set_divisor(scanning *s, size_t row, double divisor)
{
    double *divisors = need_divisors(s);
    if (divisors)
        divisors[row] = divisor;
    return divisors != NULL;
}

/* The first bad value of a row, or its sum. */
static row_fault fault_of(const scanning *s, const double *row, double sum, size_t *column,
                          double *value)
{
    const size_t count = s->p->values.column_count;
    for (size_t c = 0; c < count; c++) {
        *column = c;
        *value = row[c];
        if (!isfinite(row[c]))
            return ROW_NOT_FINITE;
        if (!s->p->logits && (row[c] < -RANGE_SLACK || row[c] > 1.0 + RANGE_SLACK))
            return ROW_OUT_OF_RANGE;
    }
    *column = 0;
    *value = sum;
    if (s->p->logits)
        return ROW_FINE;
    return (s->any_sum ? sum > 0.0 : fabs(sum - 1.0) <= SUM_SLACK) ? ROW_FINE : ROW_SUM_OFF;
}

static void note_fault(probability_scan *scan, size_t row, row_fault fault, size_t column,
                       double value)
{
    scan->not_finite += fault == ROW_NOT_FINITE;
    scan->out_of_range += fault == ROW_OUT_OF_RANGE;
    scan->sum_off += fault == ROW_SUM_OFF;
    if (scan->first_count < BAD_ROWS_SHOWN) {
        const size_t at = scan->first_count++;
        scan->first[at].row = row;
        scan->first[at].column = column;
        scan->first[at].fault = fault;
        scan->first[at].value = value;
    }
}

static bool is_plainly_fine(const scanning *s, const row_facts *facts)
{
    if (s->p->logits)
        return isfinite(facts->sum);
    return fabs(facts->sum - 1.0) <= SUM_SLACK && facts->smallest >= -RANGE_SLACK &&
           facts->largest <= 1.0 + RANGE_SLACK;
}

static double log_sum_exp(const double *row, size_t count, double largest)
{
    double sum = 0.0;
    for (size_t c = 0; c < count; c++)
        sum += exp(row[c] - largest);
    return largest + log(sum);
}

/* A row without a fault: its divisor and its confidence. `spare` holds a row. */
static bool take_row(scanning *s, chunk_scan *chunk, size_t row, const row_facts *facts,
                     double *spare)
{
    const matrix *m = &s->p->values;
    s->prediction[row] = (uint16_t)facts->argmax;
    if (s->p->logits) {
        matrix_read_rows(m, row, 1, spare);
        const double divisor = log_sum_exp(spare, m->column_count, facts->largest);
        s->confidence[row] = exp(facts->largest - divisor);
        return set_divisor(s, row, divisor);
    }
    const double gap = fabs(facts->sum - 1.0);
    const bool divided = gap > sum_tolerance(m->type);
    s->confidence[row] = fmin(1.0, divided ? facts->largest / facts->sum : facts->largest);
    if (!divided)
        return true;
    chunk->rows_divided++;
    chunk->largest_gap = fmax(chunk->largest_gap, gap);
    return set_divisor(s, row, facts->sum);
}

static bool judge_row(scanning *s, chunk_scan *chunk, size_t row, const row_facts *facts,
                      double *spare)
{
    if (is_plainly_fine(s, facts))
        return take_row(s, chunk, row, facts, spare);
    size_t column;
    double value;
    matrix_read_rows(&s->p->values, row, 1, spare);
    const row_fault fault = fault_of(s, spare, facts->sum, &column, &value);
    if (fault == ROW_FINE)
        return take_row(s, chunk, row, facts, spare);
    note_fault(&chunk->scan, row, fault, column, value);
    s->prediction[row] = CLASS_MISSING;
    s->confidence[row] = (double)NAN;
    return set_divisor(s, row, (double)NAN);
}

/* Rows that lie one after the other as float32 or float64 are looked at where they lie, all others
 * as a copy. */
static bool is_read_in_place(const matrix *m)
{
    return !m->by_column && m->type != MATRIX_F16;
}

static row_facts look_at_row(const matrix *m, size_t row)
{
    const size_t first = row * m->column_count;
    if (m->type == MATRIX_F32)
        return look_at_row_float((const float *)m->at + first, m->column_count);
    return look_at_row_double((const double *)m->at + first, m->column_count);
}

static bool scan_copies(scanning *s, chunk_scan *chunk, size_t begin, size_t end, double *room)
{
    const matrix *m = &s->p->values;
    double *spare = room + s->batch_rows * m->column_count;
    for (size_t row = begin; row < end; row += s->batch_rows) {
        const size_t rows = end - row < s->batch_rows ? end - row : s->batch_rows;
        matrix_read_rows(m, row, rows, room);
        for (size_t r = 0; r < rows; r++) {
            const row_facts facts = look_at_row_double(room + r * m->column_count, m->column_count);
            if (!judge_row(s, chunk, row + r, &facts, spare))
                return false;
        }
    }
    return true;
}

static int scan_chunk(void *context, size_t number, int worker)
{
    scanning *s = context;
    const matrix *m = &s->p->values;
    chunk_scan *chunk = &s->chunk[number];
    double *room = s->room + (size_t)worker * s->room_each;
    const size_t begin = number * s->chunk_rows;
    const size_t left = m->row_count - begin;
    const size_t end = begin + (left < s->chunk_rows ? left : s->chunk_rows);
    if (!is_read_in_place(m))
        return !scan_copies(s, chunk, begin, end, room);
    for (size_t row = begin; row < end; row++) {
        const row_facts facts = look_at_row(m, row);
        if (!judge_row(s, chunk, row, &facts, room))
            return 1;
    }
    return 0;
}

static void merge_chunk(probabilities *p, probability_scan *scan, const chunk_scan *chunk)
{
    p->rows_divided += chunk->rows_divided;
    p->largest_gap = fmax(p->largest_gap, chunk->largest_gap);
    scan->not_finite += chunk->scan.not_finite;
    scan->out_of_range += chunk->scan.out_of_range;
    scan->sum_off += chunk->scan.sum_off;
    for (size_t i = 0; i < chunk->scan.first_count && scan->first_count < BAD_ROWS_SHOWN; i++)
        scan->first[scan->first_count++] = chunk->scan.first[i];
}

static void finish_scan(scanning *s, size_t chunk_count, probabilities *p, probability_scan *scan)
{
    p->rows_divided = 0;
    p->largest_gap = 0.0;
    *scan = (probability_scan){0};
    for (size_t i = 0; i < chunk_count; i++)
        merge_chunk(p, scan, &s->chunk[i]);
    double *divisor = atomic_load(&s->divisor);
    for (size_t row = 0; divisor && !p->logits && row < p->values.row_count; row++)
        divisor[row] = divisor[row] == 0.0 ? 1.0 : divisor[row];
    mem_free(p->divisor);
    p->divisor = divisor;
}

assay_code probabilities_scan(probabilities *p, bool any_sum, int thread_count,
                              uint16_t *prediction, double *confidence, probability_scan *scan,
                              assay_err *err)
{
    const size_t columns = p->values.column_count, rows = p->values.row_count;
    assert(columns >= 1 && columns <= CLASSES_MOST && thread_count >= 1);
    scanning s = {.p = p,
                  .any_sum = any_sum,
                  .chunk_rows = CHUNK_VALUES / columns,
                  .prediction = prediction,
                  .confidence = confidence};
    if (!is_read_in_place(&p->values))
        s.batch_rows = BATCH_VALUES / columns > BATCH_ROWS ? BATCH_VALUES / columns : BATCH_ROWS;
    s.room_each = (s.batch_rows + 1) * columns;
    const size_t chunk_count = rows / s.chunk_rows + (rows % s.chunk_rows != 0);
    ASSAY_AUTO_MEM chunk_scan *chunk = mem_zalloc(chunk_count, sizeof *chunk);
    ASSAY_AUTO_MEM double *room = mem_alloc((size_t)thread_count * s.room_each, sizeof *room);
    s.chunk = chunk;
    s.room = room;
    if (!chunk || !room || threads_run(chunk_count, thread_count, scan_chunk, &s)) {
        mem_free(atomic_load(&s.divisor));
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu rows of probabilities", rows);
    }
    finish_scan(&s, chunk_count, p, scan);
    return ASSAY_OK;
}

void probabilities_clear(probabilities *p)
{
    matrix_clear(&p->values);
    mem_free(p->divisor);
    *p = (probabilities){0};
}

void probabilities_rows(const probabilities *p, size_t row, size_t count, double *restrict out)
{
    const size_t columns = p->values.column_count;
    matrix_read_rows(&p->values, row, count, out);
    for (size_t r = 0; p->divisor && r < count; r++) {
        const double divisor = p->divisor[row + r];
        double *restrict at = out + r * columns;
        if (p->logits) {
            for (size_t c = 0; c < columns; c++)
                at[c] = exp(at[c] - divisor);
        } else if (divisor != 1.0) {
            for (size_t c = 0; c < columns; c++)
                at[c] /= divisor;
        }
    }
}

bool probabilities_exact_f32(const probabilities *p)
{
    return !p->logits && !p->divisor && p->values.type != MATRIX_F64;
}

void probabilities_columns_f64(const probabilities *p, size_t row, size_t row_count, size_t column,
                               size_t column_count, double *restrict out)
{
    matrix_read_columns_f64(&p->values, row, row_count, column, column_count, out);
    for (size_t c = 0; p->divisor && c < column_count; c++) {
        const double *restrict divisor = p->divisor + row;
        double *restrict at = out + c * row_count;
        if (p->logits) {
            for (size_t r = 0; r < row_count; r++)
                at[r] = exp(at[r] - divisor[r]);
        } else {
            for (size_t r = 0; r < row_count; r++)
                at[r] /= divisor[r];
        }
    }
}

void probabilities_columns_f32(const probabilities *p, size_t row, size_t row_count, size_t column,
                               size_t column_count, float *restrict out)
{
    assert(probabilities_exact_f32(p));
    matrix_read_columns_f32(&p->values, row, row_count, column, column_count, out);
}
