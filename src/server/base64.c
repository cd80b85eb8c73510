/* Bytes as text, for pictures within a file. */
#include "server/base64.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(text *out, const char *at, size_t length)
{
    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        unsigned bits = (unsigned)(unsigned char)at[i] << 16;
        if (left > 1)
            bits |= (unsigned)(unsigned char)at[i + 1] << 8;
        if (left > 2)
            bits |= (unsigned)(unsigned char)at[i + 2];
        const char four[] = {letters[bits >> 18], letters[bits >> 12 & 63],
                             (char)(left > 1 ? letters[bits >> 6 & 63] : '='),
                             (char)(left > 2 ? letters[bits & 63] : '=')};
        text_put(out, four, sizeof four);
    }
}
