/* Samples by a metric: all of them are sorted once, and each list is picked out of that order. */
#include "server/sample_order.h"

#include "stats/sort.h"

#include <math.h>
#include <string.h>

/* Each row is a word to be sorted: above, where its value lies between the smallest and the largest
 * in 32 bits; below, the row. Two values may fall on one place: those are put in order afterwards,
 * which is seldom needed and costs a look at the values themselves. */
typedef struct sorting {
    const double *value;
    uint64_t *word, *scratch;
    double low, scale;
    bool exact; /* different values have different places */
} sorting;

static void sorting_clear(sorting *s)
{
    mem_free(s->word);
    mem_free(s->scratch);
}
ASSAY_AUTO_CLEAR_DECLARE(sorting)

enum { SHORT_RUN = 64 };

static const double place_most = 4294967295.0;

/* Whole numbers are their own places; others are spread over all there are. Halves, so that the
 * difference of two numbers is always one. */
static void choose_places(sorting *s, size_t n)
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    bool whole = true;
    for (size_t i = 0; i < n; i++) {
        const double x = s->value[i];
        if (isnan(x))
            continue;
        whole = whole && fabs(x) < 0x1p52 && x == (double)(int64_t)x;
        low = isfinite(x) && x < low ? x : low;
        high = isfinite(x) && x > high ? x : high;
    }
    const double range = 0.5 * high - 0.5 * low;
    const double scale = place_most / range;
    s->low = low;
    s->exact = whole && 2.0 * range <= place_most;
    s->scale = s->exact ? 2.0 : isfinite(scale) ? scale : 0.0;
}

static uint32_t place_of(const sorting *s, double x)
{
    const double place = (0.5 * x - 0.5 * s->low) * s->scale;
    return place >= place_most ? UINT32_MAX : place > 0.0 ? (uint32_t)place : 0;
}

static void take_words(const sorting *s, metric_order *o)
{
    size_t missing = 0;
    for (size_t i = 0; i < o->row_count; i++) {
        if (isnan(s->value[i]))
            o->row[missing++] = (uint32_t)i;
        else
            s->word[o->valued++] = (uint64_t)place_of(s, s->value[i]) << 32 | i;
    }
    memmove(o->row + o->valued, o->row, missing * sizeof *o->row);
}

static void insert_rows(const double *value, uint32_t *row, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const uint32_t of = row[i];
        size_t j = i;
        for (; j > 0 && value[row[j - 1]] > value[of]; j--)
            row[j] = row[j - 1];
        row[j] = of;
    }
}

/* Places [begin, end) of the order by their values. Their words are not needed any more. */
static assay_code sort_run(const sorting *s, uint32_t *row, size_t begin, size_t end,
                           assay_err *err)
{
    const size_t n = end - begin;
    if (n <= SHORT_RUN) {
        insert_rows(s->value, row + begin, n);
        return ASSAY_OK;
    }
    ASSAY_AUTO_MEM uint32_t *scratch = mem_alloc(n, sizeof *scratch);
    if (!scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory to order %zu samples", n);
    uint64_t *key = s->word + begin;
    for (size_t i = 0; i < n; i++)
        key[i] = sort_key_f64(s->value[row[begin + i]]);
    sort_keys_f64(key, row + begin, s->scratch + begin, scratch, n);
    return ASSAY_OK;
}

/* Marks where a new value begins in places that share their upper half, once they are in order. */
static assay_code finish_run(const sorting *s, metric_order *o, size_t begin, size_t end,
                             assay_err *err)
{
    selection_set(&o->differs, begin, true);
    if (s->exact || end - begin == 1)
        return ASSAY_OK;
    bool sorted = true, equal = true;
    const double first = s->value[o->row[begin]];
    for (size_t i = begin + 1; i < end; i++) {
        sorted &= s->value[o->row[i - 1]] <= s->value[o->row[i]];
        equal &= s->value[o->row[i]] == first;
    }
    if (equal)
        return ASSAY_OK;
    if (!sorted)
        ASSAY_TRY(sort_run(s, o->row, begin, end, err));
    for (size_t i = begin + 1; i < end; i++)
        selection_set(&o->differs, i, s->value[o->row[i - 1]] != s->value[o->row[i]]);
    return ASSAY_OK;
}

static assay_code finish_runs(const sorting *s, metric_order *o, assay_err *err)
{
    for (size_t i = 0; i < o->valued; i++)
        o->row[i] = (uint32_t)s->word[i];
    for (size_t begin = 0, end; begin < o->valued; begin = end) {
        const uint64_t place = s->word[begin] >> 32;
        for (end = begin + 1; end < o->valued && s->word[end] >> 32 == place;)
            end++;
        ASSAY_TRY(finish_run(s, o, begin, end, err));
    }
    return ASSAY_OK;
}

static assay_code make_order(const double *value, metric_order *o, assay_err *err)
{
    const size_t n = o->row_count;
    ASSAY_AUTO_CLEAR(sorting)
    s = {.value = value,
         .word = mem_alloc_large(n, sizeof *s.word),
         .scratch = mem_alloc_large(n, sizeof *s.scratch)};
    o->row = mem_alloc_large(n, sizeof *o->row);
    if (!s.word || !s.scratch || !o->row)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory to order %zu samples", n);
    ASSAY_TRY(selection_init(&o->differs, n, false, err));
    choose_places(&s, n);
    take_words(&s, o);
    sort_pairs_f32(s.word, s.scratch, o->valued);
    return finish_runs(&s, o, err);
}

assay_code metric_order_make(const double *value, size_t row_count, metric_order *out,
                             assay_err *err)
{
    *out = (metric_order){.row_count = row_count};
    const assay_code code = make_order(value, out, err);
    if (code != ASSAY_OK)
        metric_order_clear(out);
    return code;
}

void metric_order_clear(metric_order *o)
{
    mem_free(o->row);
    selection_clear(&o->differs);
    *o = (metric_order){0};
}

size_t metric_order_bytes(const metric_order *o)
{
    return sizeof *o + o->row_count * sizeof *o->row + o->row_count / 8;
}

static void pick_rows(const selection *in, bool descending, sample_list *out)
{
    const size_t words = (in->row_count + 63) / 64;
    size_t count = 0;
    for (size_t w = 0; w < words; w++) {
        for (uint64_t bits = in->word[w]; bits; bits &= bits - 1)
            out->row[count++] = (uint32_t)(w * 64 + (size_t)__builtin_ctzll(bits));
    }
    for (size_t i = 0; descending && i < count / 2; i++) {
        const uint32_t row = out->row[i];
        out->row[i] = out->row[count - 1 - i];
        out->row[count - 1 - i] = row;
    }
}

static size_t pick_range(const metric_order *o, const selection *in, size_t begin, size_t end,
                         uint32_t *out)
{
    size_t count = 0;
    for (size_t i = begin; i < end; i++) {
        out[count] = o->row[i];
        count += selection_has(in, o->row[i]);
    }
    return count;
}

/* Runs of equal values from the last to the first, each in the order of its rows. */
static size_t pick_backwards(const metric_order *o, const selection *in, uint32_t *out)
{
    size_t count = 0;
    for (size_t end = o->valued; end > 0;) {
        size_t begin = end - 1;
        while (!selection_has(&o->differs, begin))
            begin--;
        count += pick_range(o, in, begin, end, out + count);
        end = begin;
    }
    return count;
}

static void pick(const metric_order *o, const selection *in, bool descending, sample_list *out)
{
    const size_t count =
        descending ? pick_backwards(o, in, out->row) : pick_range(o, in, 0, o->valued, out->row);
    (void)pick_range(o, in, o->valued, o->row_count, out->row + count);
}

assay_code sample_list_make(const metric_order *order, const selection *in, bool descending,
                            sample_list *out, assay_err *err)
{
    *out = (sample_list){.count = selection_count(in), .backwards = descending};
    if (!order && out->count == in->row_count)
        return ASSAY_OK;
    /* One more: a place that is written and then not taken. */
    out->row = mem_alloc_large(out->count + 1, sizeof *out->row);
    if (!out->row) {
        *out = (sample_list){0};
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a list of %zu samples",
                          selection_count(in));
    }
    if (order)
        pick(order, in, descending, out);
    else
        pick_rows(in, descending, out);
    return ASSAY_OK;
}

void sample_list_clear(sample_list *l)
{
    mem_free(l->row);
    *l = (sample_list){0};
}

size_t sample_list_bytes(const sample_list *l)
{
    return sizeof *l + (l->row ? (l->count + 1) * sizeof *l->row : 0);
}
