/* Rows that break a rule, counted, the first few kept to be shown. */
#include "store/source.h"
#include "store/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void bad_rows_add(bad_rows *bad, uint64_t row, const char *fmt, ...)
{
    if (bad->count < BAD_ROWS_SHOWN) {
        va_list args;
        va_start(args, fmt);
        bad->first[bad->count].row = row;
        vsnprintf(bad->first[bad->count].what, sizeof bad->first->what, fmt, args);
        va_end(args);
    }
    bad->count++;
}

static size_t shown_of(const bad_rows *bad)
{
    return bad->count < BAD_ROWS_SHOWN ? (size_t)bad->count : BAD_ROWS_SHOWN;
}

void bad_rows_merge(bad_rows *into, const bad_rows *from)
{
    if (from->count == 0)
        return;
    const bad_rows before = *into;
    const size_t left = shown_of(&before), right = shown_of(from);
    into->count += from->count;
    for (size_t i = 0, j = 0; i + j < shown_of(into);) {
        const bool first = j == right || (i < left && before.first[i].row <= from->first[j].row);
        into->first[i + j] = first ? before.first[i] : from->first[j];
        i += first;
        j += !first;
    }
}

assay_code bad_rows_fail(const bad_rows *bad, const bad_rows_words *words, assay_err *err)
{
    if (bad->count == 1)
        return assay_fail(err, ASSAY_E_INPUT, "%s: row %" PRIu64 ": %s%s", words->path,
                          bad->first[0].row + words->first_row, bad->first[0].what, words->advice);
    char rows[BAD_ROWS_SHOWN * 256];
    size_t used = 0;
    const size_t shown = shown_of(bad);
    for (size_t i = 0; i < shown; i++)
        used += (size_t)snprintf(rows + used, sizeof rows - used, "\n  row %" PRIu64 ": %s",
                                 bad->first[i].row + words->first_row, bad->first[i].what);
    if (bad->count > shown)
        snprintf(rows + used, sizeof rows - used, "\n  …");
    return assay_fail(err, ASSAY_E_INPUT, "%s: %" PRIu64 " rows have %s%s%s", words->path,
                      bad->count, words->have, words->advice, rows);
}
