#ifndef SERVER_BASE64_H
#define SERVER_BASE64_H

#include "base/text.h"

/** Append `length` bytes as base64 (RFC 4648, with padding). */
void base64_put(text *out, const char *at, size_t length);

#endif
