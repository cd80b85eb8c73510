/* Top-k lists: the first of a list is the prediction. A list whose probabilities do not descend is
 * put into order. */
#include "store/import_parts.h"

#include "store/source.h"

#include <math.h>
#include <string.h>

/* Stable, by descending probability; what has none goes last. Lists are short or already in order.
 */
static void order_list(uint16_t *code, double *number, uint32_t length)
{
    for (uint32_t i = 1; i < length; i++) {
        const uint16_t c = code[i];
        const double x = number[i];
        uint32_t at = i;
        for (; at > 0 && (x > number[at - 1] || (isnan(number[at - 1]) && !isnan(x))); at--) {
            code[at] = code[at - 1];
            number[at] = number[at - 1];
        }
        code[at] = c;
        number[at] = x;
    }
}

/* Raw names that are no class: refused, or left out of the list. */
static void map_list(import_state *s, size_t row, uint16_t *code, bad_rows *unknown)
{
    for (uint32_t i = 0; i < s->t.list_length; i++) {
        if (code[i] == CLASS_MISSING)
            continue;
        const uint16_t mapped = s->map[code[i]];
        if (mapped == CLASS_MISSING) {
            size_t length;
            char shown[80];
            const char *at = dictionary_text(&s->t.classes, code[i], &length);
            source_show_value(at, length, shown);
            bad_rows_add(unknown, row, "'%s' in its list is not one of the %u classes", shown,
                         s->f->classes.count);
        }
        code[i] = mapped;
    }
}

static uint32_t list_length(const uint16_t *code, uint32_t most)
{
    uint32_t length = most;
    while (length > 0 && code[length - 1] == CLASS_MISSING)
        length--;
    return length;
}

static assay_code check_lengths(const import_state *s, assay_err *err)
{
    const table *t = &s->t;
    if (!t->top_number)
        return ASSAY_OK;
    for (size_t row = 0; row < t->row_count; row++) {
        const uint16_t *code = t->top_code + row * t->list_length;
        const double *number = t->top_number + row * t->list_length;
        for (uint32_t i = 0; i < t->list_length; i++) {
            if (!isnan(number[i]) && code[i] == CLASS_MISSING)
                return assay_fail(
                    err, ASSAY_E_INPUT,
                    "%s: row %zu: its list of probabilities is longer than its list of labels",
                    t->path, row + 1);
            if (!isnan(number[i]) && (number[i] < 0.0 || number[i] > 1.0 + 1e-6))
                return assay_fail(err, ASSAY_E_INPUT,
                                  "%s: row %zu: a probability is %g; expected 0 to 1", t->path,
                                  row + 1, number[i]);
        }
    }
    return ASSAY_OK;
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
    f->top.length_of_all = t->list_length;
    for (size_t row = 0; row < t->row_count; row++) {
        uint16_t *code = t->top_code + row * t->list_length;
        if (t->top_number) {
            order_list(code, t->top_number + row * t->list_length, t->list_length);
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
    bad_rows unknown = {0};
    if (t->list_length == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: every list of labels is empty", t->path);
    ASSAY_TRY(check_lengths(s, err));
    for (size_t row = 0; row < t->row_count; row++)
        map_list(s, row, t->top_code + row * t->list_length, &unknown);
    if (unknown.count && !s->request->allow_unknown_classes) {
        const bad_rows_words words = {t->path, 1, "a list with what is not one of the classes",
                                      "; --allow-unknown-classes counts it as missing"};
        return bad_rows_fail(&unknown, &words, err);
    }
    s->notes->unknown_classes += unknown.count;
    s->prediction = mem_alloc(t->row_count, sizeof *s->prediction);
    if (!s->prediction)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the predictions");
    ASSAY_TRY(take_first(s, err));
    s->f->top.length = t->list_length;
    s->f->top.code = ASSAY_GIVE(t->top_code);
    return ASSAY_OK;
}
