/* Two models on the same samples, on a page: who is right where, what that makes of each score, and
 * which classes it comes from. */
#include "report/compared.h"

#include "base/mem.h"
#include "project/wording.h"
#include "report/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES_LISTED = 20 };

static const double LEAST_P_SHOWN = 1e-4;

static const struct title {
    const char *name, *shown;
} TITLES[] = {
    {"accuracy", "accuracy"},
    {"balanced_accuracy", "balanced accuracy"},
    {"macro_precision", "mean precision"},
    {"macro_recall", "mean recall"},
    {"macro_f1", "mean F1"},
    {"weighted_precision", "weighted precision"},
    {"weighted_f1", "weighted F1"},
    {"mcc", "MCC"},
    {"kappa", "Cohen's kappa"},
    {"log_loss", "log loss"},
    {"brier", "Brier score"},
    {"top_2", "top-2 accuracy"},
    {"top_3", "top-3 accuracy"},
    {"top_5", "top-5 accuracy"},
    {"auroc", "AUROC, macro"},
    {"average_precision", "AP, macro"},
    {"aurc", "AURC"},
};

static const char *title_of(const char *name)
{
    for (size_t i = 0; i < sizeof TITLES / sizeof *TITLES; i++) {
        if (strcmp(TITLES[i].name, name) == 0)
            return TITLES[i].shown;
    }
    return name;
}

/* 1: b is surely better, -1: surely worse. */
static int verdict_of(const score *difference, bool lower_is_better)
{
    if (!has_interval(difference))
        return 0;
    const int higher = difference->low > 0 ? 1 : difference->high < 0 ? -1 : 0;
    return lower_is_better ? -higher : higher;
}

static ink ink_of(int verdict)
{
    return verdict > 0 ? INK_GOOD : verdict < 0 ? INK_BAD : INK_PLAIN;
}

static void put_difference(const page *p, grid *t, const score *d, int verdict)
{
    text *cell = grid_cell(t);
    ink_on(cell, &p->style, ink_of(verdict));
    if (d->value > 0)
        text_puts(cell, "+");
    put_value(cell, &p->style, d->value, 4);
    ink_off(cell, &p->style, ink_of(verdict));
    cell = grid_cell(t);
    ink_on(cell, &p->style, INK_FAINT);
    put_interval(cell, &p->style, d, 4);
    text_puts(cell, d->few && has_interval(d) ? "*" : "");
    ink_off(cell, &p->style, INK_FAINT);
}

static void put_p(text *cell, const report_style *style, double p)
{
    if (isnan(p))
        text_puts(cell, dash(style));
    else if (p < LEAST_P_SHOWN)
        text_puts(cell, "< 0.0001");
    else
        put_value(cell, style, p, 4);
}

static void put_outcome(const page *p, grid *t, uint64_t count, ink colour)
{
    text *cell = grid_cell(t);
    ink_on(cell, &p->style, colour);
    wording_count(cell, count);
    ink_off(cell, &p->style, colour);
}

static void print_outcomes(const page *p, const comparison *c)
{
    static const grid_column columns[] = {{"samples", false, 0, false, 0},
                                          {"b right", true, 3, false, 0},
                                          {"b wrong", true, 3, false, 0}};
    grid t;
    grid_init(&t, columns, 3);
    text_puts(grid_cell(&t), "a right");
    put_outcome(p, &t, c->both_right, INK_PLAIN);
    put_outcome(p, &t, c->broken, INK_BAD);
    text_puts(grid_cell(&t), "a wrong");
    put_outcome(p, &t, c->fixed, INK_GOOD);
    put_outcome(p, &t, c->both_wrong, INK_PLAIN);
    grid_draw(&t, p);
    grid_clear(&t);
    text words, chance;
    text_init(&words, 512);
    text_init(&chance, 64);
    text_puts(&words, "b fixes ");
    wording_counted(&words, c->fixed, "sample", "samples");
    text_puts(&words, " that a has wrong, and breaks ");
    wording_count(&words, c->broken);
    text_puts(&chance, c->p_value < LEAST_P_SHOWN ? "" : "= ");
    put_p(&chance, &p->style, c->p_value);
    text_printf(&words, ". p %s (McNemar, %s): how often two equally good models would differ so.",
                text_view(&chance), strcmp(c->p_method, "mcnemar-exact") == 0 ? "exact" : "mid-p");
    text_puts(p->out, "\n");
    page_words(p, "  ", INK_FAINT, text_view(&words));
    p->out->broken = p->out->broken || words.broken || chance.broken;
    text_clear(&words);
    text_clear(&chance);
}

static bool print_scores(const page *p, const comparison *c)
{
    static const grid_column columns[] = {{"", false, 0, false, 0}, {"a", true, 2, false, 0},
                                          {"b", true, 2, false, 0}, {"b - a", true, 3, false, 0},
                                          {"", false, 2, false, 1}, {"", false, 2, false, 2}};
    bool few = false;
    grid t;
    grid_init(&t, columns, 6);
    for (size_t i = 0; i < c->score_count; i++) {
        const score_difference *s = &c->score[i];
        const int verdict = verdict_of(&s->difference, s->lower_is_better);
        text_puts(grid_cell(&t), title_of(s->name));
        put_value(grid_cell(&t), &p->style, s->a.value, 4);
        put_value(grid_cell(&t), &p->style, s->b.value, 4);
        put_difference(p, &t, &s->difference, verdict);
        text_puts(grid_cell(&t), verdict > 0 ? "b is better" : verdict < 0 ? "a is better" : "");
        few |= s->difference.few && has_interval(&s->difference);
    }
    page_heading(p, "Scores", "b - a, with its interval");
    grid_draw(&t, p);
    grid_clear(&t);
    return few;
}

/* The surest differences first, of equally sure ones the largest. */
static int compare_classes(const void *x, const void *y)
{
    const class_difference *a = *(const class_difference *const *)x;
    const class_difference *b = *(const class_difference *const *)y;
    if (a->p_value != b->p_value)
        return a->p_value < b->p_value ? -1 : 1;
    const double p = fabs(a->difference.value), q = fabs(b->difference.value);
    if (p != q)
        return p > q ? -1 : 1;
    return a->class_code < b->class_code ? -1 : a->class_code > b->class_code;
}

static bool put_classes(const page *p, const comparison_shown *c, grid *t,
                        const class_difference **order)
{
    const size_t count = c->comparison->class_count;
    bool few = false;
    for (size_t i = 0; i < count; i++)
        order[i] = &c->comparison->per_class[i];
    qsort(order, count, sizeof(void *), compare_classes);
    for (size_t i = 0; i < count && i < CLASSES_LISTED; i++) {
        const class_difference *d = order[i];
        put_name(grid_cell(t), &p->style, c->classes->name[d->class_code], name_room(p));
        wording_count(grid_cell(t), d->support);
        put_value(grid_cell(t), &p->style, d->a.value, 4);
        put_value(grid_cell(t), &p->style, d->b.value, 4);
        put_difference(p, t, &d->difference,
                       d->p_adjusted < 0.05 ? verdict_of(&d->difference, false) : 0);
        put_p(grid_cell(t), &p->style, d->p_adjusted);
        few |= d->difference.few;
    }
    return few;
}

static bool print_classes(const page *p, const comparison_shown *c)
{
    static const grid_column columns[] = {
        {"class", false, 0, false, 0},      {"samples", true, 2, false, 3},
        {"recall of a", true, 2, false, 0}, {"of b", true, 2, false, 0},
        {"b - a", true, 3, false, 0},       {"", false, 2, false, 1},
        {"p, adjusted", true, 2, false, 2}};
    const size_t count = c->comparison->class_count;
    ASSAY_AUTO_MEM const class_difference **order = mem_alloc(count, sizeof(void *));
    if (!order) {
        p->out->broken = true;
        return false;
    }
    grid t;
    grid_init(&t, columns, 7);
    const bool few = put_classes(p, c, &t, order);
    char aside[96] = "the surest differences first";
    if (count > CLASSES_LISTED)
        snprintf(aside, sizeof aside, "the %d surest differences of %zu classes", CLASSES_LISTED,
                 count);
    page_heading(p, "Classes", aside);
    grid_draw(&t, p);
    grid_clear(&t);
    return few;
}

static void explain(const page *p, const comparison_shown *c, bool few)
{
    char words[512];
    snprintf(
        words, sizeof words,
        "In brackets: the %g %% interval of the difference on the same samples; where it holds "
        "0, neither is surely better. p of a class is adjusted for their number (Holm).%s",
        c->confidence_level * 100,
        few ? " * rests on fewer than 10 samples of a class: take it as a hint." : "");
    text_puts(p->out, "\n");
    page_words(p, "  ", INK_FAINT, words);
}

void comparison_text(const comparison_shown *c, const report_style *style, text *out)
{
    const page p = {.style = *style, .out = out};
    text aside;
    text_init(&aside, 128);
    wording_counted(&aside, c->comparison->samples, "sample", "samples");
    if (c->comparison->left_out) {
        text_puts(&aside, ", ");
        wording_count(&aside, c->comparison->left_out);
        text_puts(&aside, " left out");
    }
    page_heading(&p, "Two models", text_view(&aside));
    out->broken = out->broken || aside.broken;
    text_clear(&aside);
    page_key(&p, "a", c->a);
    page_key(&p, "b", c->b);
    if (c->where)
        page_key(&p, "where", c->where);
    text_puts(out, "\n");
    if (c->comparison->samples == 0) {
        page_words(&p, "  ", INK_PLAIN, "No sample has a label and a prediction of both.");
        return;
    }
    print_outcomes(&p, c->comparison);
    bool few = print_scores(&p, c->comparison);
    few |= print_classes(&p, c);
    explain(&p, c, few);
}
