#ifndef PROJECT_WORDING_H
#define PROJECT_WORDING_H

#include "base/text.h"

#include <stdint.h>

/* Counts and times in the words that warnings and reports use. */

/** "1,234,567". */
void wording_count(text *t, uint64_t n);

/** "1 class", "0 classes", "1,234 classes". */
void wording_counted(text *t, uint64_t n, const char *one, const char *many);

/** "3 images are not measured yet: assay measure pets.assay does it." */
void wording_unmeasured(text *t, uint64_t images, const char *project);

/** "45 s", "3 min 20 s", "2 h 5 min". */
void wording_duration(text *t, double seconds);

#endif
