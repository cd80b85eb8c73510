/* A metric's order, kept as codes of 16 bits. Where a selection's quantile falls into a code of
 * several values, the rows of that code, which lie in order, are walked. */
#include "eval/metric_codes.h"

#include "stats/quantile.h"
#include "stats/sort.h"

#include <string.h>

enum { WORD = 64 };

/* Fourth powers of what is larger would overflow in their sums. */
static const double PLAIN_MOST = 1e60;

ASSAY_AUTO_DECLARE(metric_codes)

void metric_codes_free(metric_codes *c)
{
    if (!c)
        return;
    mem_free(c->code);
    mem_free(c->row);
    mem_free(c->start);
    mem_free(c->low);
    mem_free(c->high);
    mem_free(c);
}

size_t metric_codes_bytes(const metric_codes *c)
{
    return sizeof *c + c->row_count * sizeof *c->code + c->count * sizeof *c->row +
           (size_t)c->code_count * (sizeof *c->start + sizeof *c->low + sizeof *c->high);
}

static assay_code codes_nomem(size_t row_count, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the order of %zu samples", row_count);
}

/* Rows with a value and their keys, both ascending. */
static assay_code sort_rows(metric_codes *c, uint64_t *key, assay_err *err)
{
    ASSAY_AUTO_MEM uint64_t *key_spare = mem_alloc(c->row_count, sizeof *key_spare);
    ASSAY_AUTO_MEM uint32_t *row_spare = mem_alloc(c->row_count, sizeof *row_spare);
    if (!key_spare || !row_spare)
        return codes_nomem(c->row_count, err);
    c->is_plain = true;
    for (size_t i = 0; i < c->row_count; i++) {
        const double x = c->value[i];
        c->code[i] = CODE_MISSING;
        if (isnan(x))
            continue;
        c->is_plain &= fabs(x) < PLAIN_MOST;
        key[c->count] = sort_key_f64(x);
        c->row[c->count++] = (uint32_t)i;
    }
    sort_keys_f64(key, c->row, key_spare, row_spare, c->count);
    return ASSAY_OK;
}

static assay_code cut(metric_codes *c, const uint64_t *key, assay_err *err)
{
    const size_t most = c->count < CODES_MOST ? c->count : CODES_MOST;
    ASSAY_AUTO_MEM size_t *start = mem_alloc(most + 1, sizeof *start);
    if (!start)
        return codes_nomem(c->row_count, err);
    size_t codes = distinct_bins(key, c->count, most, start);
    c->each_is_one = codes > 0 || c->count == 0;
    if (codes == 0)
        codes = quantile_bins(key, c->count, most, start);
    c->start = mem_alloc(codes + 1, sizeof *c->start);
    c->low = mem_alloc(codes, sizeof *c->low);
    c->high = mem_alloc(codes, sizeof *c->high);
    if (!c->start || !c->low || !c->high)
        return codes_nomem(c->row_count, err);
    c->code_count = (uint32_t)codes;
    c->start[0] = 0;
    for (size_t b = 0; b < codes; b++) {
        c->start[b + 1] = (uint32_t)start[b + 1];
        c->low[b] = sort_unkey_f64(key[start[b]]);
        c->high[b] = sort_unkey_f64(key[start[b + 1] - 1]);
        for (size_t i = start[b]; i < start[b + 1]; i++)
            c->code[c->row[i]] = (uint16_t)b;
    }
    return ASSAY_OK;
}

assay_code metric_codes_new(const double *value, size_t row_count, metric_codes **out,
                            assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(metric_codes) c = mem_zalloc(1, sizeof *c);
    ASSAY_AUTO_MEM uint64_t *key = mem_alloc(row_count, sizeof *key);
    if (!c || !key)
        return codes_nomem(row_count, err);
    c->row_count = row_count;
    c->value = value;
    c->code = mem_alloc(row_count, sizeof *c->code);
    c->row = mem_alloc(row_count, sizeof *c->row);
    if (!c->code || !c->row)
        return codes_nomem(row_count, err);
    ASSAY_TRY(sort_rows(c, key, err));
    ASSAY_TRY(cut(c, key, err));
    *out = ASSAY_GIVE(c);
    return ASSAY_OK;
}

void metric_codes_count(const metric_codes *c, const selection *rows, const selection *right,
                        size_t first, size_t end, code_count *table)
{
    for (size_t w = first; w < end; w++) {
        const uint16_t *code = c->code + w * WORD;
        const uint64_t correct = right->word[w];
        uint64_t left = rows->word[w];
        if (left == UINT64_MAX) {
            for (unsigned i = 0; i < WORD; i++)
                table[code[i]] += 1 | (correct >> i & 1U) << 32;
            continue;
        }
        for (; left; left &= left - 1) {
            const unsigned i = (unsigned)__builtin_ctzll(left);
            table[code[i]] += 1 | (correct >> i & 1U) << 32;
        }
    }
}

void coded_rows_init(coded_rows *r, const metric_codes *c, const selection *rows,
                     const selection *right, code_count *table)
{
    code_count sum = 0;
    for (uint32_t b = 0; b < c->code_count; b++) {
        const code_count here = table[b];
        table[b] = sum;
        sum += here;
    }
    table[c->code_count] = sum;
    *r = (coded_rows){.codes = c,
                      .rows = rows,
                      .right = right,
                      .before = table,
                      .n = counted(sum),
                      .correct = counted_correct(sum)};
}

/* The code that holds the place: the last that begins at or before it and is not empty. */
static uint32_t code_at(const coded_rows *r, size_t place)
{
    uint32_t low = 0, high = r->codes->code_count;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (counted(r->before[middle]) <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

value_run coded_rows_at(const coded_rows *r, size_t place)
{
    const metric_codes *c = r->codes;
    const uint32_t code = code_at(r, place);
    const code_count from = r->before[code], to = r->before[code + 1];
    value_run run = {counted(from), counted(to), counted_correct(from), counted_correct(to)};
    if (c->low[code] == c->high[code])
        return run;
    size_t at = run.first, correct = run.correct_first;
    double value = (double)NAN; /* of the run that began last */
    for (size_t i = c->start[code]; i < c->start[code + 1]; i++) {
        const uint32_t row = c->row[i];
        if (!selection_has(r->rows, row))
            continue;
        if (c->value[row] != value) {
            if (at > place)
                break;
            value = c->value[row];
            run.first = at;
            run.correct_first = correct;
        }
        correct += selection_has(r->right, row);
        at++;
    }
    run.end = at;
    run.correct_end = correct;
    return run;
}
