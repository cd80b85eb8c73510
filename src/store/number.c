/* Text to double. Almost every number of a table fits 64 bits and a small power of ten, and goes
 * through one long double division whose rounding is checked; the rest goes to the C library. */
#include "store/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIGITS_EXACT = 19, POWERS_EXACT = 27, TEXT_MOST = 800 };

/* Every one of these is exact in a 64-bit significand: 5^27 < 2^63. */
static const long double power_of_ten[POWERS_EXACT + 1] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
    1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
    1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
};

typedef struct decimal {
    uint64_t digits; /* the first 19 significant ones */
    int exponent;    /* of ten */
    bool cut;        /* there were more digits */
    bool negative;
} decimal;

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double parse_slowly(const char *at, size_t length)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char copy[TEXT_MOST + 1];
    memcpy(copy, at, length);
    copy[length] = '\0';
    pthread_once(&once, make_c_locale);
    return c_locale ? strtod_l(copy, NULL, c_locale) : strtod(copy, NULL);
}

/* True when the long double quotient, known to half a unit of its last place, decides the double.
 */
static bool convert_quickly(const decimal *d, double *value)
{
    if (d->cut || d->exponent > POWERS_EXACT || d->exponent < -POWERS_EXACT)
        return false;
    const long double digits = (long double)d->digits;
    const long double x =
        d->exponent < 0 ? digits / power_of_ten[-d->exponent] : digits * power_of_ten[d->exponent];
    const double low = (double)(x * (1.0L - 0x1p-62L));
    const double high = (double)(x * (1.0L + 0x1p-62L));
    /* Exact products and quotients need no margin: they may sit on a double or halfway. */
    if (low != high && !(d->digits <= (uint64_t)1 << 53 && d->exponent >= -22 && d->exponent <= 22))
        return false;
    if (low == high)
        *value = low;
    else
        *value = d->exponent < 0 ? (double)d->digits / (double)power_of_ten[-d->exponent]
                                 : (double)d->digits * (double)power_of_ten[d->exponent];
    return true;
}

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Digits into d, `scale` -1 behind the point; how many there were. */
static size_t take_digits(const char *at, const char *end, decimal *d, int *significant, int scale)
{
    const char *p = at;
    for (; p < end && is_digit(*p); p++) {
        if (*significant < DIGITS_EXACT) {
            d->digits = d->digits * 10 + (uint64_t)(*p - '0');
            *significant += d->digits != 0;
            d->exponent += scale;
        } else {
            d->cut |= *p != '0';
            d->exponent += scale + 1;
        }
    }
    return (size_t)(p - at);
}

static bool take_exponent(const char **at, const char *end, decimal *d)
{
    const char *p = *at + 1;
    const bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end || !is_digit(*p))
        return false;
    int exponent = 0;
    for (; p < end && is_digit(*p); p++) {
        if (exponent < 100000)
            exponent = exponent * 10 + (*p - '0');
    }
    d->exponent += negative ? -exponent : exponent;
    *at = p;
    return true;
}

static bool take_decimal(const char *p, const char *end, decimal *d)
{
    int significant = 0;
    size_t count = take_digits(p, end, d, &significant, 0);
    p += count;
    if (p < end && *p == '.') {
        const size_t fraction = take_digits(p + 1, end, d, &significant, -1);
        p += fraction + 1;
        count += fraction;
    }
    if (count == 0)
        return false;
    if (p < end && (*p == 'e' || *p == 'E') && !take_exponent(&p, end, d))
        return false;
    return p == end;
}

static bool is_word(const char *at, const char *end, const char *word)
{
    const size_t length = strlen(word);
    return (size_t)(end - at) == length && !strncasecmp(at, word, length);
}

static number_kind take_word(const char *at, const char *end, bool negative, double *value)
{
    static const char *const missing[] = {"na", "n/a", "null", "none"};
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        if (is_word(at, end, missing[i]))
            return NUMBER_EMPTY;
    }
    if (is_word(at, end, "nan"))
        return NUMBER_NOT_FINITE;
    if (!is_word(at, end, "inf") && !is_word(at, end, "infinity"))
        return NUMBER_BAD;
    *value = negative ? -(double)INFINITY : (double)INFINITY;
    return NUMBER_NOT_FINITE;
}

number_kind number_parse(const char *at, size_t length, double *value)
{
    *value = (double)NAN;
    const char *end = at + length;
    while (at < end && *at == ' ')
        at++;
    while (end > at && end[-1] == ' ')
        end--;
    if (at == end)
        return NUMBER_EMPTY;
    decimal d = {.negative = *at == '-'};
    const char *p = at + (*at == '-' || *at == '+');
    if (!take_decimal(p, end, &d))
        return take_word(p, end, d.negative, value);
    double x = 0.0;
    if (d.digits != 0 && !convert_quickly(&d, &x)) {
        if ((size_t)(end - p) > TEXT_MOST)
            return NUMBER_BAD;
        x = parse_slowly(p, (size_t)(end - p));
    }
    *value = d.negative ? -x : x;
    return isfinite(x) ? NUMBER_FINE : NUMBER_NOT_FINITE;
}
