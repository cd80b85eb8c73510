/* Which rows a score runs over. Where that is every row, the frame's own arrays are used. */
#include "eval/samples.h"

#include <math.h>
#include <string.h>

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

enum { WORD = 64 };

/* How many of the rows of a word have both codes. Without a branch, so that several are looked at
 * at once. */
static size_t count_whole(const uint16_t *label, const uint16_t *prediction)
{
    uint16_t count = 0;
    for (size_t i = 0; i < WORD; i++)
        count += (uint16_t)((label[i] != CLASS_MISSING) & (prediction[i] != CLASS_MISSING));
    return count;
}

static size_t count_chosen(const choice *c)
{
    const frame *f = c->frame;
    size_t count = 0, row = 0;
    for (size_t w = 0; row + WORD <= f->row_count; w++, row += WORD) {
        if (c->selected->word[w] == UINT64_MAX && !c->shown) {
            count += count_whole(f->label + row, f->prediction + row);
            continue;
        }
        for (size_t i = row; c->selected->word[w] && i < row + WORD; i++)
            count += is_chosen(c, i);
    }
    for (; row < f->row_count; row++)
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

static bool has_probabilities(const samples *s, size_t i)
{
    return !isnan(s->frame->probability->divisor[samples_row(s, i)]);
}

/* Room for `count` samples of `s`, and for their groups. */
static assay_code make_room(samples *out, const samples *s, size_t count, assay_err *err)
{
    *out = (samples){.frame = s->frame};
    out->owned[0] = mem_alloc(count, sizeof *out->row);
    out->owned[1] = mem_alloc(count, sizeof *out->label);
    out->owned[2] = mem_alloc(count, sizeof *out->prediction);
    out->owned[3] = mem_alloc(s->groups.group ? count : 0, sizeof(uint32_t));
    for (size_t i = 0; i < sizeof out->owned / sizeof *out->owned; i++) {
        if (!out->owned[i])
            return assay_fail(err, ASSAY_E_NOMEM, "%zu samples with probabilities", count);
    }
    return ASSAY_OK;
}

static void put_sample(samples *out, const samples *s, size_t i, uint32_t *number)
{
    const size_t at = out->count++;
    ((uint32_t *)out->owned[0])[at] = (uint32_t)samples_row(s, i);
    ((uint16_t *)out->owned[1])[at] = s->label[i];
    ((uint16_t *)out->owned[2])[at] = s->prediction[i];
    if (!s->groups.group)
        return;
    uint32_t *mine = &number[s->groups.group[i]];
    if (!*mine)
        *mine = ++out->groups.group_count;
    ((uint32_t *)out->owned[3])[at] = *mine - 1;
}

static assay_code thin(samples *out, const samples *s, size_t count, assay_err *err)
{
    ASSAY_AUTO_MEM uint32_t *number = mem_zalloc(s->groups.group_count, sizeof *number);
    if (!number)
        return assay_fail(err, ASSAY_E_NOMEM, "%u groups", s->groups.group_count);
    ASSAY_TRY(make_room(out, s, count, err));
    for (size_t i = 0; i < s->count; i++) {
        if (has_probabilities(s, i))
            put_sample(out, s, i, number);
    }
    out->row = out->owned[0];
    out->label = out->owned[1];
    out->prediction = out->owned[2];
    out->groups.group = s->groups.group ? out->owned[3] : NULL;
    return ASSAY_OK;
}

assay_code samples_with_probabilities(samples *out, const samples *s, assay_err *err)
{
    *out = (samples){0};
    samples made = *s;
    memset(made.owned, 0, sizeof made.owned);
    size_t count = 0;
    for (size_t i = 0; s->frame->probability->divisor && i < s->count; i++)
        count += has_probabilities(s, i);
    if (s->frame->probability->divisor && count < s->count) {
        const assay_code code = thin(&made, s, count, err);
        if (code != ASSAY_OK) {
            samples_clear(&made);
            return code;
        }
    }
    *out = made;
    return ASSAY_OK;
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
