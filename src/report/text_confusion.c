/* The confusion matrix as a heat map in letters. Draws up to CLASSES_LISTED_MOST classes. */
#include "report/text_sections.h"

#include "project/wording.h"
#include "report/shown_matrix.h"
#include "report/text_bars.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LABEL_WIDEST = 20, LABEL_LEAST = 8, CELL_WIDEST = 12, CELL_TEXT = 64 };

/* The matrix on the page: how wide its parts are and whether it holds counts or shares. */
typedef struct grid {
    const page *p;
    shown_matrix m;
    size_t columns; /* of cells, the missing one among them */
    size_t number;  /* width of the row's number; 0 where columns have names */
    size_t label, cell;
    bool shares; /* per cent of the row instead of counts */
} grid;

static const char *position_name(const grid *g, size_t i)
{
    if (i >= g->m.size)
        return "(missing)";
    return i < g->m.shown ? g->p->e->frame->classes.name[g->m.class_of[i]] : "other";
}

static uint64_t count_at(const grid *g, size_t row, size_t column)
{
    const shown_matrix *m = &g->m;
    if (row < m->size && column < m->size)
        return m->count[row * m->size + column];
    if (row < m->size)
        return m->no_prediction[row];
    return column < m->size ? m->no_label[column] : m->neither;
}

static uint64_t row_total(const grid *g, size_t row)
{
    return row < g->m.size ? g->m.row_total[row] : 0;
}

static double share_at(const grid *g, size_t row, size_t column)
{
    uint64_t total = row_total(g, row);
    return total && column < g->m.size ? (double)count_at(g, row, column) / (double)total : 0;
}

static const char *nothing(const grid *g)
{
    return g->p->style.unicode ? "·" : ".";
}

/* Rounded so that only all is 100 and only none is a dot. */
static void format_cell(const grid *g, size_t row, size_t column, char *out)
{
    uint64_t count = count_at(g, row, column);
    double percent = 100 * share_at(g, row, column);
    bool outside = row >= g->m.size || column >= g->m.size;
    if (count == 0)
        snprintf(out, CELL_TEXT, "%s", nothing(g));
    else if (!g->shares || outside)
        snprintf(out, CELL_TEXT, "%" PRIu64, count);
    else if (percent < 1)
        snprintf(out, CELL_TEXT, "<1");
    else
        snprintf(out, CELL_TEXT, "%.0f", percent < 100 && percent > 99 ? 99 : percent);
}

static size_t widest_cell(const grid *g)
{
    size_t widest = 2;
    for (size_t row = 0; row < g->columns; row++) {
        for (size_t column = 0; column < g->columns; column++) {
            char s[CELL_TEXT];
            format_cell(g, row, column, s);
            size_t columns = drawn_columns(s, strlen(s));
            widest = columns > widest ? columns : widest;
        }
    }
    return widest;
}

static size_t widest_label(const grid *g)
{
    size_t widest = LABEL_LEAST;
    for (size_t i = 0; i < g->columns; i++) {
        size_t columns = name_columns(position_name(g, i));
        widest = columns > widest ? columns : widest;
    }
    return widest < LABEL_WIDEST ? widest : LABEL_WIDEST;
}

/* Tries counts with air between them, counts, then shares; labels are cut to what is left. False
 * where nothing fits. */
static bool lay_out(grid *g)
{
    static const struct {
        bool shares;
        size_t gap;
    } tries[] = {{false, 2}, {false, 1}, {true, 1}};
    size_t width = (size_t)g->p->style.columns;
    g->number = 3;
    g->label = widest_label(g);
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        g->shares = tries[i].shares;
        g->cell = widest_cell(g) + tries[i].gap;
        size_t taken = 2 + g->number + 1 + 1 + g->cell * g->columns;
        size_t label = tries[i].gap > 1 ? g->label : LABEL_LEAST;
        if (taken + label > width)
            continue;
        if (taken + g->label > width)
            g->label = width - taken;
        return true;
    }
    return false;
}

/* Names above the columns where they fit; then rows need no numbers. */
static void try_names(grid *g)
{
    size_t widest = 0;
    for (size_t i = 0; i < g->columns; i++) {
        size_t columns = name_columns(position_name(g, i));
        widest = columns > widest ? columns : widest;
    }
    size_t cell = widest + 2 > g->cell ? widest + 2 : g->cell;
    if (cell > CELL_WIDEST || 2 + g->label + 1 + cell * g->columns > (size_t)g->p->style.columns)
        return;
    g->cell = cell;
    g->number = 0;
}

static void pad_left(text *out, size_t columns, size_t width)
{
    if (columns < width)
        text_repeat(out, " ", width - columns);
}

static void put_header_cell(const grid *g, size_t i)
{
    text *out = g->p->out;
    char number[CELL_TEXT];
    if (g->number == 0) {
        const char *name = position_name(g, i);
        pad_left(out, name_columns(name), g->cell);
        put_name(out, &g->p->style, name, g->cell);
        return;
    }
    if (i < g->m.shown)
        snprintf(number, sizeof number, "%zu", i + 1);
    else
        snprintf(number, sizeof number, "%s",
                 i < g->m.size         ? "+"
                 : g->p->style.unicode ? "∅"
                                       : "--");
    pad_left(out, drawn_columns(number, strlen(number)), g->cell);
    text_puts(out, number);
}

static void draw_header(const grid *g)
{
    text *out = g->p->out;
    ink_on(out, &g->p->style, INK_FAINT);
    char corner[64];
    snprintf(corner, sizeof corner, "true %s", g->p->style.unicode ? "↓ pred →" : "\\ pred");
    text_puts(out, "  ");
    size_t room = g->number + (g->number > 0) + g->label;
    bool whole = name_columns(corner) < room;
    size_t used = put_name(out, &g->p->style, whole ? corner : "true", room);
    pad_left(out, used, room + 1);
    for (size_t i = 0; i < g->columns; i++)
        put_header_cell(g, i);
    ink_off(out, &g->p->style, INK_FAINT);
    text_puts(out, "\n");
}

static void put_row_label(const grid *g, size_t row)
{
    text *out = g->p->out;
    const report_style *style = &g->p->style;
    text_puts(out, "  ");
    if (g->number > 0) {
        char number[CELL_TEXT] = "";
        if (row < g->m.shown)
            snprintf(number, sizeof number, "%zu", row + 1);
        else
            snprintf(number, sizeof number, "%s",
                     row < g->m.size  ? "+"
                     : style->unicode ? "∅"
                                      : "--");
        pad_left(out, drawn_columns(number, strlen(number)), g->number);
        ink_puts(out, style, INK_FAINT, number);
        text_puts(out, " ");
    }
    size_t used = put_name(out, style, position_name(g, row), g->label);
    pad_left(out, used, g->label + 1);
}

static void put_cell(const grid *g, size_t row, size_t column)
{
    text *out = g->p->out;
    char s[CELL_TEXT];
    char padded[2 * CELL_TEXT] = "";
    format_cell(g, row, column, s);
    size_t columns = drawn_columns(s, strlen(s));
    snprintf(padded, sizeof padded, "%*s%s", (int)(g->cell > columns ? g->cell - columns : 0), "",
             s);
    bool plain = count_at(g, row, column) == 0 || row >= g->m.size || column >= g->m.size;
    if (plain)
        ink_puts(out, &g->p->style, INK_FAINT, padded);
    else
        put_heat(out, &g->p->style, row == column ? HEAT_DIAGONAL : HEAT_OFF_DIAGONAL,
                 share_at(g, row, column), padded);
}

static void draw(const grid *g)
{
    draw_header(g);
    for (size_t row = 0; row < g->columns; row++) {
        put_row_label(g, row);
        for (size_t column = 0; column < g->columns; column++)
            put_cell(g, row, column);
        text_puts(g->p->out, "\n");
    }
    if (g->p->style.colour) {
        text_puts(g->p->out, "  ");
        put_heat_scale(g->p->out, &g->p->style);
        text_puts(g->p->out, "\n");
    }
    if (g->m.any_missing && g->number > 0)
        page_words(g->p, "  ", INK_FAINT,
                   g->p->style.unicode
                       ? "∅ without a label (row) or a prediction (column): in no score."
                       : "-- without a label (row) or a prediction (column): in no score.");
}

static void print_grid(grid *g)
{
    g->columns = g->m.size + g->m.any_missing;
    bool fits = lay_out(g);
    if (fits)
        try_names(g);
    page_heading(g->p, "Confusion",
                 !fits       ? NULL
                 : g->shares ? "per cent of the samples of the true class"
                             : "samples");
    if (fits) {
        draw(g);
        return;
    }
    char words[128];
    snprintf(words, sizeof words, "A matrix of %zu classes does not fit %d columns; --json has it.",
             g->m.size, g->p->style.columns);
    page_words(g->p, "  ", INK_FAINT, words);
}

void section_confusion(const page *p)
{
    const confusion *c = p->e->evaluation->confusion;
    size_t shown = p->e->shown ? p->e->shown_count : c->class_count;
    if (shown > CLASSES_LISTED_MOST)
        return;
    grid g = {.p = p};
    if (shown_matrix_init(&g.m, c, p->e->shown, p->e->shown_count, NULL) != ASSAY_OK) {
        p->out->broken = true;
        return;
    }
    print_grid(&g);
    shown_matrix_clear(&g.m);
}
