#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/text.h"
#include "eval/score.h"
#include "report/report.h"

#include <stdint.h>

/** What every part of the text report is given: what to say, how to draw, where to. */
typedef struct page {
    const evaluated *e;
    report_style style; /* columns are within 60..100 */
    text *out;
} page;

/* What a stretch of text is, and so its colour; colours read on dark and on light ground. */
typedef enum ink { INK_PLAIN, INK_BOLD, INK_FAINT, INK_ACCENT, INK_GOOD, INK_WARN, INK_BAD } ink;

/** Switch a colour on and off again; nothing without colours. */
void ink_on(text *out, const report_style *style, ink colour);
void ink_off(text *out, const report_style *style, ink colour);
void ink_puts(text *out, const report_style *style, ink colour, const char *s);

/** Terminal columns of a drawn text: escapes for colours take none. O(length). */
size_t drawn_columns(const char *at, size_t length);

/**
 * A text from the data, made safe to print: control characters and stray bytes as \xNN, characters
 * that turn the direction of writing as \uNNNN; cut to `columns` terminal columns with an ellipsis.
 * Returns the columns it took. O(length).
 */
size_t put_name(text *out, const report_style *style, const char *name, size_t columns);

/** Room for a name from the data in a table: a quarter of the page. */
size_t name_room(const page *p);

/** The columns that put_name() takes when nothing is cut. */
size_t name_columns(const char *name);

/** The words for a dash, an ellipsis, an arrow and so on, with and without Unicode. */
const char *dash(const report_style *style);
const char *ellipsis(const report_style *style);
const char *arrow(const report_style *style);
const char *both_ways(const report_style *style);

/** An empty line, the heading in bold, a rule; `aside` (may be NULL) stands faint behind it where
 * it fits. */
void page_heading(const page *p, const char *heading, const char *aside);

/**
 * Words wrapped at the page's width: the first line after `first`, the others indented as far. Both
 * may hold colours; `words` may come from the data: it is made safe.
 */
void page_words(const page *p, const char *first, ink colour, const char *words);

/** A name and wrapped words beside it: `name` is padded to KEY_COLUMNS. */
enum { KEY_COLUMNS = 14 };
void page_key(const page *p, const char *name, const char *words);

/** "0.9161", or a dash where there is no answer. Less than 1 never reads 1. */
void put_value(text *out, const report_style *style, double value, int digits);

/** "[0.9105, 0.9214]"; nothing where there is none; "undefined" where there was nothing to divide
 * by. */
void put_interval(text *out, const report_style *style, const score *s, int digits);

/** The interval in little room: ".910–.921". */
void put_narrow_interval(text *out, const report_style *style, const score *s);

/** Whether the score has an interval. */
bool has_interval(const score *s);

#endif
