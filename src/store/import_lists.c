/* Top-k lists: the first of a list is the prediction. A list whose probabilities do not descend is
 * put into order. */
#include "store/import_parts.h"

#include "frame/probabilities.h"
#include "store/source.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A place of a list. */
typedef struct listed {
    double number;
    uint16_t code;
    uint32_t at;
} listed;

/* By descending probability, what has none last; then as they stand. */
static int compare_listed(const void *a, const void *b)
{
    const listed *x = a, *y = b;
    const double p = isnan(x->number) ? -(double)INFINITY : x->number;
    const double q = isnan(y->number) ? -(double)INFINITY : y->number;
    return p != q ? (p < q) - (p > q) : (x->at > y->at) - (x->at < y->at);
}

static bool is_in_order(const double *number, uint32_t length)
{
    for (uint32_t i = 1; i < length; i++) {
        if (number[i] > number[i - 1] || (isnan(number[i - 1]) && !isnan(number[i])))
            return false;
    }
    return true;
}

/* `room` has `length` places. Most lists come in order. */
static void order_list(uint16_t *code, double *number, uint32_t length, listed *room)
{
    if (is_in_order(number, length))
        return;
    for (uint32_t i = 0; i < length; i++)
        room[i] = (listed){number[i], code[i], i};
    qsort(room, length, sizeof *room, compare_listed);
    for (uint32_t i = 0; i < length; i++) {
        number[i] = room[i].number;
        code[i] = room[i].code;
    }
}

static void forget_list(uint16_t *code, double *number, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        code[i] = CLASS_MISSING;
        number[i] = (double)NAN;
    }
}

/* Raw names that are no class: refused, or left out of the list. */
static void map_list(import_state *s, size_t row, uint16_t *code, bad_rows *unknown)
{
    bool known = true;
    for (uint32_t i = 0; i < s->t.list_length; i++) {
        if (code[i] == CLASS_MISSING)
            continue;
        const uint16_t mapped = s->map[code[i]];
        if (mapped == CLASS_MISSING && known) {
            size_t length;
            char shown[80];
            const char *at = dictionary_text(&s->t.classes, code[i], &length);
            source_show_value(at, length, shown);
            bad_rows_add(unknown, table_file_row(&s->t, row),
                         "'%s' in its list is not one of the %u classes", shown,
                         s->f->classes.count);
            known = false;
        }
        code[i] = mapped;
    }
}

/* One class twice would count twice in top-k; `seen` holds the last row (from 1) of each class. */
static assay_code check_repeats(const import_state *s, size_t row, uint32_t *seen, assay_err *err)
{
    const table *t = &s->t;
    const uint16_t *code = t->top_code + row * t->list_length;
    for (uint32_t i = 0; i < t->list_length; i++) {
        if (code[i] == CLASS_MISSING)
            continue;
        if (seen[code[i]] == row + 1)
            return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: class '%s' is in its list twice",
                              t->path, table_file_row(t, row) + 1, s->f->classes.name[code[i]]);
        seen[code[i]] = (uint32_t)(row + 1);
    }
    return ASSAY_OK;
}

static uint32_t list_length(const uint16_t *code, uint32_t most)
{
    uint32_t length = most;
    while (length > 0 && code[length - 1] == CLASS_MISSING)
        length--;
    return length;
}

typedef struct list_faults {
    bad_rows not_finite, sum_off;
} list_faults;

static assay_code check_lengths(const table *t, size_t row, assay_err *err)
{
    const uint16_t *code = t->top_code + row * t->list_length;
    const double *number = t->top_number + row * t->list_length;
    uint32_t labels = 0;
    uint32_t numbers = 0;
    for (uint32_t i = 0; i < t->list_length; i++) {
        labels = code[i] == CLASS_MISSING ? labels : i + 1;
        numbers = isnan(number[i]) ? numbers : i + 1;
        if (!isnan(number[i]) && code[i] == CLASS_MISSING)
            return assay_fail(
                err, ASSAY_E_INPUT,
                "%s: row %zu: its list of probabilities is longer than its list of labels", t->path,
                table_file_row(t, row) + 1);
    }
    if (numbers == 0 || numbers == labels)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: row %zu: its list of probabilities is shorter than its list of labels",
                      t->path, table_file_row(t, row) + 1);
}

/* A list may hold a part of the probabilities, so its sum may be less than 1. */
static assay_code check_numbers(table *t, size_t row, list_faults *faults, assay_err *err)
{
    double *number = t->top_number + row * t->list_length;
    const size_t file_row = table_file_row(t, row);
    double sum = 0.0;
    bool finite = true;
    for (uint32_t i = 0; i < t->list_length; i++) {
        if (isnan(number[i]))
            continue;
        finite = finite && isfinite(number[i]);
        if (isfinite(number[i]) && (number[i] < 0.0 || number[i] > 1.0 + 1e-6))
            return assay_fail(err, ASSAY_E_INPUT,
                              "%s: row %zu: a probability is %g; expected 0 to 1", t->path,
                              file_row + 1, number[i]);
        sum += number[i];
    }
    if (finite) {
        if (sum > 1.0 + PROBABILITY_SUM_SLACK)
            bad_rows_add(&faults->sum_off, file_row, "the probabilities in its list add up to %.6g",
                         sum);
        return ASSAY_OK;
    }
    bad_rows_add(&faults->not_finite, file_row, "a probability in its list is no finite number");
    forget_list(t->top_code + row * t->list_length, number, t->list_length);
    return ASSAY_OK;
}

static assay_code check_lists(import_state *s, assay_err *err)
{
    table *t = &s->t;
    if (!t->top_number)
        return ASSAY_OK;
    list_faults faults = {0};
    for (size_t row = 0; row < t->row_count; row++) {
        ASSAY_TRY(check_lengths(t, row, err));
        ASSAY_TRY(check_numbers(t, row, &faults, err));
    }
    if (faults.not_finite.count && !s->request->allow_nan) {
        const bad_rows_words words = {t->path, 1, "a probability that is not finite",
                                      "; --allow-nan counts such rows as missing"};
        return bad_rows_fail(&faults.not_finite, &words, err);
    }
    if (faults.sum_off.count && !s->request->allow_any_sum) {
        const bad_rows_words words = {t->path, 1, "a list of probabilities with a sum above 1",
                                      "; --allow-any-sum takes them as they are"};
        return bad_rows_fail(&faults.sum_off, &words, err);
    }
    if (t->shape == SHAPE_LONG)
        s->notes->not_finite = faults.not_finite.count;
    return ASSAY_OK;
}

static assay_code map_lists(import_state *s, assay_err *err)
{
    table *t = &s->t;
    bad_rows unknown = {0};
    ASSAY_AUTO_MEM uint32_t *seen = mem_zalloc((size_t)s->f->classes.count + 1, sizeof *seen);
    if (!seen)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the classes");
    for (size_t row = 0; row < t->row_count; row++) {
        map_list(s, row, t->top_code + row * t->list_length, &unknown);
        ASSAY_TRY(check_repeats(s, row, seen, err));
    }
    s->notes->unknown_classes += unknown.count;
    if (unknown.count == 0 || s->request->allow_unknown_classes)
        return ASSAY_OK;
    const bad_rows_words words = {t->path, 1, "a list with what is not one of the classes",
                                  "; --allow-unknown-classes counts it as missing"};
    return bad_rows_fail(&unknown, &words, err);
}

static assay_code take_first(import_state *s, assay_err *err)
{
    const table *t = &s->t;
    frame *f = s->f;
    if (t->top_number && !s->confidence) {
        s->confidence = mem_alloc(t->row_count, sizeof *s->confidence);
        if (!s->confidence)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the confidences");
    }
    ASSAY_AUTO_MEM listed *room = mem_alloc(t->list_length, sizeof *room);
    if (!room)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a list of %u", t->list_length);
    f->top.length_of_all = t->list_length;
    for (size_t row = 0; row < t->row_count; row++) {
        uint16_t *code = t->top_code + row * t->list_length;
        if (t->top_number) {
            order_list(code, t->top_number + row * t->list_length, t->list_length, room);
            s->confidence[row] = t->top_number[row * t->list_length];
        }
        s->prediction[row] = code[0];
        const uint32_t length = list_length(code, t->list_length);
        f->top.length_of_all = length < f->top.length_of_all ? length : f->top.length_of_all;
    }
    return ASSAY_OK;
}

assay_code import_lists(import_state *s, assay_err *err)
{
    table *t = &s->t;
    if (t->list_length == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: every list of labels is empty", t->path);
    ASSAY_TRY(check_lists(s, err));
    ASSAY_TRY(map_lists(s, err));
    assert(!s->prediction); /* a file of predictions leaves no lists */
    s->prediction = mem_alloc(t->row_count, sizeof *s->prediction);
    if (!s->prediction)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the predictions");
    ASSAY_TRY(take_first(s, err));
    s->f->top.length = t->list_length;
    s->f->top.code = ASSAY_GIVE(t->top_code);
    return ASSAY_OK;
}
