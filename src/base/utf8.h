#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/** Length of the longest prefix of at[0..length) that is whole, valid UTF-8 (no surrogates, no
 * overlong forms). O(length). */
size_t utf8_valid(const char *at, size_t length);

/** The largest n <= length at which at[0..n) ends between characters; trusts that `at` is valid
 * UTF-8. O(1). */
size_t utf8_whole(const char *at, size_t length);

/** Terminal columns of a valid UTF-8 text: 2 for East Asian wide and emoji, 0 for combining marks
 * and controls, else 1. O(length). */
size_t utf8_columns(const char *at, size_t length);

/** The longest prefix (in bytes) of valid UTF-8 that fits `columns` terminal columns. O(length). */
size_t utf8_fit(const char *at, size_t length, size_t columns);

#endif
