/* Which classes are taken for which. */
#include "report/text_sections.h"

#include "project/wording.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <math.h>

enum { PAIRS_LISTED = 10, PAIRS_BOTH_WAYS_LISTED = 5, PAIR_BAR = 16 };

static double largest_share(const confused_pair *pair, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = pair[i].share > largest ? pair[i].share : largest;
    return largest;
}

/* Only all is 100 %, and only none is 0. */
static void put_share(text *cell, double share)
{
    if (share < 0.0005)
        text_puts(cell, "<0.1 %");
    else if (share < 0.0995)
        text_printf(cell, "%.1f %%", share * 100);
    else
        text_printf(cell, "%.0f %%", share < 1 ? fmin(99, share * 100) : 100);
}

static void put_pair(const page *p, grid *t, const confused_pair *pair, const char *between)
{
    char *const *name = p->e->frame->classes.name;
    put_name(grid_cell(t), &p->style, name[pair->label], name_room(p));
    ink_puts(grid_cell(t), &p->style, INK_FAINT, between);
    put_name(grid_cell(t), &p->style, name[pair->prediction], name_room(p));
    wording_count(grid_cell(t), pair->count);
    put_share(grid_cell(t), pair->share);
}

static void print_directed(const page *p)
{
    static const grid_column columns[] = {
        {"true", false, 0, false, 0},      {"", false, 1, false, 0},
        {"predicted", false, 1, false, 0}, {"count", true, 2, false, 0},
        {"of true", true, 2, false, 0},    {"", false, 2, false, 1},
    };
    const evaluation *v = p->e->evaluation;
    size_t count = v->pair_count < PAIRS_LISTED ? v->pair_count : PAIRS_LISTED;
    double largest = largest_share(v->pair, count);
    grid t;
    grid_init(&t, columns, 6);
    for (size_t i = 0; i < count; i++) {
        put_pair(p, &t, &v->pair[i], arrow(&p->style));
        put_bar(grid_cell(&t), &p->style, INK_BAD, v->pair[i].share / largest, PAIR_BAR);
    }
    grid_draw(&t, p);
    grid_clear(&t);
}

static void print_both_ways(const page *p)
{
    static const grid_column columns[] = {
        {"both ways", false, 0, false, 0}, {"", false, 1, false, 0},       {"", false, 1, false, 0},
        {"count", true, 2, false, 0},      {"of both", true, 2, false, 0}, {"", false, 2, false, 1},
    };
    const evaluation *v = p->e->evaluation;
    size_t count = v->pair_both_ways_count;
    count = count < PAIRS_BOTH_WAYS_LISTED ? count : PAIRS_BOTH_WAYS_LISTED;
    grid t;
    grid_init(&t, columns, 6);
    for (size_t i = 0; i < count; i++) {
        const confused_pair *pair = &v->pair_both_ways[i];
        uint64_t there = confusion_at(v->confusion, pair->label, pair->prediction);
        put_pair(p, &t, pair, both_ways(&p->style));
        text *cell = grid_cell(&t);
        ink_on(cell, &p->style, INK_FAINT);
        text_printf(cell, "%s ", arrow(&p->style));
        wording_count(cell, there);
        text_printf(cell, "  %s ", p->style.unicode ? "←" : "<-");
        wording_count(cell, pair->count - there);
        ink_off(cell, &p->style, INK_FAINT);
    }
    text_puts(p->out, "\n");
    grid_draw(&t, p);
    grid_clear(&t);
}

void section_pairs(const page *p)
{
    if (p->e->evaluation->pair_count == 0)
        return;
    page_heading(p, "Most confused", NULL);
    print_directed(p);
    if (p->e->evaluation->pair_both_ways_count > 1)
        print_both_ways(p);
}
