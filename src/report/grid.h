#ifndef REPORT_GRID_H
#define REPORT_GRID_H

#include "report/page.h"

enum { GRID_COLUMNS_MOST = 24 };

/** A column: how it is aligned, how far it stands from the one before, and when it may go. */
typedef struct grid_column {
    const char *heading; /* "" for none; safe text */
    bool right;
    size_t gap; /* spaces before it */
    bool spans; /* the heading stands over the next column too, whose own is "" */
    int drop;   /* where the page is too narrow, columns go in ascending order; 0: never */
} grid_column;

/**
 * A table whose columns are as wide as what they hold. Cells are added row by row; each is a text
 * that may hold colours. Owned by one thread; clear it.
 */
typedef struct grid {
    const grid_column *column; /* borrowed */
    size_t column_count;
    text cells;    /* end to end */
    size_t *start; /* where each cell starts */
    size_t cell_count, room;
} grid;

/** An empty table; allocates nothing. */
void grid_init(grid *t, const grid_column *column, size_t column_count);
void grid_clear(grid *t);

/** Begin the next cell: what is appended to the returned text before the next call is its content.
 */
text *grid_cell(grid *t);

/**
 * Draw headings (faint, where any is not empty) and rows, indented by two, without the columns that
 * don't fit. A failure of the table shows in p->out. O(bytes · columns).
 */
void grid_draw(const grid *t, const page *p);

#endif
