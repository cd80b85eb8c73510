#ifndef REPORT_TEXT_BARS_H
#define REPORT_TEXT_BARS_H

#include "report/page.h"

/** A bar of `share` (0..1, NaN: empty) of `columns`, in eighths of a column where there is Unicode;
 * the rest is a faint track. */
void put_bar(text *out, const report_style *style, ink colour, double share, size_t columns);

/** A bar with a mark at `mark` (0..1, NaN: none): how far what is lies from what was said. */
void put_marked_bar(text *out, const report_style *style, double share, double mark,
                    size_t columns);

/** One block a value between `low` and `high`; a space for NaN. ASCII: digits 0..9. */
void put_spark(text *out, const report_style *style, double value, double low, double high);

/** How the heat of a cell is chosen. */
typedef enum heat { HEAT_OFF_DIAGONAL, HEAT_DIAGONAL } heat;

/** `s` on a ground whose depth grows with `share` (0..1) of the row; blue for errors, green on the
 * diagonal. Plain without colours. */
void put_heat(text *out, const report_style *style, heat kind, double share, const char *s);

/** The scale of put_heat() in one line, with its words. */
void put_heat_scale(text *out, const report_style *style);

#endif
