/* Which rows a score runs over. Where that is every row, the frame's own arrays are used. */
#include "eval/samples.h"

#include <math.h>

/* The rule that chooses rows. */
typedef struct choice {
    const frame *frame;
    const selection *selected;
    const bool *shown;
} choice;

static bool is_chosen(const choice *c, size_t row)
{
    const uint16_t label = c->frame->label[row];
    if (label == CLASS_MISSING || c->frame->prediction[row] == CLASS_MISSING)
        return false;
    return selection_has(c->selected, row) && (!c->shown || c->shown[label]);
}

static size_t count_chosen(const choice *c)
{
    size_t count = 0;
    for (size_t row = 0; row < c->frame->row_count; row++)
        count += is_chosen(c, row);
    return count;
}

static assay_code gather(samples *s, const choice *c, assay_err *err)
{
    uint32_t *row = s->owned[0] = mem_alloc(s->count, sizeof *row);
    uint16_t *label = s->owned[1] = mem_alloc(s->count, sizeof *label);
    uint16_t *prediction = s->owned[2] = mem_alloc(s->count, sizeof *prediction);
    if (!row || !label || !prediction)
        return assay_fail(err, ASSAY_E_NOMEM, "labels of %zu samples", s->count);
    for (size_t i = 0, at = 0; at < s->count; i++) {
        if (!is_chosen(c, i))
            continue;
        row[at] = (uint32_t)i;
        label[at] = c->frame->label[i];
        prediction[at] = c->frame->prediction[i];
        at++;
    }
    s->row = row;
    s->label = label;
    s->prediction = prediction;
    return ASSAY_OK;
}

/* Groups without a sample drop out; the others are numbered by first appearance. */
static assay_code number_groups(samples *s, assay_err *err)
{
    const frame *f = s->frame;
    ASSAY_AUTO_MEM uint32_t *number = mem_zalloc(f->group_count, sizeof *number);
    uint32_t *group = s->owned[3] = mem_alloc(s->count, sizeof *group);
    if (!number || !group)
        return assay_fail(err, ASSAY_E_NOMEM, "groups of %zu samples", s->count);
    uint32_t seen = 0;
    for (size_t i = 0; i < s->count; i++) {
        uint32_t *mine = &number[f->group[samples_row(s, i)]];
        if (!*mine)
            *mine = ++seen;
        group[i] = *mine - 1;
    }
    s->groups = (clustering){.group = group, .group_count = seen};
    return ASSAY_OK;
}

static assay_code fill(samples *s, const choice *c, assay_err *err)
{
    s->frame = c->frame;
    s->count = count_chosen(c);
    if (s->count < c->frame->row_count) {
        ASSAY_TRY(gather(s, c, err));
    } else {
        s->label = c->frame->label;
        s->prediction = c->frame->prediction;
    }
    return c->frame->group ? number_groups(s, err) : ASSAY_OK;
}

assay_code samples_init(samples *s, const frame *f, const selection *selected, const bool *shown,
                        assay_err *err)
{
    *s = (samples){0};
    samples made = {0};
    const choice c = {.frame = f, .selected = selected, .shown = shown};
    const assay_code code = fill(&made, &c, err);
    if (code != ASSAY_OK) {
        samples_clear(&made);
        return code;
    }
    *s = made;
    return ASSAY_OK;
}

void samples_clear(samples *s)
{
    for (size_t i = 0; i < sizeof s->owned / sizeof *s->owned; i++)
        mem_free(s->owned[i]);
    *s = (samples){0};
}

size_t samples_with_value(const samples *s, const double *value, uint32_t *kept)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!isnan(value[samples_row(s, i)]))
            kept[count++] = (uint32_t)i;
    }
    return count;
}
