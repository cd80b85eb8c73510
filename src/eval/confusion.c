/* The confusion matrix: dense tables while counting (or sorted pairs where they would be too
 * large), its non-zero cells for good. */
#include "eval/confusion.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "stats/count.h"

#include <string.h>

/* Rows of one piece of work: large enough that dealing costs nothing; whole words of a selection.
 */
enum { CHUNK_ROWS = 1 << 18 };

ASSAY_AUTO_DECLARE(confusion)

/* The rows to count. */
typedef struct pair_rows {
    const uint16_t *label, *prediction;
    const uint64_t *selected; /* NULL: all */
    size_t count;
    uint32_t class_count;
} pair_rows;

typedef struct dense_count {
    const pair_rows *rows;
    uint32_t *state; /* one after the other, one a worker for its whole life */
    size_t state_cells;
} dense_count;

static int count_chunk(void *context, size_t chunk, int worker)
{
    const dense_count *d = context;
    const pair_rows *rows = d->rows;
    const size_t begin = chunk * CHUNK_ROWS;
    const size_t left = rows->count - begin;
    const size_t n = left < CHUNK_ROWS ? left : CHUNK_ROWS;
    uint32_t *state = d->state + (size_t)worker * d->state_cells;
    if (rows->selected)
        count_pairs_add_selected(state, rows->class_count, rows->label + begin,
                                 rows->prediction + begin, rows->selected + begin / 64, n);
    else
        count_pairs_add(state, rows->class_count, rows->label + begin, rows->prediction + begin, n);
    return 0;
}

/* A worker with fewer rows than its table has cells would only add to the merging. */
static int workers_for(const pair_rows *rows, size_t state_cells, int thread_count)
{
    const size_t useful = rows->count / (state_cells > CHUNK_ROWS ? state_cells : CHUNK_ROWS);
    if (useful < 2 || thread_count < 2)
        return 1;
    return useful < (size_t)thread_count ? (int)useful : thread_count;
}

static void merge_workers(const dense_count *d, int worker_count, size_t table_cells)
{
    for (int w = 0; w < worker_count; w++) {
        uint32_t *state = d->state + (size_t)w * d->state_cells;
        count_pairs_finish(state, d->rows->class_count);
        for (size_t i = 0; w > 0 && i < table_cells; i++)
            d->state[i] += state[i];
    }
}

/* `count` samples of one pair, in ascending order of pairs. A code that is no class is missing. */
static void take_pair(confusion *c, uint32_t label, uint32_t prediction, uint32_t count)
{
    const bool has_label = label < c->class_count;
    const bool has_prediction = prediction < c->class_count;
    if (!has_label && !has_prediction) {
        c->without_both += count;
    } else if (!has_label) {
        c->without_label[prediction] += count;
    } else if (!has_prediction) {
        c->without_prediction[label] += count;
    } else {
        c->cell[c->cell_count++] = (confusion_cell){(uint16_t)label, (uint16_t)prediction, count};
        c->row_start[label + 1] = c->cell_count;
        c->support[label] += count;
        c->predicted[prediction] += count;
        c->true_positive[label] += label == prediction ? count : 0;
        c->correct += label == prediction ? count : 0;
        c->total += count;
    }
}

static assay_code make_room(confusion *c, size_t cell_count, assay_err *err)
{
    c->cell = mem_alloc(cell_count, sizeof *c->cell);
    if (!c->cell)
        return assay_fail(err, ASSAY_E_NOMEM, "confusion matrix of %zu cells", cell_count);
    return ASSAY_OK;
}

/* The same for one label's row of the table. Every cell is written where the next one belongs, and
 * kept where it is not empty: which cells are empty is nothing that a processor could foresee. */
static void take_row(confusion *c, uint32_t label, const uint32_t *row)
{
    confusion_cell *cell = c->cell;
    size_t at = c->cell_count;
    uint64_t support = 0;
    for (uint32_t prediction = 0; prediction < c->class_count; prediction++) {
        const uint32_t count = row[prediction];
        cell[at] = (confusion_cell){(uint16_t)label, (uint16_t)prediction, count};
        at += count != 0;
        c->predicted[prediction] += count;
        support += count;
    }
    c->cell_count = c->row_start[label + 1] = at;
    c->support[label] = support;
    c->true_positive[label] = row[label];
    c->without_prediction[label] = row[c->class_count];
    c->total += support;
    c->correct += row[label];
}

static assay_code take_table(confusion *c, const uint32_t *table, assay_err *err)
{
    const size_t side = (size_t)c->class_count + 1;
    size_t filled = 0;
    for (size_t i = 0; i < side * side; i++)
        filled += table[i] != 0;
    ASSAY_TRY(make_room(c, filled + 1, err)); /* the last one is written and not kept */
    for (uint32_t label = 0; label < c->class_count; label++)
        take_row(c, label, table + label * side);
    const uint32_t *unlabelled = table + c->class_count * side;
    for (size_t k = 0; k < c->class_count; k++)
        c->without_label[k] = unlabelled[k];
    c->without_both = unlabelled[c->class_count];
    return ASSAY_OK;
}

static assay_code count_dense(confusion *c, const pair_rows *rows, int thread_count, assay_err *err)
{
    const size_t side = (size_t)rows->class_count + 1;
    const size_t cells = count_pairs_cells(rows->class_count);
    const int worker_count = workers_for(rows, cells, thread_count);
    ASSAY_AUTO_MEM uint32_t *state = mem_zalloc(cells * (size_t)worker_count, sizeof *state);
    if (!state)
        return assay_fail(err, ASSAY_E_NOMEM, "counting %u classes", rows->class_count);
    dense_count d = {.rows = rows, .state = state, .state_cells = cells};
    threads_run((rows->count + CHUNK_ROWS - 1) / CHUNK_ROWS, worker_count, count_chunk, &d);
    merge_workers(&d, worker_count, side * side);
    return take_table(c, state, err);
}

static bool is_selected(const pair_rows *rows, size_t i)
{
    return !rows->selected || (rows->selected[i / 64] >> (i % 64) & 1u);
}

/* The selected pairs as label << 16 | prediction; missing codes become the largest. */
static size_t gather_pairs(const pair_rows *rows, uint32_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count; i++) {
        if (is_selected(rows, i))
            out[count++] = (uint32_t)rows->label[i] << 16 | rows->prediction[i];
    }
    return count;
}

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static void sort_by_digit(const uint32_t *restrict from, uint32_t *restrict to, size_t n, int shift)
{
    size_t start[DIGITS + 1] = {0};
    for (size_t i = 0; i < n; i++)
        start[(from[i] >> shift & (DIGITS - 1)) + 1]++;
    for (size_t digit = 0; digit < DIGITS; digit++)
        start[digit + 1] += start[digit];
    for (size_t i = 0; i < n; i++)
        to[start[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

static assay_code take_sorted(confusion *c, const uint32_t *pair, size_t n, assay_err *err)
{
    size_t runs = 0;
    for (size_t i = 0; i < n; i++)
        runs += i == 0 || pair[i] != pair[i - 1];
    ASSAY_TRY(make_room(c, runs, err));
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && pair[end] == pair[begin];)
            end++;
        take_pair(c, pair[begin] >> 16, pair[begin] & 0xFFFF, (uint32_t)(end - begin));
    }
    return ASSAY_OK;
}

static assay_code count_sparse(confusion *c, const pair_rows *rows, assay_err *err)
{
    ASSAY_AUTO_MEM uint32_t *pair = mem_alloc(rows->count, sizeof *pair);
    ASSAY_AUTO_MEM uint32_t *sorted = mem_alloc(rows->count, sizeof *sorted);
    if (!pair || !sorted)
        return assay_fail(err, ASSAY_E_NOMEM, "sorting %zu pairs", rows->count);
    const size_t n = gather_pairs(rows, pair);
    sort_by_digit(pair, sorted, n, 0);
    sort_by_digit(sorted, pair, n, DIGIT_BITS);
    sort_by_digit(pair, sorted, n, 2 * DIGIT_BITS);
    return take_sorted(c, sorted, n, err);
}

static assay_code make_margins(confusion *c, uint32_t class_count, assay_err *err)
{
    c->class_count = class_count;
    c->row_start = mem_zalloc((size_t)class_count + 1, sizeof *c->row_start);
    c->support = mem_zalloc(class_count, sizeof *c->support);
    c->predicted = mem_zalloc(class_count, sizeof *c->predicted);
    c->true_positive = mem_zalloc(class_count, sizeof *c->true_positive);
    c->without_prediction = mem_zalloc(class_count, sizeof *c->without_prediction);
    c->without_label = mem_zalloc(class_count, sizeof *c->without_label);
    if (!c->row_start || !c->support || !c->predicted || !c->true_positive ||
        !c->without_prediction || !c->without_label)
        return assay_fail(err, ASSAY_E_NOMEM, "confusion matrix of %u classes", class_count);
    return ASSAY_OK;
}

static assay_code count_rows(const pair_rows *rows, int thread_count, confusion **out,
                             assay_err *err)
{
    *out = NULL;
    if (rows->count > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%zu samples; a matrix counts up to %llu",
                          rows->count, (unsigned long long)ROWS_MOST);
    ASSAY_AUTO(confusion) c = mem_zalloc(1, sizeof *c);
    if (!c)
        return assay_fail(err, ASSAY_E_NOMEM, "confusion matrix");
    ASSAY_TRY(make_margins(c, rows->class_count, err));
    if (rows->class_count <= CLASSES_DENSE_MOST)
        ASSAY_TRY(count_dense(c, rows, thread_count, err));
    else
        ASSAY_TRY(count_sparse(c, rows, err));
    for (size_t k = 0; k < c->class_count; k++) {
        if (c->row_start[k + 1] < c->row_start[k])
            c->row_start[k + 1] = c->row_start[k]; /* a row without cells begins where it ends */
    }
    *out = ASSAY_GIVE(c);
    return ASSAY_OK;
}

assay_code confusion_new(const frame *f, const selection *selected, int thread_count,
                         confusion **out, assay_err *err)
{
    const bool all = selection_count(selected) == f->row_count;
    const pair_rows rows = {.label = f->label,
                            .prediction = f->prediction,
                            .selected = all ? NULL : selected->word,
                            .count = f->row_count,
                            .class_count = f->classes.count};
    return count_rows(&rows, thread_count, out, err);
}

/* NOLINTNEXTLINE(readability-function-size): two arrays, what they hold, and the usual three. */
assay_code confusion_of_pairs(const uint16_t *label, const uint16_t *prediction, size_t n,
                              uint32_t class_count, int thread_count, confusion **out,
                              assay_err *err)
{
    const pair_rows rows = {
        .label = label, .prediction = prediction, .count = n, .class_count = class_count};
    return count_rows(&rows, thread_count, out, err);
}

void confusion_free(confusion *c)
{
    if (!c)
        return;
    mem_free(c->cell);
    mem_free(c->row_start);
    mem_free(c->support);
    mem_free(c->predicted);
    mem_free(c->true_positive);
    mem_free(c->without_prediction);
    mem_free(c->without_label);
    mem_free(c);
}

uint64_t confusion_at(const confusion *c, uint32_t label, uint32_t prediction)
{
    size_t low = c->row_start[label];
    size_t high = c->row_start[label + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c->cell[middle].prediction < prediction)
            low = middle + 1;
        else
            high = middle;
    }
    const bool found = low < c->row_start[label + 1] && c->cell[low].prediction == prediction;
    return found ? c->cell[low].count : 0;
}

static bool is_more_confused(const confused_pair *a, const confused_pair *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    if (a->share != b->share)
        return a->share > b->share;
    if (a->label != b->label)
        return a->label < b->label;
    return a->prediction < b->prediction;
}

/* A heap with the most confused pair on top. */
static void sift_down(confused_pair *pair, size_t root, size_t count)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count)
            return;
        if (child + 1 < count && is_more_confused(&pair[child + 1], &pair[child]))
            child++;
        if (!is_more_confused(&pair[child], &pair[root]))
            return;
        const confused_pair kept = pair[root];
        pair[root] = pair[child];
        pair[child] = kept;
        root = child;
    }
}

/* What a cell adds to the list; count 0: nothing. Of two opposite cells the upper one speaks for
 * both. */
static confused_pair pair_of_cell(const confusion *c, const confusion_cell *cell, bool both_ways)
{
    const uint16_t i = cell->label;
    const uint16_t j = cell->prediction;
    if (i == j)
        return (confused_pair){0};
    if (!both_ways)
        return (confused_pair){i, j, cell->count, (double)cell->count / (double)c->support[i]};
    const uint64_t opposite = confusion_at(c, j, i);
    if (i > j && opposite)
        return (confused_pair){0};
    const uint64_t count = cell->count + opposite;
    return (confused_pair){i < j ? i : j, i < j ? j : i, count,
                           (double)count / (double)(c->support[i] + c->support[j])};
}

size_t confusion_top_pairs(const confusion *c, const bool *shown, bool both_ways, size_t most,
                           confused_pair *out, confused_pair *scratch)
{
    size_t count = 0;
    for (size_t i = 0; i < c->cell_count; i++) {
        const confusion_cell *cell = &c->cell[i];
        if (shown && !(shown[cell->label] && shown[cell->prediction]))
            continue;
        const confused_pair pair = pair_of_cell(c, cell, both_ways);
        if (pair.count)
            scratch[count++] = pair;
    }
    for (size_t i = count / 2; i > 0; i--)
        sift_down(scratch, i - 1, count);
    size_t taken = 0;
    for (; taken < most && count > 0; taken++) {
        out[taken] = scratch[0];
        scratch[0] = scratch[--count];
        sift_down(scratch, 0, count);
    }
    return taken;
}
