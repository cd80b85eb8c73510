#ifndef BASE_QUOTING_H
#define BASE_QUOTING_H

#include "base/text.h"

/* How values are written into tables that programs read. Failures show in text_check(out). */

/**
 * A field of a CSV file (RFC 4180): in quotes where it holds a quote, a comma or an end of line,
 * begins or ends with a blank, or is empty, so that an empty text differs from nothing at all.
 * Bytes that are not UTF-8 are written as \xe9. O(length).
 */
void quote_csv(text *out, const char *at, size_t length);

/** A JSON string with its quotes; what is not ASCII stays as it is, bytes that are not UTF-8 become
 * \xe9 (with the backslash escaped). O(length). */
void quote_json(text *out, const char *at, size_t length);

/** A number with the fewest digits (15 to 17 where it has as many) that read back to the same bits,
 * whatever the process's locale is; "nan", "inf", "-inf". O(1). */
void put_real(text *out, double value);

#endif
