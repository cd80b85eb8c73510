#ifndef STORE_WANTED_H
#define STORE_WANTED_H

#include <stdbool.h>
#include <stddef.h>

/** Which of a project's metrics and attributes are needed with their values. Texts are borrowed. */
typedef struct wanted_columns {
    const char *const *names; /* lists of names as a person typed them; an entry may be NULL */
    size_t names_count;
    const char *where; /* an SQL condition that is going to be asked, or NULL */
} wanted_columns;

/**
 * Whether a column may be needed; `w` NULL: every one is. A name that stands anywhere in a list, or
 * in either case in the condition, may be meant. A condition that can reach columns without naming
 * them (a star, COLUMNS, the whole row, a position) may mean every one. So the answer may be yes
 * for a column that is not needed, and is never no for one that is. Pure. O(length of the texts).
 */
bool column_is_wanted(const wanted_columns *w, const char *name);

#endif
