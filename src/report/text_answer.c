/* The answer of a query as an aligned table: which columns fit, and how much of each cell. */
#include "report/answer.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "project/wording.h"
#include "report/page.h"

#include <string.h>

/* No text needs more to be recognised, and none may be cut to less. */
enum { GAP = 2, WIDEST_TEXT = 60, NARROWEST_TEXT = 8 };

typedef struct layout {
    size_t *width;
    size_t shown; /* the first so many columns */
} layout;

typedef struct span {
    const char *at;
    size_t length;
    bool null;
} span;

static span cell_at(const answer_writer *w, size_t i)
{
    static const char null[] = "NULL";
    if (w->null[i])
        return (span){null, sizeof null - 1, true};
    const size_t start = i ? w->end[i - 1] : 0;
    return (span){text_view(&w->cells) + start, w->end[i] - start, false};
}

static size_t span_columns(span s)
{
    size_t columns = 0;
    for (size_t i = 0; i < s.length;) {
        const utf8_glyph g = utf8_visible(s.at + i, s.length - i);
        columns += utf8_columns(g.at, g.length);
        i += g.take;
    }
    return columns;
}

/* At most `columns` of it, with an ellipsis where it is cut; the columns it took. */
static size_t put_cut(text *out, const report_style *style, span s, size_t columns)
{
    const char *end = ellipsis(style);
    const bool cut = span_columns(s) > columns;
    const size_t room = columns - (cut ? utf8_columns(end, strlen(end)) : 0);
    size_t used = 0;
    for (size_t i = 0; i < s.length;) {
        const utf8_glyph g = utf8_visible(s.at + i, s.length - i);
        const size_t wide = utf8_columns(g.at, g.length);
        if (used + wide > room)
            break;
        text_put(out, g.at, g.length);
        used += wide;
        i += g.take;
    }
    text_puts(out, cut ? end : "");
    return used + (cut ? utf8_columns(end, strlen(end)) : 0);
}

static span heading_of(const answer_writer *w, size_t c)
{
    return (span){w->name[c], strlen(w->name[c]), false};
}

static bool is_number(sql_kind kind)
{
    return kind == SQL_INTEGER || kind == SQL_DECIMAL || kind == SQL_REAL;
}

static void measure(const answer_writer *w, layout *l)
{
    for (size_t c = 0; c < w->column_count; c++) {
        size_t widest = span_columns(heading_of(w, c));
        for (size_t i = c; i < w->cell_count; i += w->column_count) {
            const size_t columns = span_columns(cell_at(w, i));
            widest = columns > widest ? columns : widest;
        }
        l->width[c] = widest;
    }
}

static size_t total_width(const layout *l)
{
    size_t sum = 0;
    for (size_t c = 0; c < l->shown; c++)
        sum += l->width[c] + GAP;
    return sum;
}

static bool can_narrow(const answer_writer *w, const layout *l, size_t c)
{
    return !is_number(w->kind[c]) && l->width[c] > NARROWEST_TEXT;
}

/* The widest text column gives up what is too much, but not more than down to the next widest. */
static bool narrow_one(const answer_writer *w, layout *l, size_t room)
{
    size_t widest = SIZE_MAX, next = NARROWEST_TEXT;
    for (size_t c = 0; c < l->shown; c++) {
        if (!can_narrow(w, l, c))
            continue;
        if (widest == SIZE_MAX || l->width[c] > l->width[widest]) {
            next = widest == SIZE_MAX ? next : l->width[widest];
            widest = c;
        } else if (l->width[c] > next) {
            next = l->width[c];
        }
    }
    if (widest == SIZE_MAX)
        return false;
    const size_t over = total_width(l) - room;
    size_t by = l->width[widest] - next;
    by = by == 0 ? 1 : by < over ? by : over;
    l->width[widest] -= by;
    return true;
}

/* The width of all with every text as narrow as may be. */
static size_t least_width(const answer_writer *w, const layout *l)
{
    size_t sum = 0;
    for (size_t c = 0; c < l->shown; c++)
        sum += (can_narrow(w, l, c) ? NARROWEST_TEXT : l->width[c]) + GAP;
    return sum;
}

/* Columns are left out only where the narrowest texts would not fit. */
static void fit(const answer_writer *w, layout *l)
{
    if (w->wide)
        return;
    for (size_t c = 0; c < l->shown; c++) {
        if (can_narrow(w, l, c) && l->width[c] > WIDEST_TEXT)
            l->width[c] = WIDEST_TEXT;
    }
    const size_t room = (size_t)w->style.columns;
    while (l->shown > 1 && least_width(w, l) > room)
        l->shown--;
    while (total_width(l) > room && narrow_one(w, l, room))
        continue;
}

static void put_column(const answer_writer *w, text *line, span s, size_t width, bool right)
{
    text cell;
    text_init(&cell, w->out->most);
    const size_t used = put_cut(&cell, &w->style, s, width);
    const size_t padding = width > used ? width - used : 0;
    text_repeat(line, " ", GAP + (right ? padding : 0));
    if (s.null)
        ink_on(line, &w->style, INK_FAINT);
    text_put(line, text_view(&cell), cell.length);
    if (s.null)
        ink_off(line, &w->style, INK_FAINT);
    text_repeat(line, " ", right ? 0 : padding);
    line->broken = line->broken || cell.broken;
    text_clear(&cell);
}

/* A line ends in no space. */
static void put_line(const answer_writer *w, text *line)
{
    while (line->length > 0 && line->at[line->length - 1] == ' ')
        line->length--;
    text_put(w->out, text_view(line), line->length);
    text_puts(w->out, "\n");
    w->out->broken = w->out->broken || line->broken;
    line->length = 0;
}

static void draw_rows(const answer_writer *w, const layout *l)
{
    text line;
    text_init(&line, w->out->most);
    for (size_t c = 0; c < l->shown; c++)
        put_column(w, &line, heading_of(w, c), l->width[c], is_number(w->kind[c]));
    ink_on(w->out, &w->style, INK_FAINT);
    put_line(w, &line);
    ink_off(w->out, &w->style, INK_FAINT);
    for (size_t first = 0; first + w->column_count <= w->cell_count; first += w->column_count) {
        for (size_t c = 0; c < l->shown; c++)
            put_column(w, &line, cell_at(w, first + c), l->width[c], is_number(w->kind[c]));
        put_line(w, &line);
    }
    text_clear(&line);
}

void answer_draw(const answer_writer *w, const sql_notes *notes)
{
    layout l = {.width = mem_alloc(w->column_count, sizeof *l.width), .shown = w->column_count};
    if (!l.width) {
        w->out->broken = true;
        return;
    }
    measure(w, &l);
    fit(w, &l);
    draw_rows(w, &l);
    mem_free(l.width);
    ink_on(w->out, &w->style, INK_FAINT);
    text_puts(w->out, notes->more ? "  the first " : "  ");
    wording_counted(w->out, notes->row_count, "row", "rows");
    if (l.shown < w->column_count) {
        text_puts(w->out, ", ");
        wording_counted(w->out, w->column_count - l.shown, "column", "columns");
        text_puts(w->out, " left out: see --wide");
    }
    ink_off(w->out, &w->style, INK_FAINT);
    text_puts(w->out, "\n");
}
