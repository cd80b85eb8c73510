/* What is known of one sample. */
#include "server/sample_detail.h"

#include "server/frame_columns.h"
#include "server/json_words.h"

#include <math.h>
#include <string.h>

enum { PROBABILITIES_SHOWN = 20 };

double percentile_of(const double *value, size_t count, double x)
{
    size_t smaller = 0, equal = 0, valued = 0;
    for (size_t i = 0; i < count; i++) {
        smaller += value[i] < x;
        equal += value[i] == x;
        valued += value[i] == value[i];
    }
    if (valued == 0 || isnan(x))
        return (double)NAN;
    return 100.0 * ((double)smaller + 0.5 * (double)equal) / (double)valued;
}

void put_sample_metrics(text *out, const frame *f, size_t row)
{
    text_puts(out, "[");
    for (size_t m = 0; m < f->metric_count; m++) {
        const double *value = f->metric[m].value;
        text_puts(out, m ? ",\n{\"name\": " : "\n{\"name\": ");
        put_json_word(out, f->metric[m].name);
        text_puts(out, ", \"value\": ");
        put_json_number(out, value[row]);
        text_puts(out, ", \"percentile\": ");
        put_json_number(out, percentile_of(value, f->row_count, value[row]));
        text_puts(out, "}");
    }
    text_puts(out, "]");
}

void put_sample_attributes(text *out, const frame *f, size_t row)
{
    bool first = true;
    text_puts(out, "[");
    for (size_t a = 0; a < f->attribute_count; a++) {
        const char *value = attribute_of(&f->attribute[a], row);
        /* The reason stands in a place of its own. */
        if (!value || strcmp(f->attribute[a].name, "unreadable") == 0)
            continue;
        text_puts(out, first ? "{\"name\": " : ", {\"name\": ");
        put_json_word(out, f->attribute[a].name);
        text_puts(out, ", \"value\": ");
        put_json_word(out, value);
        text_puts(out, "}");
        first = false;
    }
    text_puts(out, "]");
}

/* Puts a class in its place among the best; ties to the lower class, which comes first. */
static size_t insert(const double *p, uint16_t *best, size_t count, uint16_t code)
{
    size_t at = count;
    while (at > 0 && p[best[at - 1]] < p[code])
        at--;
    if (at == PROBABILITIES_SHOWN)
        return count;
    const size_t last = count < PROBABILITIES_SHOWN ? count : PROBABILITIES_SHOWN - 1;
    memmove(best + at + 1, best + at, (last - at) * sizeof *best);
    best[at] = code;
    return last + 1;
}

static size_t choose_best(const frame *f, size_t row, const double *p, uint16_t *best)
{
    size_t count = 0;
    for (uint32_t k = 0; k < f->classes.count; k++)
        count = insert(p, best, count, (uint16_t)k);
    bool has_label = f->label[row] == CLASS_MISSING;
    for (size_t i = 0; i < count; i++)
        has_label |= best[i] == f->label[row];
    if (!has_label)
        best[count++] = f->label[row];
    return count;
}

static void put_probabilities(text *out, const frame *f, size_t row, const double *p)
{
    uint16_t best[PROBABILITIES_SHOWN + 1];
    /* A sample without a prediction has a row of NaN. */
    const size_t count = isnan(p[0]) ? 0 : choose_best(f, row, p, best);
    text_puts(out, "[");
    for (size_t i = 0; i < count; i++) {
        text_puts(out, i ? ", {\"class\": " : "{\"class\": ");
        put_json_word(out, f->classes.name[best[i]]);
        text_puts(out, ", \"probability\": ");
        put_json_number(out, p[best[i]]);
        text_puts(out, "}");
    }
    text_puts(out, "]");
}

assay_code put_sample_probabilities(text *out, const frame *f, size_t row, assay_err *err)
{
    if (!f->probability || f->classes.count == 0) {
        text_puts(out, "[]");
        return ASSAY_OK;
    }
    ASSAY_AUTO_MEM double *p = mem_alloc(f->classes.count, sizeof *p);
    if (!p)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the probabilities of %u classes",
                          (unsigned)f->classes.count);
    probabilities_rows(f->probability, row, 1, p);
    put_probabilities(out, f, row, p);
    return ASSAY_OK;
}
