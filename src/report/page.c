/* Ink, safe names, wrapped words and numbers: what every part of the text report is written with.
 */
#include "report/page.h"

#include "base/limits.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const escape_of[] = {
    [INK_PLAIN] = "",
    [INK_BOLD] = "\033[1m",
    [INK_FAINT] = "\033[38;5;244m",
    [INK_ACCENT] = "\033[38;5;32m",
    [INK_GOOD] = "\033[38;5;35m",
    [INK_WARN] = "\033[38;5;172m",
    [INK_BAD] = "\033[38;5;167m",
};

void ink_on(text *out, const report_style *style, ink colour)
{
    if (style->colour)
        text_puts(out, escape_of[colour]);
}

void ink_off(text *out, const report_style *style, ink colour)
{
    if (style->colour && colour != INK_PLAIN)
        text_puts(out, "\033[0m");
}

void ink_puts(text *out, const report_style *style, ink colour, const char *s)
{
    ink_on(out, style, colour);
    text_puts(out, s);
    ink_off(out, style, colour);
}

size_t drawn_columns(const char *at, size_t length)
{
    size_t columns = 0;
    size_t i = 0;
    while (i < length) {
        const char *escape = memchr(at + i, '\033', length - i);
        size_t stop = escape ? (size_t)(escape - at) : length;
        columns += utf8_columns(at + i, stop - i);
        i = stop;
        while (i < length && at[i] != 'm')
            i++;
        i += i < length;
    }
    return columns;
}

const char *dash(const report_style *style)
{
    return style->unicode ? "–" : "-";
}

const char *ellipsis(const report_style *style)
{
    return style->unicode ? "…" : "..";
}

const char *arrow(const report_style *style)
{
    return style->unicode ? "→" : "->";
}

const char *both_ways(const report_style *style)
{
    return style->unicode ? "↔" : "<->";
}

size_t name_columns(const char *name)
{
    size_t length = strlen(name);
    size_t columns = 0;
    for (size_t i = 0; i < length;) {
        const utf8_glyph g = utf8_visible(name + i, length - i);
        columns += utf8_columns(g.at, g.length);
        i += g.take;
    }
    return columns;
}

size_t name_room(const page *p)
{
    return (size_t)p->style.columns / 4;
}

size_t put_name(text *out, const report_style *style, const char *name, size_t columns)
{
    const char *end = ellipsis(style);
    size_t whole = name_columns(name);
    size_t reserve = whole > columns ? utf8_columns(end, strlen(end)) : 0;
    if (reserve > columns)
        return 0;
    size_t length = strlen(name);
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        const utf8_glyph g = utf8_visible(name + i, length - i);
        size_t wide = utf8_columns(g.at, g.length);
        if (used + wide + reserve > columns)
            break;
        text_put(out, g.at, g.length);
        used += wide;
        i += g.take;
    }
    if (reserve)
        text_puts(out, end);
    return used + reserve;
}

void page_heading(const page *p, const char *heading, const char *aside)
{
    size_t used = 1 + strlen(heading) + 1;
    text_puts(p->out, "\n ");
    ink_puts(p->out, &p->style, INK_BOLD, heading);
    text_puts(p->out, " ");
    size_t columns = (size_t)p->style.columns;
    size_t aside_columns = aside ? drawn_columns(aside, strlen(aside)) : 0;
    bool beside = aside && used + aside_columns + 6 <= columns;
    size_t rule = columns - used - (beside ? aside_columns + 1 : 0);
    ink_on(p->out, &p->style, INK_FAINT);
    text_repeat(p->out, p->style.unicode ? "─" : "-", rule);
    if (beside)
        text_printf(p->out, " %s", aside);
    ink_off(p->out, &p->style, INK_FAINT);
    text_puts(p->out, "\n");
}

/* The bytes of the next word that fit `room` columns on a line of their own. */
static size_t next_word(const char *at, size_t room)
{
    size_t length = strcspn(at, " \n");
    return utf8_columns(at, length) <= room ? length : utf8_fit(at, length, room);
}

/* `safe` holds no control characters: put_name() made it. */
static void wrap(const page *p, size_t indent, ink colour, const char *safe)
{
    size_t room = (size_t)p->style.columns - indent;
    size_t used = 0;
    ink_on(p->out, &p->style, colour);
    while (*safe) {
        size_t length = next_word(safe, room);
        size_t wide = utf8_columns(safe, length);
        if (used > 0 && used + 1 + wide > room) {
            ink_off(p->out, &p->style, colour);
            text_puts(p->out, "\n");
            text_repeat(p->out, " ", indent);
            ink_on(p->out, &p->style, colour);
            used = 0;
        }
        text_puts(p->out, used ? " " : "");
        text_put(p->out, safe, length);
        used += wide + (used > 0);
        safe += length;
        safe += strspn(safe, " ");
    }
    ink_off(p->out, &p->style, colour);
    text_puts(p->out, "\n");
}

void page_words(const page *p, const char *first, ink colour, const char *words)
{
    text safe;
    text_init(&safe, REPORT_BYTES_MOST);
    put_name(&safe, &p->style, words, SIZE_MAX / 2);
    text_puts(p->out, first);
    wrap(p, drawn_columns(first, strlen(first)), colour, text_view(&safe));
    p->out->broken = p->out->broken || safe.broken;
    text_clear(&safe);
}

void page_key(const page *p, const char *name, const char *words)
{
    char first[128];
    snprintf(first, sizeof first, "%s  %-*s%s", p->style.colour ? escape_of[INK_FAINT] : "",
             KEY_COLUMNS, name, p->style.colour ? "\033[0m" : "");
    page_words(p, first, INK_PLAIN, words);
}

/* Only 1 is printed as 1: what is less, however little, is rounded down. */
static double not_quite_one(double value, int digits)
{
    const double largest = 1 - pow(10, -digits);
    return value > largest && value < 1     ? largest
           : value < -largest && value > -1 ? -largest
                                            : value;
}

static void put_number(text *out, double value, int digits)
{
    char number[64];
    snprintf(number, sizeof number, "%.*f", digits, value);
    /* A tiny negative number must not print as "-0.0000". */
    bool is_zero = number[0] == '-' && strspn(number + 1, "0.") == strlen(number + 1);
    text_puts(out, is_zero ? number + 1 : number);
}

void put_value(text *out, const report_style *style, double value, int digits)
{
    if (isnan(value))
        text_puts(out, dash(style));
    else
        put_number(out, not_quite_one(value, digits), digits);
}

bool has_interval(const score *s)
{
    return !isnan(s->value) && !isnan(s->low) && !isnan(s->high);
}

void put_interval(text *out, const report_style *style, const score *s, int digits)
{
    if (s->undefined) {
        text_puts(out, "undefined");
        return;
    }
    if (!has_interval(s))
        return;
    text_puts(out, "[");
    put_value(out, style, s->low, digits);
    text_puts(out, ", ");
    put_number(out, s->high, digits); /* an upper bound may say more, not less */
    text_puts(out, "]");
}

/* "0.910" without its leading zero; "1.00" is as wide. */
static void put_bound(text *out, double bound)
{
    char number[64];
    snprintf(number, sizeof number, bound >= 0.9995 ? "%.2f" : "%.3f", bound);
    text_puts(out, number[0] == '0' ? number + 1 : number);
}

void put_narrow_interval(text *out, const report_style *style, const score *s)
{
    if (s->undefined) {
        text_puts(out, "undefined");
        return;
    }
    if (!has_interval(s))
        return;
    put_bound(out, not_quite_one(s->low, 3));
    text_puts(out, dash(style));
    put_bound(out, s->high);
}
