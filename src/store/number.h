#ifndef STORE_NUMBER_H
#define STORE_NUMBER_H

#include <stddef.h>

typedef enum number_kind { NUMBER_EMPTY, NUMBER_FINE, NUMBER_NOT_FINITE, NUMBER_BAD } number_kind;

/**
 * Read one decimal number: [+-]digits[.digits][e[+-]digits], or nan, inf, infinity in any case,
 * with spaces around it allowed. The nearest double, whatever the process's locale is. *value is
 * NaN when the text is empty or bad. NA, N/A, null and none, as R, pandas and Python write a
 * missing value, are NUMBER_EMPTY in any case; a number beyond the range of double is
 * NUMBER_NOT_FINITE. O(length).
 */
number_kind number_parse(const char *at, size_t length, double *value);

#endif
