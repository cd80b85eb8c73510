#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "assay/err.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * A growing text, born with a maximum. A failed append leaves it `broken` and makes every later
 * append do nothing, so that a writer checks once, at the end, with text_check().
 */
typedef struct text {
    char *at; /* terminated; NULL while empty */
    size_t length;
    size_t room;
    size_t most;
    bool broken;
    bool over; /* broken by an append beyond `most`, not by a lack of memory */
} text;

/** An empty text that may hold up to `most` bytes; allocates nothing. */
void text_init(text *t, size_t most);
void text_clear(text *t);

void text_put(text *t, const char *at, size_t length);
void text_puts(text *t, const char *s);
/** Bytes that may be anything, as valid UTF-8: a byte that is not becomes four characters, \xe9. */
void text_put_utf8(text *t, const char *at, size_t length);
/** Bytes that may be anything, as a person or a terminal may see them: utf8_visible() of each
 * character, line ends too. */
void text_put_visible(text *t, const char *at, size_t length);
void text_repeat(text *t, const char *s, size_t times);
void text_printf(text *t, const char *fmt, ...) ASSAY_PRINTF(2, 3);

/** OK, or NOMEM / LIMIT where an append did not fit. */
ASSAY_MUST_USE assay_code text_check(const text *t, assay_err *err);

/** The text as a C string ("" while empty); a view. */
const char *text_view(const text *t);

#endif
