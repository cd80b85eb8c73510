/* Numbers in words: thousands separators, singular and plural, times. */
#include "project/wording.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void wording_count(text *t, uint64_t n)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t length = strlen(digits);
    size_t head = length % 3 ? length % 3 : 3;
    text_put(t, digits, head);
    for (size_t i = head; i < length; i += 3) {
        text_puts(t, ",");
        text_put(t, digits + i, 3);
    }
}

void wording_counted(text *t, uint64_t n, const char *one, const char *many)
{
    wording_count(t, n);
    text_puts(t, " ");
    text_puts(t, n == 1 ? one : many);
}

void wording_unmeasured(text *t, uint64_t images, const char *project)
{
    wording_counted(t, images, "image is", "images are");
    text_printf(t, " not measured yet: assay measure %s does it.", project);
}

void wording_duration(text *t, double seconds)
{
    const unsigned long minute = 60, hour = 3600;
    const unsigned long whole = seconds < 1e8 ? (unsigned long)(seconds + 0.5) : 100000000;
    if (whole < minute)
        text_printf(t, "%lu s", whole);
    else if (whole < hour)
        text_printf(t, "%lu min %lu s", whole / minute, whole % minute);
    else
        text_printf(t, "%lu h %lu min", whole / hour, whole / minute % minute);
}
