/* Fields of CSV, strings of JSON, and numbers that read back to the same bits. */
#include "base/quoting.h"

#include "base/utf8.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_LEAST = 15, DIGITS_EXACT = 17, REAL_BYTES = 48 };

/* Each is exact in the 64-bit significand of a long double. */
enum { POWERS_OF_TEN = 21 };
static const long double power_of_ten[POWERS_OF_TEN] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L,
    1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
};

static bool must_be_quoted(const char *at, size_t length)
{
    if (length == 0 || strchr(" \t", at[0]) || strchr(" \t", at[length - 1]))
        return true;
    for (size_t i = 0; i < length; i++) {
        if (at[i] == '"' || at[i] == ',' || at[i] == '\n' || at[i] == '\r')
            return true;
    }
    return false;
}

void quote_csv(text *out, const char *at, size_t length)
{
    if (!must_be_quoted(at, length)) {
        text_put_utf8(out, at, length);
        return;
    }
    text_puts(out, "\"");
    for (size_t i = 0; i < length;) {
        const char *quote = memchr(at + i, '"', length - i);
        const size_t end = quote ? (size_t)(quote - at) : length;
        text_put_utf8(out, at + i, end - i);
        text_puts(out, quote ? "\"\"" : "");
        i = end + (quote != NULL);
    }
    text_puts(out, "\"");
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

static void put_escaped(text *out, unsigned char c)
{
    if (c == '"' || c == '\\')
        text_printf(out, "\\%c", c);
    else if (c == '\n')
        text_puts(out, "\\n");
    else if (c == '\t')
        text_puts(out, "\\t");
    else
        text_printf(out, "\\u%04x", (unsigned)c);
}

static void put_json_valid(text *out, const char *at, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t end = i;
        while (end < length && is_plain((unsigned char)at[end]))
            end++;
        text_put(out, at + i, end - i);
        if (end < length)
            put_escaped(out, (unsigned char)at[end++]);
        i = end;
    }
}

void quote_json(text *out, const char *at, size_t length)
{
    text_puts(out, "\"");
    while (length > 0) {
        const size_t valid = utf8_valid(at, length);
        put_json_valid(out, at, valid);
        at += valid;
        length -= valid;
        if (length > 0) {
            text_printf(out, "\\\\x%02x", (unsigned)(unsigned char)*at);
            at++;
            length--;
        }
    }
    text_puts(out, "\"");
}

/* The locale's sign between whole and fraction, however long it is, becomes a point. */
static size_t use_point(char *number)
{
    size_t used = 0;
    for (const char *p = number; *p;) {
        const size_t plain = strspn(p, "+-0123456789e");
        memmove(number + used, p, plain);
        used += plain;
        p += plain;
        if (*p) {
            number[used++] = '.';
            p += strcspn(p, "+-0123456789e");
        }
    }
    return used;
}

/* The fewest digits, 15 to 17, whose quotient by a power of ten is `size`; 0 where the long double
 * leaves doubt about that, or about the last digit. `exponent` is that of the first digit. */
static uint64_t find_digits(double size, int exponent, int *count)
{
    for (*count = DIGITS_LEAST; *count <= DIGITS_EXACT; ++*count) {
        const long double power = power_of_ten[*count - 1 - exponent];
        const long double product = (long double)size * power;
        const uint64_t digits = (uint64_t)llrintl(product);
        const long double quotient = (long double)digits / power;
        const double low = (double)(quotient * (1.0L - 0x1p-62L));
        const double high = (double)(quotient * (1.0L + 0x1p-62L));
        if (low != size && high != size)
            continue;
        return low == high && fabsl(product - (long double)digits) < 0.48L ? digits : 0;
    }
    return 0;
}

/* The digits as characters, exactly `count` of them; false where there are more or fewer. */
static bool spell_digits(uint64_t digits, int count, char *at)
{
    for (int i = count; i > 0; i--) {
        at[i - 1] = (char)('0' + digits % 10);
        digits /= 10;
    }
    return digits == 0 && at[0] != '0';
}

/* "1234.5", "0.0012345": digits around the point, without zeroes at the end. */
static void put_digits(text *out, const char *at, int count, int exponent)
{
    const int whole = exponent < 0 ? 0 : exponent + 1;
    while (count > whole && at[count - 1] == '0')
        count--;
    if (whole > 0)
        text_put(out, at, (size_t)whole);
    else
        text_puts(out, "0");
    if (count == whole)
        return;
    text_puts(out, ".");
    text_repeat(out, "0", exponent < 0 ? (size_t)(-exponent - 1) : 0);
    text_put(out, at + whole, (size_t)(count - whole));
}

/* What almost all numbers are: neither huge nor tiny. False leaves them to the C library, which
 * takes several times as long. */
static bool put_quickly(text *out, double value)
{
    const double size = fabs(value);
    if (!(size >= 1e-4 && size < 1e15))
        return false;
    const int exponent = (int)floor(log10(size));
    int count = 0;
    char at[DIGITS_EXACT];
    const uint64_t digits = find_digits(size, exponent, &count);
    if (digits == 0 || !spell_digits(digits, count, at))
        return false;
    text_puts(out, value < 0 ? "-" : "");
    put_digits(out, at, count, exponent);
    return true;
}

void put_real(text *out, double value)
{
    if (!isfinite(value)) {
        text_puts(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    if (put_quickly(out, value))
        return;
    char number[REAL_BYTES];
    for (int digits = DIGITS_LEAST; digits <= DIGITS_EXACT; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (digits == DIGITS_EXACT || strtod(number, NULL) == value)
            break;
    }
    text_put(out, number, use_point(number));
}
