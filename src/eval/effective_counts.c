/* What grouped samples are worth for each proportion of each class: one walk over the samples by
 * group, which touches a class only where the group has it. */
#include "eval/effective_counts.h"

#include "base/mem.h"

#include <math.h>

/* Squared group sums of the influences on one ratio, not yet divided by its denominator. */
typedef struct spread {
    double squares;
    uint32_t groups;
} spread;

typedef struct class_spread {
    spread recall, precision, f1;
} class_spread;

/* One group's counts of a class. */
typedef struct tally {
    uint32_t support, predicted, true_positive;
    uint32_t group; /* + 1, that the counts belong to */
} tally;

typedef struct walk {
    const confusion *matrix;
    const samples *samples;
    const bool *shown;
    size_t *start; /* group_count + 1: where each group begins in `member` */
    uint32_t *member;
    tally *tally;         /* class_count */
    uint16_t *touched;    /* class_count */
    class_spread *spread; /* class_count */
    spread accuracy, micro_precision;
    uint64_t shown_support, shown_predicted, shown_correct;
} walk;

static void walk_clear(walk *w)
{
    mem_free(w->start);
    mem_free(w->member);
    mem_free(w->tally);
    mem_free(w->touched);
    mem_free(w->spread);
}

ASSAY_AUTO_CLEAR_DECLARE(walk)

static double ratio(uint64_t over, uint64_t under)
{
    return under ? (double)over / (double)under : 0.0;
}

static void add_group(spread *s, double over, double under, double whole_ratio)
{
    if (under <= 0.0)
        return;
    const double influence = over - whole_ratio * under;
    s->squares += influence * influence;
    s->groups++;
}

static double effective(const spread *s, uint64_t over, uint64_t under)
{
    const double groups = s->groups;
    const double se =
        s->groups < 2 ? (double)NAN : sqrt(groups / (groups - 1.0) * s->squares) / (double)under;
    return cluster_effective_n(ratio(over, under), se, (double)under, groups);
}

static uint64_t in_union(const confusion *c, size_t k)
{
    return c->support[k] + c->predicted[k] - c->true_positive[k];
}

static tally *touch(walk *w, uint16_t k, uint32_t group, size_t *touched)
{
    tally *t = &w->tally[k];
    if (t->group != group + 1) {
        *t = (tally){.group = group + 1};
        w->touched[(*touched)++] = k;
    }
    return t;
}

static void close_class(walk *w, uint16_t k)
{
    const confusion *c = w->matrix;
    const tally *t = &w->tally[k];
    const double tp = t->true_positive;
    class_spread *s = &w->spread[k];
    add_group(&s->recall, tp, t->support, ratio(c->true_positive[k], c->support[k]));
    add_group(&s->precision, tp, t->predicted, ratio(c->true_positive[k], c->predicted[k]));
    add_group(&s->f1, tp, (double)t->support + t->predicted - tp,
              ratio(c->true_positive[k], in_union(c, k)));
}

static void walk_group(walk *w, uint32_t group)
{
    size_t touched = 0;
    for (size_t at = w->start[group]; at < w->start[group + 1]; at++) {
        const uint32_t i = w->member[at];
        const uint16_t label = w->samples->label[i];
        const uint16_t prediction = w->samples->prediction[i];
        touch(w, prediction, group, &touched)->predicted++;
        tally *mine = touch(w, label, group, &touched);
        mine->support++;
        mine->true_positive += label == prediction;
    }
    double support = 0.0;
    double predicted = 0.0;
    double correct = 0.0;
    for (size_t i = 0; i < touched; i++) {
        const uint16_t k = w->touched[i];
        close_class(w, k);
        if (w->shown && !w->shown[k])
            continue;
        support += w->tally[k].support;
        predicted += w->tally[k].predicted;
        correct += w->tally[k].true_positive;
    }
    add_group(&w->accuracy, correct, support, ratio(w->shown_correct, w->shown_support));
    add_group(&w->micro_precision, correct, predicted, ratio(w->shown_correct, w->shown_predicted));
}

/* Samples by group, in order within each: a counting sort. */
static void order_by_group(walk *w)
{
    const samples *s = w->samples;
    for (size_t i = 0; i < s->count; i++)
        w->start[s->groups.group[i] + 1]++;
    for (size_t g = 0; g < s->groups.group_count; g++)
        w->start[g + 1] += w->start[g];
    for (size_t i = 0; i < s->count; i++)
        w->member[w->start[s->groups.group[i]]++] = (uint32_t)i;
    for (size_t g = s->groups.group_count; g > 0; g--)
        w->start[g] = w->start[g - 1];
    w->start[0] = 0;
}

static assay_code walk_init(walk *w, assay_err *err)
{
    const size_t class_count = w->matrix->class_count;
    w->start = mem_zalloc((size_t)w->samples->groups.group_count + 1, sizeof *w->start);
    w->member = mem_alloc(w->samples->count, sizeof *w->member);
    w->tally = mem_zalloc(class_count, sizeof *w->tally);
    w->touched = mem_alloc(class_count, sizeof *w->touched);
    w->spread = mem_zalloc(class_count, sizeof *w->spread);
    if (!w->start || !w->member || !w->tally || !w->touched || !w->spread)
        return assay_fail(err, ASSAY_E_NOMEM, "%u groups of %zu samples",
                          w->samples->groups.group_count, w->samples->count);
    for (size_t k = 0; k < class_count; k++) {
        if (w->shown && !w->shown[k])
            continue;
        w->shown_support += w->matrix->support[k];
        w->shown_predicted += w->matrix->predicted[k];
        w->shown_correct += w->matrix->true_positive[k];
    }
    return ASSAY_OK;
}

static void finish(const walk *w, effective_counts *out)
{
    const confusion *c = w->matrix;
    out->accuracy = effective(&w->accuracy, w->shown_correct, w->shown_support);
    out->micro_precision = effective(&w->micro_precision, w->shown_correct, w->shown_predicted);
    out->groups = w->accuracy.groups;
    for (size_t k = 0; k < c->class_count; k++) {
        const class_spread *s = &w->spread[k];
        const uint64_t tp = c->true_positive[k];
        out->per_class[k] =
            (class_effective){.recall = effective(&s->recall, tp, c->support[k]),
                              .precision = effective(&s->precision, tp, c->predicted[k]),
                              .f1 = effective(&s->f1, tp, in_union(c, k)),
                              .groups = s->recall.groups};
    }
}

assay_code effective_counts_init(effective_counts *out, const confusion *c, const samples *s,
                                 const bool *shown, assay_err *err)
{
    *out = (effective_counts){0};
    if (!s || !s->groups.group)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(walk) w = {.matrix = c, .samples = s, .shown = shown};
    ASSAY_TRY(walk_init(&w, err));
    class_effective *per_class = mem_zalloc(c->class_count, sizeof *per_class);
    if (!per_class)
        return assay_fail(err, ASSAY_E_NOMEM, "groups of %u classes", c->class_count);
    order_by_group(&w);
    for (uint32_t g = 0; g < s->groups.group_count; g++)
        walk_group(&w, g);
    out->per_class = per_class;
    finish(&w, out);
    return ASSAY_OK;
}

void effective_counts_clear(effective_counts *e)
{
    mem_free(e->per_class);
    *e = (effective_counts){0};
}
