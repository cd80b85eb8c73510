/* What to label next, for people and for programs. */
#include "report/planned.h"

#include "project/wording.h"
#include "report/grid.h"
#include "report/json_sections.h"

#include <math.h>
#include <stdio.h>

enum { SCHEMA = 1, CLASSES_LISTED = 50 };

void json_put_plan(json_writer *w, json_t *object, const plan_shown *p)
{
    json_put_number(w, object, "half_width", p->plan->half_width);
    json_t *list = json_put_array(w, object, "classes");
    for (size_t i = 0; i < p->plan->count; i++) {
        const class_plan *c = &p->plan->of[i];
        json_t *o = json_append_object(w, list);
        json_put_text(w, o, "class", p->classes->name[c->class_code]);
        json_put_count(w, o, "labelled", c->labelled);
        json_put_score(w, o, "recall", &c->recall);
        json_put_number(w, o, "half_width", c->half_width);
        json_put_count(w, o, "more", c->more);
    }
}

assay_code plan_json(const plan_shown *p, text *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    json_put_text(&w, w.root, "assay", ASSAY_VERSION);
    json_put_count(&w, w.root, "schema", SCHEMA);
    json_put_text(&w, w.root, "path", p->path);
    json_put_text(&w, w.root, "where", p->where);
    json_put_text(&w, w.root, "model", p->model);
    json_put_number(&w, w.root, "confidence_level", p->plan->confidence_level);
    json_put_count(&w, w.root, "more", p->plan->more);
    json_put_plan(&w, w.root, p);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

static void put_class(const page *p, grid *t, const plan_shown *s, const class_plan *c)
{
    put_name(grid_cell(t), &p->style, s->classes->name[c->class_code], name_room(p));
    wording_count(grid_cell(t), c->labelled);
    put_value(grid_cell(t), &p->style, c->recall.value, 4);
    text *cell = grid_cell(t);
    ink_on(cell, &p->style, INK_FAINT);
    put_interval(cell, &p->style, &c->recall, 4);
    text_puts(cell, c->recall.few && has_interval(&c->recall) ? "*" : "");
    ink_off(cell, &p->style, INK_FAINT);
    cell = grid_cell(t);
    if (isnan(c->half_width))
        text_puts(cell, dash(&p->style));
    else
        text_printf(cell, "%s%.4f", p->style.unicode ? "±" : "+-", c->half_width);
    cell = grid_cell(t);
    const ink colour = c->more ? INK_ACCENT : INK_FAINT;
    ink_on(cell, &p->style, colour);
    wording_count(cell, c->more);
    ink_off(cell, &p->style, colour);
}

static bool print_classes(const page *p, const plan_shown *s)
{
    static const grid_column columns[] = {
        {"class", false, 0, false, 0},     {"labelled", true, 2, false, 3},
        {"recall", true, 2, false, 0},     {"", false, 2, false, 1},
        {"half-width", true, 2, false, 2}, {"label more", true, 2, false, 0}};
    bool few = false;
    grid t;
    grid_init(&t, columns, 6);
    for (size_t i = 0; i < s->plan->count && i < CLASSES_LISTED; i++) {
        put_class(p, &t, s, &s->plan->of[i]);
        few |= s->plan->of[i].recall.few && has_interval(&s->plan->of[i].recall);
    }
    grid_draw(&t, p);
    grid_clear(&t);
    return few;
}

static void explain(const page *p, const plan_shown *s, bool few)
{
    const label_plan *plan = s->plan;
    text words;
    text_init(&words, 1024);
    const char *within = p->style.unicode ? "±" : "+-";
    if (plan->more) {
        text_puts(&words, "With ");
        wording_counted(&words, plan->more, "more label", "more labels");
        text_printf(&words,
                    " the recall of every class is known to %s%g at %g %%, if it stays near what "
                    "it is. A class that is known so well needs none.",
                    within, plan->half_width, plan->confidence_level * 100);
    } else {
        text_printf(&words, "The recall of every class is known to %s%g at %g %%.", within,
                    plan->half_width, plan->confidence_level * 100);
    }
    if (plan->count > CLASSES_LISTED)
        text_printf(&words, " The %d widest of %zu classes are shown.", (int)CLASSES_LISTED,
                    plan->count);
    if (plan->without_samples > 0) {
        text_puts(&words, " Of ");
        wording_counted(&words, plan->without_samples, "class", "classes");
        text_puts(&words, " nothing is known yet: no sample with a label and a prediction.");
    }
    if (few)
        text_puts(&words, " * rests on fewer than 10 samples: take it as a hint.");
    text_puts(p->out, "\n");
    page_words(p, "  ", INK_FAINT, text_view(&words));
    p->out->broken = p->out->broken || words.broken;
    text_clear(&words);
}

void plan_text(const plan_shown *p, const report_style *style, text *out)
{
    const page shown = {.style = *style, .out = out};
    page_heading(&shown, "What to label next", "the widest interval first");
    if (p->model)
        page_key(&shown, "model", p->model);
    if (p->where)
        page_key(&shown, "where", p->where);
    if (p->model || p->where)
        text_puts(out, "\n");
    explain(&shown, p, print_classes(&shown, p));
}
