/* Rows that break a rule, counted, the first few kept to be shown. */
#include "store/source.h"
#include "store/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void bad_rows_add(bad_rows *bad, uint64_t row, const char *at, size_t length)
{
    if (bad->count < BAD_ROWS_SHOWN) {
        bad->first[bad->count].row = row;
        source_show_value(at, length, bad->first[bad->count].value);
    }
    bad->count++;
}

void bad_rows_merge(bad_rows *into, const bad_rows *from)
{
    const uint64_t shown = from->count < BAD_ROWS_SHOWN ? from->count : BAD_ROWS_SHOWN;
    for (uint64_t i = 0; i < shown && into->count + i < BAD_ROWS_SHOWN; i++)
        into->first[into->count + i] = from->first[i];
    into->count += from->count;
}

assay_code bad_rows_fail(const bad_rows *bad, uint64_t first_row_number, const char *what,
                         assay_err *err)
{
    char rows[BAD_ROWS_SHOWN * 128];
    size_t used = 0;
    const uint64_t shown = bad->count < BAD_ROWS_SHOWN ? bad->count : BAD_ROWS_SHOWN;
    for (uint64_t i = 0; i < shown; i++)
        used += (size_t)snprintf(rows + used, sizeof rows - used, "\n  row %" PRIu64 ": '%s'",
                                 bad->first[i].row + first_row_number, bad->first[i].value);
    if (bad->count > shown)
        snprintf(rows + used, sizeof rows - used, "\n  …");
    return assay_fail(err, ASSAY_E_INPUT, "%s%s", what, rows);
}
