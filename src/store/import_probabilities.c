/* Probabilities become predictions and confidences; what cannot be a probability is refused with
 * its row. */
#include "store/import_parts.h"

#include "store/source.h"

#include <math.h>
#include <string.h>

/* Where each class's column stands in the file. */
static assay_code place_columns(const import_state *s, uint32_t *place_of, assay_err *err)
{
    const table *t = &s->t;
    const class_list *classes = &s->f->classes;
    memset(place_of, 0xFF, classes->count * sizeof *place_of);
    for (uint32_t place = 0; place < t->place_count; place++) {
        size_t length;
        char shown[80];
        const char *at = dictionary_text(&t->classes, t->place_class[place], &length);
        source_show_value(at, length, shown);
        const uint16_t code = s->map[t->place_class[place]];
        if (code == CLASS_MISSING)
            return assay_fail(err, ASSAY_E_INPUT,
                              "%s: the probability column '%s' is not one of the %u classes",
                              t->path, shown, classes->count);
        if (place_of[code] != UINT32_MAX)
            return assay_fail(err, ASSAY_E_INPUT, "%s: class '%s' has two probability columns",
                              t->path, classes->name[code]);
        place_of[code] = place;
    }
    for (uint32_t code = 0; code < classes->count; code++) {
        if (place_of[code] == UINT32_MAX)
            return assay_fail(err, ASSAY_E_INPUT, "%s: class '%s' has no probability column",
                              t->path, classes->name[code]);
    }
    return ASSAY_OK;
}

static void permute_columns(double *values, size_t row_count, const uint32_t *place_of,
                            size_t count, double *scratch)
{
    for (size_t row = 0; row < row_count; row++) {
        double *at = values + row * count;
        memcpy(scratch, at, count * sizeof *scratch);
        for (size_t c = 0; c < count; c++)
            at[c] = scratch[place_of[c]];
    }
}

static bool all_single(const table *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->column[i].role == ROLE_PROBABILITY && !t->column[i].single)
            return false;
    }
    return t->shape == SHAPE_PROBABILITIES;
}

/* What was float32 in the file is so again, in place: its sums are only as exact as that. */
static void make_single(double *values, size_t count)
{
    char *out = (char *)values;
    for (size_t i = 0; i < count; i++) {
        const float x = (float)values[i];
        memcpy(out + i * sizeof x, &x, sizeof x);
    }
}

assay_code import_probability_columns(import_state *s, assay_err *err)
{
    table *t = &s->t;
    const size_t count = s->f->classes.count;
    ASSAY_AUTO_MEM uint32_t *place_of = mem_alloc(count, sizeof *place_of);
    ASSAY_AUTO_MEM double *scratch = mem_alloc(count, sizeof *scratch);
    if (!place_of || !scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the probabilities");
    ASSAY_TRY(place_columns(s, place_of, err));
    permute_columns(t->matrix, t->row_count, place_of, count, scratch);
    s->f->probability = mem_zalloc(1, sizeof *s->f->probability);
    if (!s->f->probability)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the probabilities");
    const bool single = all_single(t);
    if (single)
        make_single(t->matrix, t->row_count * count);
    s->f->probability->logits = s->request->logits;
    s->f->probability->values = (matrix){.at = t->matrix,
                                         .row_count = t->row_count,
                                         .column_count = count,
                                         .type = single ? MATRIX_F32 : MATRIX_F64,
                                         .owned = t->matrix};
    t->matrix = NULL;
    return import_scan(s, err);
}

static void describe(const import_state *s, const probability_scan *scan, size_t i, bad_rows *bad)
{
    const size_t row = import_file_row(s, s->probability_path, scan->first[i].row);
    if (scan->first[i].fault == ROW_SUM_OFF)
        bad_rows_add(bad, row, "the probabilities add up to %.6g", scan->first[i].value);
    else
        bad_rows_add(bad, row, "the %s of class '%.80s' is %.6g",
                     s->request->logits ? "logit" : "probability",
                     s->f->classes.name[scan->first[i].column], scan->first[i].value);
}

/* Above what rounding makes of 1, and nothing below 0: logits would have both signs. */
static bool look_like_percent(const probability_scan *scan)
{
    bool any = false;
    for (size_t i = 0; i < scan->first_count; i++) {
        if (scan->first[i].fault != ROW_OUT_OF_RANGE)
            continue;
        if (scan->first[i].value < 2 || scan->first[i].value > 100.5)
            return false;
        any = true;
    }
    return any;
}

static const char *advice_for(const probability_scan *scan, row_fault fault, bool logits)
{
    if (fault == ROW_OUT_OF_RANGE && !logits && look_like_percent(scan))
        return "; expected 0 to 1 (divide what is in per cent by 100; --logits takes logits)";
    if (fault == ROW_SUM_OFF)
        return "; --allow-any-sum divides them, --logits takes their softmax";
    if (fault == ROW_NOT_FINITE)
        return "; --allow-nan counts such rows as missing";
    return logits ? "" : "; expected 0 to 1 (--logits takes logits)";
}

/* Rows whose fault no relaxed rule lets through. */
static assay_code check_scan(const import_state *s, const probability_scan *scan, assay_err *err)
{
    const bool nan_allowed = s->request->allow_nan;
    const size_t wrong = scan->out_of_range + scan->sum_off + (nan_allowed ? 0 : scan->not_finite);
    if (wrong == 0)
        return ASSAY_OK;
    bad_rows bad = {0};
    row_fault fault = ROW_FINE;
    for (size_t i = 0; i < scan->first_count; i++) {
        if (nan_allowed && scan->first[i].fault == ROW_NOT_FINITE)
            continue;
        fault = fault == ROW_FINE ? scan->first[i].fault : fault;
        describe(s, scan, i, &bad);
    }
    const bool from_table = !s->request->probabilities_path;
    const bad_rows_words words = {s->probability_path, from_table ? 1 : 0,
                                  "probabilities that cannot be used",
                                  advice_for(scan, fault, s->request->logits)};
    if (bad.count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: %zu rows have %s", words.path, wrong,
                          words.have);
    bad.count = wrong;
    return bad_rows_fail(&bad, &words, err);
}

/* The file's own prediction stays; its confidence is its class's probability. */
static assay_code keep_prediction(import_state *s, const uint16_t *argmax, double *confidence,
                                  assay_err *err)
{
    const probabilities *p = s->f->probability;
    const size_t classes = p->values.column_count;
    ASSAY_AUTO_MEM double *row_values = mem_alloc(classes, sizeof *row_values);
    if (!row_values)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a row of probabilities");
    for (size_t row = 0; row < p->values.row_count; row++) {
        const uint16_t prediction = s->prediction[row];
        const double largest = confidence[row];
        if (prediction == argmax[row] || argmax[row] == CLASS_MISSING)
            continue;
        confidence[row] = (double)NAN;
        if (prediction == CLASS_MISSING)
            continue;
        probabilities_rows(p, row, 1, row_values);
        confidence[row] = fmin(1.0, fmax(0.0, row_values[prediction]));
        s->notes->prediction_is_not_argmax += confidence[row] < largest; /* not where they tie */
    }
    return ASSAY_OK;
}

assay_code import_scan(import_state *s, assay_err *err)
{
    probabilities *p = s->f->probability;
    const size_t rows = p->values.row_count;
    ASSAY_AUTO_MEM uint16_t *argmax = mem_alloc(rows, sizeof *argmax);
    ASSAY_AUTO_MEM double *confidence = mem_alloc(rows, sizeof *confidence);
    if (!argmax || !confidence)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu predictions", rows);
    probability_scan scan;
    p->any_sum = s->request->allow_any_sum;
    p->progress = s->request->progress;
    const assay_code scanned =
        probabilities_scan(p, s->request->thread_count, argmax, confidence, &scan, err);
    p->progress = NULL; /* the frame outlives who wants to know */
    ASSAY_TRY(scanned);
    ASSAY_TRY(check_scan(s, &scan, err));
    s->notes->not_finite += scan.not_finite;
    s->notes->sums_divided = p->rows_divided;
    s->notes->largest_gap = p->largest_gap;
    if (s->prediction)
        ASSAY_TRY(keep_prediction(s, argmax, confidence, err));
    else
        s->prediction = ASSAY_GIVE(argmax);
    mem_free(s->confidence);
    s->confidence = ASSAY_GIVE(confidence);
    return ASSAY_OK;
}
