/* Which columns of a frame an export has, what they are called, and their values. Knows no format.
 */
#include "store/export_columns.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* 8 MiB of doubles: what a processor's cache holds, or little more. */
enum { PROBABILITIES_AT_ONCE = 1 << 20 };

static uint64_t hash_of(const char *name)
{
    uint64_t h = 0xCBF29CE484222325U; /* FNV-1a */
    for (; *name; name++)
        h = (h ^ (uint64_t)tolower((unsigned char)*name)) * 0x100000001B3U;
    return h;
}

static bool name_is_taken(const export_table *t, const char *name, uint64_t hash)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->column[i].name_hash == hash && strcasecmp(t->column[i].name, name) == 0)
            return true;
    }
    return false;
}

/* "size", "size_2", "size_3" …: the first that no other column has. */
static assay_code add(export_table *t, const char *prefix, const char *name, export_column column,
                      assay_err *err)
{
    const size_t room = strlen(prefix) + strlen(name) + 24;
    ASSAY_AUTO_MEM char *made = mem_alloc(room, 1);
    if (!made)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for column %s", name);
    snprintf(made, room, "%s%s", prefix, name);
    column.name_hash = hash_of(made);
    for (size_t n = 2; name_is_taken(t, made, column.name_hash); n++) {
        snprintf(made, room, "%s%s_%zu", prefix, name, n);
        column.name_hash = hash_of(made);
    }
    column.name = ASSAY_GIVE(made);
    t->column[t->column_count++] = column;
    return ASSAY_OK;
}

static assay_code add_names(export_table *t, assay_err *err)
{
    const frame *f = t->frame;
    if (f->id.start)
        ASSAY_TRY(add(t, "", f->id.name ? f->id.name : "id",
                      (export_column){.kind = EXPORTED_TEXT, .text = &f->id}, err));
    if (f->path.start)
        ASSAY_TRY(
            add(t, "", "path", (export_column){.kind = EXPORTED_TEXT, .text = &f->path}, err));
    return ASSAY_OK;
}

static bool has_predictions(const frame *f)
{
    for (size_t i = 0; i < f->row_count; i++) {
        if (f->prediction[i] != CLASS_MISSING)
            return true;
    }
    return false;
}

static assay_code add_predictions(export_table *t, assay_err *err)
{
    const frame *f = t->frame;
    ASSAY_TRY(
        add(t, "", "label", (export_column){.kind = EXPORTED_CLASS, .class_code = f->label}, err));
    if (!has_predictions(f))
        return ASSAY_OK;
    ASSAY_TRY(add(t, "", "prediction",
                  (export_column){.kind = EXPORTED_CLASS, .class_code = f->prediction}, err));
    if (f->confidence)
        ASSAY_TRY(add(t, "", "confidence",
                      (export_column){.kind = EXPORTED_NUMBER, .number = f->confidence}, err));
    return ASSAY_OK;
}

static assay_code add_probabilities(export_table *t, assay_err *err)
{
    const frame *f = t->frame;
    if (!f->probability)
        return ASSAY_OK;
    t->has_probabilities = true;
    /* The names say which class is meant, so they stay what they are. */
    for (uint32_t k = 0; k < f->classes.count; k++) {
        const size_t room = strlen(f->classes.name[k]) + sizeof "prob_";
        char *name = mem_alloc(room, 1);
        if (!name)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u columns",
                              (unsigned)f->classes.count);
        snprintf(name, room, "prob_%s", f->classes.name[k]);
        t->column[t->column_count++] =
            (export_column){.name = name, .kind = EXPORTED_PROBABILITY, .class_of_probability = k};
    }
    return ASSAY_OK;
}

static assay_code add_attributes(export_table *t, assay_err *err)
{
    const frame *f = t->frame;
    for (size_t i = 0; i < f->attribute_count; i++)
        ASSAY_TRY(add(t, "", f->attribute[i].name,
                      (export_column){.kind = EXPORTED_ATTRIBUTE, .attribute = &f->attribute[i]},
                      err));
    for (size_t i = 0; i < f->tag_count; i++)
        ASSAY_TRY(add(t, "tag_", f->tag[i].name,
                      (export_column){.kind = EXPORTED_TAG, .tag = &f->tag[i].rows}, err));
    return ASSAY_OK;
}

static assay_code add_metric(export_table *t, size_t metric, assay_err *err)
{
    const metric_column *m = &t->frame->metric[metric];
    return add(t, "", m->name, (export_column){.kind = EXPORTED_NUMBER, .number = m->value}, err);
}

/* The confidence is a column of its own already, but among metrics. */
static assay_code add_metrics(export_table *t, const export_request *request, assay_err *err)
{
    for (size_t i = 0; i < request->metric_count && request->metric; i++)
        ASSAY_TRY(add_metric(t, request->metric[i], err));
    for (size_t i = 0; i < t->frame->metric_count && !request->metric; i++) {
        const metric_column *m = &t->frame->metric[i];
        /* A metric that nobody wanted has a name only. */
        const bool wanted = m->value && !(m->on_request && request->no_on_request);
        const bool told = request->what != EXPORT_METRICS && m->value == t->frame->confidence;
        if (wanted && !told && (request->what != EXPORT_PREDICTIONS || m->from_prediction))
            ASSAY_TRY(add_metric(t, i, err));
    }
    return ASSAY_OK;
}

static assay_code add_columns(export_table *t, const export_request *request, assay_err *err)
{
    ASSAY_TRY(add_names(t, err));
    if (request->what != EXPORT_METRICS)
        ASSAY_TRY(add_predictions(t, err));
    if (request->what == EXPORT_SAMPLES)
        ASSAY_TRY(add_attributes(t, err));
    ASSAY_TRY(add_metrics(t, request, err));
    return request->what == EXPORT_PREDICTIONS ? add_probabilities(t, err) : ASSAY_OK;
}

assay_code export_table_init(export_table *t, const frame *f, const export_request *request,
                             assay_err *err)
{
    *t = (export_table){0};
    if (request->what == EXPORT_PREDICTIONS && !has_predictions(f))
        return assay_fail(err, ASSAY_E_NOT_FOUND, "there are no predictions to export");
    ASSAY_AUTO_CLEAR(export_table) made = {.frame = f, .row_count = f->row_count};
    const size_t most = 5 + f->metric_count + f->attribute_count + f->tag_count + f->classes.count;
    made.column = mem_zalloc(most, sizeof *made.column);
    if (!made.column)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu columns", most);
    ASSAY_TRY(add_columns(&made, request, err));
    *t = made;
    made = (export_table){0};
    return ASSAY_OK;
}

void export_table_clear(export_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        mem_free(t->column[i].name);
    mem_free(t->column);
    mem_free(t->row);
    *t = (export_table){0};
}

size_t export_rows_at_once(const export_table *t, size_t most)
{
    if (!t->has_probabilities)
        return most;
    const size_t fit = PROBABILITIES_AT_ONCE / t->frame->classes.count;
    return fit < 1 ? 1 : fit < most ? fit : most;
}

void export_probabilities(const export_table *t, size_t first, size_t count, double *out)
{
    if (t->has_probabilities)
        probabilities_gather(t->frame->probability, t->row ? t->row + first : NULL, first, count,
                             out);
}

static export_cell words(const char *at)
{
    return (export_cell){.holds = CELL_WORDS, .at = at, .length = strlen(at)};
}

static export_cell real(double value)
{
    return (export_cell){.holds = isnan(value) ? CELL_NONE : CELL_REAL, .number = value};
}

export_cell export_cell_of(const export_table *t, const export_column *c, size_t row,
                           const double *probability)
{
    switch (c->kind) {
    case EXPORTED_TEXT:
        return (export_cell){.holds = CELL_WORDS,
                             .at = c->text->bytes + c->text->start[row],
                             .length = (size_t)(c->text->start[row + 1] - c->text->start[row])};
    case EXPORTED_CLASS:
        return c->class_code[row] == CLASS_MISSING
                   ? (export_cell){0}
                   : words(t->frame->classes.name[c->class_code[row]]);
    case EXPORTED_ATTRIBUTE:
        return c->attribute->code[row] == ATTRIBUTE_MISSING
                   ? (export_cell){0}
                   : words(c->attribute->value[c->attribute->code[row]]);
    case EXPORTED_NUMBER:
        return real(c->number[row]);
    case EXPORTED_TAG:
        return (export_cell){.holds = CELL_FLAG, .flag = selection_has(c->tag, row)};
    case EXPORTED_PROBABILITY:
        return real(probability[c->class_of_probability]);
    }
    return (export_cell){0};
}
