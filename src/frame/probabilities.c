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
#include <string.h>

/* How far a value may leave [0, 1] before the row is refused. */
#define RANGE_SLACK 1e-6

enum { LANES = 8, STRIDE = 64, CHUNK_VALUES = 1 << 20, BATCH_VALUES = 1 << 14, BATCH_ROWS = 8 };

/* What one pass over a row finds. With a NaN in the row only `sum` (NaN too) means anything. */
typedef struct row_facts {
    double sum, largest;
    size_t argmax;
    bool negative; /* some value has its sign bit set */
} row_facts;

/* Sixteen bytes: what every processor of the kinds we run on adds and compares at once. */
typedef float floats __attribute__((vector_size(16)));
typedef int32_t float_bits __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(16)));
typedef int64_t double_bits __attribute__((vector_size(16)));

/* Eight sums side by side. Value i of a row goes to sum i % 8: the order of additions hangs on the
 * width alone. */
typedef struct lane_sums {
    doubles a, b, c, d;
} lane_sums;

static inline doubles load_doubles(const double *at)
{
    doubles x;
    memcpy(&x, at, sizeof x);
    return x;
}

static inline floats load_floats(const float *at)
{
    floats x;
    memcpy(&x, at, sizeof x);
    return x;
}

static inline void add_lanes(const double *at, size_t count, lane_sums *sum)
{
    lane_sums s = *sum;
    for (size_t i = 0; i < count; i += LANES) {
        s.a += load_doubles(at + i);
        s.b += load_doubles(at + i + 2);
        s.c += load_doubles(at + i + 4);
        s.d += load_doubles(at + i + 6);
    }
    *sum = s;
}

static inline double sum_of_lanes(const lane_sums *sum)
{
    const doubles half = (sum->a + sum->c) + (sum->b + sum->d);
    return half[0] + half[1];
}

static inline void add_double(const double *at, size_t count, lane_sums *sum)
{
    add_lanes(at, count, sum);
}

/* Widened to a room of its own first: a loop that every compiler turns into vector conversions. */
static inline void add_float(const float *at, size_t count, lane_sums *sum)
{
    double room[STRIDE];
    if (count == STRIDE) {
        for (size_t i = 0; i < STRIDE; i++)
            room[i] = (double)at[i];
        add_lanes(room, STRIDE, sum);
        return;
    }
    for (size_t i = 0; i < count; i += LANES) {
        for (size_t j = 0; j < LANES; j++)
            room[j] = (double)at[i + j];
        add_lanes(room, LANES, sum);
    }
}

/*
 * The largest of up to STRIDE values, a multiple of LANES; their sums are added, their sign bits
 * collected. The row's argmax is then looked for only in the first stride that holds the largest
 * value.
 */
#define DEFINE_LOOK(type, vector, bits)                                                            \
    static inline vector larger_##vector(vector x, vector high)                                    \
    {                                                                                              \
        const bits above = x > high;                                                               \
        return (vector)(((bits)x & above) | ((bits)high & ~above));                                \
    }                                                                                              \
    static inline type look_at_stride_##type(const type *at, size_t count, lane_sums *sum,         \
                                             bits *signs)                                          \
    {                                                                                              \
        const size_t width = sizeof(vector) / sizeof(type);                                        \
        vector high = load_##vector(at), other = high;                                             \
        bits seen = *signs;                                                                        \
        for (size_t i = 0; i < count; i += 2 * width) {                                            \
            const vector x = load_##vector(at + i), y = load_##vector(at + i + width);             \
            high = larger_##vector(x, high);                                                       \
            other = larger_##vector(y, other);                                                     \
            seen |= (bits)x | (bits)y;                                                             \
        }                                                                                          \
        *signs = seen;                                                                             \
        high = larger_##vector(other, high);                                                       \
        add_##type(at, count, sum);                                                                \
        type largest = high[0];                                                                    \
        for (size_t j = 1; j < width; j++)                                                         \
            largest = high[j] > largest ? high[j] : largest;                                       \
        return largest;                                                                            \
    }                                                                                              \
    static row_facts look_at_row_##type(const type *at, size_t count)                              \
    {                                                                                              \
        lane_sums sum = {{0}, {0}, {0}, {0}};                                                      \
        bits signs = {0};                                                                          \
        type largest = at[0];                                                                      \
        size_t i = 0, where = 0;                                                                   \
        while (i + LANES <= count) {                                                               \
            const size_t whole = (count - i) / LANES * LANES;                                      \
            const size_t stride = whole < STRIDE ? whole : STRIDE;                                 \
            const type high = look_at_stride_##type(at + i, stride, &sum, &signs);                 \
            where = high > largest ? i : where;                                                    \
            largest = high > largest ? high : largest;                                             \
            i += stride;                                                                           \
        }                                                                                          \
        bool negative = false;                                                                     \
        double last[LANES] = {0};                                                                  \
        for (; i < count; i++) {                                                                   \
            last[i % LANES] = (double)at[i];                                                       \
            where = at[i] > largest ? i : where;                                                   \
            largest = at[i] > largest ? at[i] : largest;                                           \
            negative |= signbit(at[i]) != 0;                                                       \
        }                                                                                          \
        add_lanes(last, LANES, &sum);                                                              \
        for (size_t j = 0; j < sizeof(vector) / sizeof(type); j++)                                 \
            negative |= signs[j] < 0;                                                              \
        while (where + 1 < count && at[where] < largest)                                           \
            where++;                                                                               \
        return (row_facts){sum_of_lanes(&sum), (double)largest, where, negative};                  \
    }

DEFINE_LOOK(float, floats, float_bits)
DEFINE_LOOK(double, doubles, double_bits)

/* What one chunk of rows adds to the answer. */
typedef struct chunk_scan {
    probability_scan scan;
    size_t rows_divided;
    double largest_gap;
} chunk_scan;

typedef struct scanning {
    const probabilities *p;
    size_t chunk_rows, batch_rows;
    chunk_scan *chunk;
    double *room; /* room_each doubles a worker: a batch of rows, and one row more */
    size_t room_each;
    _Atomic(double *)
        divisor;   /* born with the first row that needs it; 0 for a row that does not */
    double *shift; /* logits only */
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
        if (!s->p->logits && (row[c] < -RANGE_SLACK || row[c] > 1.0 + PROBABILITY_SUM_SLACK))
            return ROW_OUT_OF_RANGE;
    }
    *column = 0;
    *value = sum;
    if (s->p->logits)
        return ROW_FINE;
    return (s->p->any_sum ? sum > 0.0 : fabs(sum - 1.0) <= PROBABILITY_SUM_SLACK) ? ROW_FINE
                                                                                  : ROW_SUM_OFF;
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
    return fabs(facts->sum - 1.0) <= PROBABILITY_SUM_SLACK && !facts->negative &&
           facts->largest <= 1.0 + RANGE_SLACK;
}

/* The largest logit and the sum are kept apart: in ln Σ exp alone, probabilities near 1 would lose
 * their last digits and tie. */
static bool take_logits(scanning *s, size_t row, const double *logits, double largest)
{
    double sum = 0.0;
    for (size_t c = 0; c < s->p->values.column_count; c++)
        sum += exp(logits[c] - largest);
    s->shift[row] = largest;
    s->confidence[row] = 1.0 / sum;
    return set_divisor(s, row, sum);
}

/* What a row is divided by: its sum, or the decimal that its numbers add up to but for rounding.
 * The rounding hangs on the order of the classes, and would part equal probabilities of rows that
 * have equal sums. */
static double divisor_of(double sum)
{
    const double decimal = round(sum * 1e12) / 1e12;
    return sum > 0.5 && fabs(sum - decimal) <= 1e-14 ? decimal : sum;
}

/* A row without a fault: its divisor and its confidence. `spare` holds a row. */
static bool take_row(scanning *s, chunk_scan *chunk, size_t row, const row_facts *facts,
                     double *spare)
{
    const matrix *m = &s->p->values;
    s->prediction[row] = (uint16_t)facts->argmax;
    if (s->p->logits) {
        matrix_read_rows(m, row, 1, spare);
        return take_logits(s, row, spare, facts->largest);
    }
    const double gap = fabs(facts->sum - 1.0);
    const bool divided = gap > sum_tolerance(m->type);
    if (!divided) {
        s->confidence[row] = fmin(1.0, facts->largest);
        return true;
    }
    const double divisor = divisor_of(facts->sum);
    s->confidence[row] = fmin(1.0, facts->largest / divisor);
    chunk->rows_divided++;
    chunk->largest_gap = fmax(chunk->largest_gap, gap);
    return set_divisor(s, row, divisor);
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
    /* Chunks are dealt in their order: before this one all are looked at, or nearly. */
    if (worker == 0)
        progress_show(s->p->progress, "checking probabilities", begin, m->row_count);
    if (progress_stopped(s->p->progress))
        return 1;
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
    mem_free(p->shift);
    p->divisor = divisor;
    p->shift = ASSAY_GIVE(s->shift);
}

assay_code probabilities_scan(probabilities *p, int thread_count, uint16_t *prediction,
                              double *confidence, probability_scan *scan, assay_err *err)
{
    const size_t columns = p->values.column_count, rows = p->values.row_count;
    assert(columns >= 1 && columns <= CLASSES_MOST && thread_count >= 1);
    scanning s = {.p = p,
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
    s.shift = p->logits ? mem_zalloc(rows, sizeof *s.shift) : NULL;
    if (!chunk || !room || (p->logits && !s.shift) ||
        threads_run(chunk_count, thread_count, scan_chunk, &s)) {
        mem_free(atomic_load(&s.divisor));
        mem_free(s.shift);
        if (progress_stopped(p->progress))
            return assay_fail(err, ASSAY_E_CANCELLED, "interrupted while checking probabilities");
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu rows of probabilities", rows);
    }
    finish_scan(&s, chunk_count, p, scan);
    return ASSAY_OK;
}

void probabilities_clear(probabilities *p)
{
    matrix_clear(&p->values);
    mem_free(p->divisor);
    mem_free(p->shift);
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
            const double shift = p->shift[row + r];
            for (size_t c = 0; c < columns; c++)
                at[c] = exp(at[c] - shift) / divisor;
        } else if (divisor != 1.0) {
            for (size_t c = 0; c < columns; c++)
                at[c] /= divisor;
        }
    }
}

void probabilities_gather(const probabilities *p, const uint32_t *row, size_t first, size_t count,
                          double *restrict out)
{
    if (!row) {
        probabilities_rows(p, first, count, out);
        return;
    }
    for (size_t i = 0; i < count;) {
        size_t run = 1;
        while (i + run < count && row[i + run] == row[i] + run)
            run++;
        probabilities_rows(p, row[i], run, out + i * p->values.column_count);
        i += run;
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
            const double *restrict shift = p->shift + row;
            for (size_t r = 0; r < row_count; r++)
                at[r] = exp(at[r] - shift[r]) / divisor[r];
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
