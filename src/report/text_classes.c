/* Precision, recall, F1 and ranking of each class, or of the worst where there are many. */
#include "report/text_sections.h"

#include "base/mem.h"
#include "project/warnings.h"
#include "project/wording.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <stdio.h>
#include <stdlib.h>

enum { BAR_COLUMNS = 6 };

static void put_proportion(const page *p, grid *t, const score *s)
{
    text *cell = grid_cell(t);
    put_value(cell, &p->style, s->value, 3);
    text_puts(cell, s->undefined ? "?" : "");
    cell = grid_cell(t);
    ink_on(cell, &p->style, INK_FAINT);
    put_narrow_interval(cell, &p->style, s);
    ink_off(cell, &p->style, INK_FAINT);
}

static ink ink_of_share(double share)
{
    return isnan(share) || share < 0.5 ? INK_BAD : share < 0.8 ? INK_WARN : INK_GOOD;
}

static void put_class(const page *p, grid *t, size_t k)
{
    const evaluation *v = p->e->evaluation;
    const class_scores *s = &v->matrix->per_class[k];
    put_name(grid_cell(t), &p->style, p->e->frame->classes.name[k], name_room(p));
    text *support = grid_cell(t);
    wording_count(support, s->support);
    text_puts(support, s->support > 0 && s->support < CLASS_SAMPLES_FEW ? "*" : " ");
    put_proportion(p, t, &s->precision);
    put_proportion(p, t, &s->recall);
    put_proportion(p, t, &s->f1);
    put_bar(grid_cell(t), &p->style, ink_of_share(s->f1.value), s->f1.value, BAR_COLUMNS);
    if (!v->ranking)
        return;
    put_value(grid_cell(t), &p->style, v->ranking->per_class[k].auroc.value, 3);
    put_value(grid_cell(t), &p->style, v->ranking->per_class[k].average_precision.value, 3);
}

static void print_table(const page *p, const uint16_t *which, size_t count)
{
    static const grid_column columns[] = {
        {"class", false, 0, false, 0},    {"samples ", true, 2, false, 0},
        {"precision", false, 2, true, 0}, {"", false, 1, false, 1},
        {"recall", false, 2, true, 0},    {"", false, 1, false, 2},
        {"F1", false, 2, true, 0},        {"", false, 1, false, 4},
        {"", false, 2, false, 3},         {"AUROC", false, 2, false, 6},
        {"AP", false, 2, false, 5},
    };
    grid t;
    grid_init(&t, columns, p->e->evaluation->ranking ? 11 : 9);
    for (size_t i = 0; i < count; i++)
        put_class(p, &t, which[i]);
    grid_draw(&t, p);
    grid_clear(&t);
}

/* Worst F1 first, then the class with more samples, then the order of the list. */
static int compare_worst(const void *a, const void *b, void *scores)
{
    const matrix_scores *m = scores;
    uint16_t i = *(const uint16_t *)a;
    uint16_t j = *(const uint16_t *)b;
    const class_scores *x = &m->per_class[i];
    const class_scores *y = &m->per_class[j];
    if (x->f1.value != y->f1.value)
        return x->f1.value < y->f1.value ? -1 : 1;
    if (x->support != y->support)
        return x->support > y->support ? -1 : 1;
    return i < j ? -1 : 1;
}

/* Classes of the list that occur nowhere have no F1 that could be worst. */
static size_t gather(const evaluated *e, bool occurring_only, uint16_t *which)
{
    const matrix_scores *m = e->evaluation->matrix;
    size_t count = 0;
    for (uint32_t k = 0; k < m->class_count; k++) {
        bool occurs = m->per_class[k].support > 0 || m->per_class[k].predicted > 0;
        if ((!e->shown || e->shown[k]) && (occurs || !occurring_only))
            which[count++] = (uint16_t)k;
    }
    return count;
}

static void explain(const page *p, const uint16_t *which, size_t count)
{
    const matrix_scores *m = p->e->evaluation->matrix;
    bool few = false;
    bool undefined = false;
    for (size_t i = 0; i < count; i++) {
        const class_scores *s = &m->per_class[which[i]];
        few = few || (s->support > 0 && s->support < CLASS_SAMPLES_FEW);
        undefined = undefined || s->precision.undefined || s->recall.undefined;
    }
    char words[256];
    snprintf(words, sizeof words, "%s%s%s", few ? "* fewer than 10 samples." : "",
             few && undefined ? " " : "", undefined ? "? nothing to divide by, counted as 0." : "");
    if (words[0])
        page_words(p, "  ", INK_FAINT, words);
}

void section_classes(const page *p)
{
    const matrix_scores *m = p->e->evaluation->matrix;
    ASSAY_AUTO_MEM uint16_t *which = mem_alloc(m->class_count, sizeof *which);
    if (!which) {
        p->out->broken = true;
        return;
    }
    size_t all = gather(p->e, false, which);
    size_t count = all;
    text aside;
    text_init(&aside, 256);
    if (all > CLASSES_LISTED_MOST) {
        count = gather(p->e, true, which);
        qsort_r(which, count, sizeof *which, compare_worst, p->e->evaluation->matrix);
        count = count < CLASSES_WORST ? count : CLASSES_WORST;
        text_printf(&aside, "%zu worst of ", count);
        wording_count(&aside, all);
        text_puts(&aside, ", by F1");
    }
    page_heading(p, "Classes", aside.length ? text_view(&aside) : NULL);
    print_table(p, which, count);
    explain(p, which, count);
    p->out->broken = p->out->broken || aside.broken;
    text_clear(&aside);
}
