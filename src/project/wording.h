#ifndef PROJECT_WORDING_H
#define PROJECT_WORDING_H

#include "base/text.h"

#include <stdint.h>

/* Counts in the words that warnings and reports use. */

/** "1,234,567". */
void wording_count(text *t, uint64_t n);

/** "1 class", "0 classes", "1,234 classes". */
void wording_counted(text *t, uint64_t n, const char *one, const char *many);

#endif
