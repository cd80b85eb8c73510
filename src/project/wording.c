/* Numbers in words: thousands separators, singular and plural. */
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
