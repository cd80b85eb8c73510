#ifndef FRAME_SELECTION_H
#define FRAME_SELECTION_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A set of rows: bit i%64 of word i/64. Bits beyond row_count are 0. */
typedef struct selection {
    uint64_t *word;
    size_t row_count;
} selection;

/** A selection of all rows, or of none. NOMEM. */
ASSAY_MUST_USE assay_code selection_init(selection *s, size_t row_count, bool all, assay_err *err);
void selection_clear(selection *s);

static inline bool selection_has(const selection *s, size_t row)
{
    return s->word[row / 64] >> (row % 64) & 1u;
}

static inline void selection_set(selection *s, size_t row, bool in)
{
    const uint64_t bit = (uint64_t)1 << (row % 64);
    if (in)
        s->word[row / 64] |= bit;
    else
        s->word[row / 64] &= ~bit;
}

/** Keep only the rows that `other` (of the same size) has too. O(N/64). */
void selection_and(selection *s, const selection *other);

/** How many rows are in. O(N/64). */
size_t selection_count(const selection *s);

#endif
