/* The headline numbers with their intervals. */
#include "report/text_sections.h"

#include "project/wording.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <stdio.h>

/* A headline number and its name; `high_is_good` gets a bar. */
typedef struct headline {
    char name[32];
    const score *s;
} headline;

enum { HEADLINES_MOST = 24, TWO_SIDES_COLUMNS = 96, AVERAGES_COLUMNS = 88 };

typedef struct headlines {
    headline at[HEADLINES_MOST];
    size_t count;
} headlines;

static void add(headlines *h, const char *name, const score *s)
{
    if (h->count == HEADLINES_MOST)
        return;
    headline *line = &h->at[h->count++];
    snprintf(line->name, sizeof line->name, "%s", name);
    line->s = s;
}

static void gather_matrix(const evaluated *e, headlines *h)
{
    const matrix_scores *m = e->evaluation->matrix;
    add(h, "accuracy", &m->accuracy);
    add(h, "balanced accuracy", &m->balanced_accuracy);
    if (!e->shown) {
        add(h, "MCC", &m->mcc);
        add(h, "Cohen's kappa", &m->kappa);
    }
}

static void gather_rest(const evaluated *e, headlines *h)
{
    const evaluation *v = e->evaluation;
    if (v->has_probabilities) {
        add(h, "log loss", &v->proper.log_loss);
        add(h, "Brier score", &v->proper.brier);
    }
    for (size_t i = 0; i < TOP_K_COUNT && (v->has_probabilities || v->has_top_k); i++) {
        char name[32];
        snprintf(name, sizeof name, "top-%u accuracy", (unsigned int)top_k_of[i]);
        if (!isnan(v->proper.top_k[i].value))
            add(h, name, &v->proper.top_k[i]);
    }
    if (v->ranking) {
        add(h, "AUROC, macro", &v->ranking->macro_auroc);
        add(h, "AP, macro", &v->ranking->macro_average_precision);
    }
    if (v->has_confidence)
        add(h, "AURC", &v->risk.aurc);
}

static void put_headline(const page *p, grid *t, const headline *line)
{
    text_puts(grid_cell(t), line->name);
    text *cell = grid_cell(t);
    ink_on(cell, &p->style, INK_BOLD);
    put_value(cell, &p->style, line->s->value, 4);
    ink_off(cell, &p->style, INK_BOLD);
    cell = grid_cell(t);
    ink_on(cell, &p->style, INK_FAINT);
    put_interval(cell, &p->style, line->s, 4);
    text_puts(cell, line->s->few && has_interval(line->s) ? "*" : "");
    ink_off(cell, &p->style, INK_FAINT);
}

static void put_empty(grid *t)
{
    for (int i = 0; i < 3; i++)
        grid_cell(t);
}

/* Left side first, top to bottom; one side where the page is narrow. */
static void print_headlines(const page *p, const headlines *h)
{
    static const grid_column columns[] = {
        {"", false, 0, false, 0}, {"", true, 2, false, 0}, {"", false, 2, false, 0},
        {"", false, 6, false, 0}, {"", true, 2, false, 0}, {"", false, 2, false, 0},
    };
    size_t sides = p->style.columns >= TWO_SIDES_COLUMNS && h->count > 4 ? 2 : 1;
    size_t rows = (h->count + sides - 1) / sides;
    grid t;
    grid_init(&t, columns, 3 * sides);
    for (size_t row = 0; row < rows; row++) {
        for (size_t side = 0; side < sides; side++) {
            size_t i = side * rows + row;
            if (i < h->count)
                put_headline(p, &t, &h->at[i]);
            else
                put_empty(&t);
        }
    }
    grid_draw(&t, p);
    grid_clear(&t);
}

static void put_average(const page *p, grid *t, const char *name, const score *const *s)
{
    text_puts(grid_cell(t), name);
    for (size_t i = 0; i < 3; i++) {
        put_value(grid_cell(t), &p->style, s[i]->value, 4);
        text *cell = grid_cell(t);
        ink_on(cell, &p->style, INK_FAINT);
        if (p->style.columns >= AVERAGES_COLUMNS) {
            put_interval(cell, &p->style, s[i], 4);
            text_puts(cell, s[i]->few && has_interval(s[i]) ? "*" : "");
        } else {
            put_narrow_interval(cell, &p->style, s[i]);
        }
        ink_off(cell, &p->style, INK_FAINT);
    }
}

static void print_averages(const page *p)
{
    static const grid_column columns[] = {
        {"averages", false, 0, false, 0}, {"precision", false, 3, true, 0},
        {"", false, 2, false, 1},         {"recall", false, 3, true, 0},
        {"", false, 2, false, 2},         {"F1", false, 3, true, 0},
        {"", false, 2, false, 3},
    };
    const matrix_scores *m = p->e->evaluation->matrix;
    grid t;
    grid_init(&t, columns, 7);
    put_average(p, &t, "macro",
                (const score *const[]){&m->macro_precision, &m->macro_recall, &m->macro_f1});
    put_average(
        p, &t, "weighted",
        (const score *const[]){&m->weighted_precision, &m->weighted_recall, &m->weighted_f1});
    if (p->e->shown)
        put_average(p, &t, "micro",
                    (const score *const[]){&m->micro_precision, &m->micro_recall, &m->micro_f1});
    text_puts(p->out, "\n");
    grid_draw(&t, p);
    grid_clear(&t);
}

static bool any_few(const headlines *h, const matrix_scores *m)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->at[i].s->few && has_interval(h->at[i].s))
            return true;
    }
    return m->macro_f1.few && has_interval(&m->macro_f1);
}

static void explain(const page *p, bool few)
{
    const evaluation_options *o = &p->e->request.options;
    char words[512];
    char groups[128] = "";
    if (p->e->evaluation->group_count > 0)
        snprintf(groups, sizeof groups,
                 " Samples of a group stand or fall together, and the intervals allow for it.");
    snprintf(words, sizeof words,
             "In brackets: the %g %% interval. Of 100 test sets drawn like this one, about %g give "
             "an interval "
             "that holds the true value.%s%s",
             o->confidence_level * 100, o->confidence_level * 100, groups,
             few ? " * rests on fewer than 10 samples of a class (or of right or wrong ones, or "
                   "groups): "
                   "take it as a hint."
                 : "");
    text_puts(p->out, "\n");
    page_words(p, "  ", INK_FAINT, words);
}

void section_scores(const page *p)
{
    headlines h = {.count = 0};
    gather_matrix(p->e, &h);
    gather_rest(p->e, &h);
    page_heading(p, "Scores", NULL);
    print_headlines(p, &h);
    print_averages(p);
    explain(p, any_few(&h, p->e->evaluation->matrix));
}
