#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Length of the longest prefix of at[0..length) that is whole, valid UTF-8 (no surrogates, no
 * overlong forms). O(length). */
size_t utf8_valid(const char *at, size_t length);

/** Whether a valid UTF-8 text has a control character in it, of one byte or of two. O(length). */
bool utf8_has_controls(const char *at, size_t length);

/** The largest n <= length at which at[0..n) ends between characters; trusts that `at` is valid
 * UTF-8. O(1). */
size_t utf8_whole(const char *at, size_t length);

/** Terminal columns of a valid UTF-8 text: 2 for East Asian wide and emoji, 0 for combining marks
 * and controls, else 1. O(length). */
size_t utf8_columns(const char *at, size_t length);

/** The longest prefix (in bytes) of valid UTF-8 that fits `columns` terminal columns. O(length). */
size_t utf8_fit(const char *at, size_t length, size_t columns);

/** One character as it may be printed; `take` is how many bytes it stands for. */
typedef struct utf8_glyph {
    char at[16];
    size_t length, take;
} utf8_glyph;

/**
 * The first character of a text that may hold anything, length >= 1. Controls and bytes that are
 * not UTF-8 become \x1b, characters that reverse or hide the text around them \u202e, so that no
 * text can act on a terminal. O(1).
 */
utf8_glyph utf8_visible(const char *at, size_t length);

#endif
