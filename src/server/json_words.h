#ifndef SERVER_JSON_WORDS_H
#define SERVER_JSON_WORDS_H

#include "base/text.h"

/* Values as JSON at the end of a text: for long lists, of which no tree is made first. Failures
 * show in text_check(out). */

/** NaN and infinities are null. */
void put_json_number(text *out, double value);

/** A terminated text; NULL is null. Bytes that are not UTF-8 become \xe9. */
void put_json_word(text *out, const char *word);

#endif
