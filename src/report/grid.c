/* Aligned tables: cells as they come, widths at the end. Knows escapes for colours, no numbers. */
#include "report/grid.h"

#include "base/limits.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

void grid_init(grid *t, const grid_column *column, size_t column_count)
{
    assert(column_count <= GRID_COLUMNS_MOST);
    *t = (grid){.column = column, .column_count = column_count};
    text_init(&t->cells, REPORT_BYTES_MOST);
}

void grid_clear(grid *t)
{
    text_clear(&t->cells);
    mem_free(t->start);
    *t = (grid){0};
}

text *grid_cell(grid *t)
{
    if (t->cell_count == t->room) {
        size_t room = t->room ? t->room * 2 : 64;
        size_t *start = mem_resize(t->start, room, sizeof *start);
        if (!start) {
            t->cells.broken = true;
            return &t->cells;
        }
        t->start = start;
        t->room = room;
    }
    t->start[t->cell_count++] = t->cells.length;
    return &t->cells;
}

typedef struct cell {
    const char *at;
    size_t length, columns;
} cell;

static cell cell_at(const grid *t, size_t i)
{
    size_t end = i + 1 < t->cell_count ? t->start[i + 1] : t->cells.length;
    cell c = {.at = text_view(&t->cells) + t->start[i], .length = end - t->start[i]};
    c.columns = drawn_columns(c.at, c.length);
    return c;
}

static size_t heading_columns(const grid_column *c)
{
    return drawn_columns(c->heading, strlen(c->heading));
}

/* What of a table is drawn. */
typedef struct layout {
    size_t width[GRID_COLUMNS_MOST];
    bool dropped[GRID_COLUMNS_MOST];
} layout;

static bool spans_next(const grid *t, const layout *l, size_t c)
{
    return t->column[c].spans && c + 1 < t->column_count && !l->dropped[c + 1];
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void widen_for_headings(const grid *t, layout *l)
{
    for (size_t c = 0; c < t->column_count; c++) {
        size_t heading = heading_columns(&t->column[c]);
        if (!spans_next(t, l, c)) {
            l->width[c] = larger(l->width[c], heading);
            continue;
        }
        size_t both = l->width[c] + t->column[c + 1].gap + l->width[c + 1];
        l->width[c + 1] += heading > both ? heading - both : 0;
    }
}

static size_t drawn_width(const grid *t, const layout *l)
{
    size_t sum = 0;
    for (size_t c = 0; c < t->column_count; c++)
        sum += l->dropped[c] ? 0 : l->width[c] + t->column[c].gap;
    return sum;
}

/* Drops the columns that go next; false where none is left to go. */
static bool drop_next(const grid *t, layout *l)
{
    int next = 0;
    for (size_t c = 0; c < t->column_count; c++) {
        int drop = t->column[c].drop;
        if (drop > 0 && !l->dropped[c] && (next == 0 || drop < next))
            next = drop;
    }
    for (size_t c = 0; c < t->column_count; c++)
        l->dropped[c] = l->dropped[c] || (next > 0 && t->column[c].drop == next);
    return next > 0;
}

static void lay_out(const grid *t, size_t room, layout *l)
{
    size_t content[GRID_COLUMNS_MOST] = {0};
    for (size_t i = 0; i < t->cell_count; i++) {
        size_t *widest = &content[i % t->column_count];
        *widest = larger(*widest, cell_at(t, i).columns);
    }
    *l = (layout){0};
    do {
        memcpy(l->width, content, sizeof content);
        widen_for_headings(t, l);
    } while (drawn_width(t, l) > room && drop_next(t, l));
}

/* Spaces that are owed are paid only when something follows, so that no line ends in them. */
static size_t draw_cell(text *out, const grid_column *column, cell c, size_t width, size_t owed)
{
    if (c.columns == 0)
        return owed + column->gap + width;
    size_t padding = width - c.columns;
    text_repeat(out, " ", owed + column->gap + (column->right ? padding : 0));
    text_put(out, c.at, c.length);
    return column->right ? 0 : padding;
}

static void draw_headings(const grid *t, const page *p, const layout *l)
{
    bool any = false;
    for (size_t c = 0; c < t->column_count; c++)
        any = any || t->column[c].heading[0];
    if (!any)
        return;
    size_t owed = 2;
    ink_on(p->out, &p->style, INK_FAINT);
    for (size_t c = 0; c < t->column_count; c++) {
        if (l->dropped[c])
            continue;
        const grid_column *column = &t->column[c];
        cell heading = {column->heading, strlen(column->heading), heading_columns(column)};
        size_t room = l->width[c];
        if (spans_next(t, l, c)) {
            c++;
            room += t->column[c].gap + l->width[c];
        }
        owed = draw_cell(p->out, column, heading, room, owed);
    }
    ink_off(p->out, &p->style, INK_FAINT);
    text_puts(p->out, "\n");
}

void grid_draw(const grid *t, const page *p)
{
    if (t->cells.broken) {
        p->out->broken = true;
        return;
    }
    layout l;
    lay_out(t, (size_t)p->style.columns - 2, &l);
    draw_headings(t, p, &l);
    for (size_t row = 0; row + t->column_count <= t->cell_count; row += t->column_count) {
        size_t owed = 2;
        for (size_t c = 0; c < t->column_count; c++) {
            if (!l.dropped[c])
                owed = draw_cell(p->out, &t->column[c], cell_at(t, row + c), l.width[c], owed);
        }
        text_puts(p->out, "\n");
    }
}
