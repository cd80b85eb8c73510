/* Special functions in double. Densities go through Stirling's remainder and the deviance (Loader
 * 2000), so that large counts lose no digits; tails are a density times a series or a continued
 * fraction. */
#include "stats/special.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

/* Series and fractions need about the square root of the larger argument; 2^31 counts need 50,000.
 */
enum { TERMS_MOST = 1000000 };

static const double TINY = 1e-300;

static double polynomial(const double *coefficient, size_t count, double x)
{
    double sum = coefficient[count - 1];
    for (size_t i = count - 1; i > 0; i--)
        sum = sum * x + coefficient[i - 1];
    return sum;
}

/* Wichura (1988): numerators and denominators by ascending power, for the middle, the tail and the
 * far tail. */
static const double MIDDLE_OVER[8] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                      1.9715909503065514427e3, 1.3731693765509461125e4,
                                      4.5921953931549871457e4, 6.7265770927008700853e4,
                                      3.3430575583588128105e4, 2.5090809287301226727e3};
static const double MIDDLE_UNDER[8] = {1.0,
                                       4.2313330701600911252e1,
                                       6.8718700749205790830e2,
                                       5.3941960214247511077e3,
                                       2.1213794301586595867e4,
                                       3.9307895800092710610e4,
                                       2.8729085735721942674e4,
                                       5.2264952788528545610e3};
static const double TAIL_OVER[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                    5.76949722146069140550e0,  3.64784832476320460504e0,
                                    1.27045825245236838258e0,  2.41780725177450611770e-1,
                                    2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double TAIL_UNDER[8] = {1.0,
                                     2.05319162663775882187e0,
                                     1.67638483018380384940e0,
                                     6.89767334985100004550e-1,
                                     1.48103976427480074590e-1,
                                     1.51986665636164571966e-2,
                                     5.47593808499534494600e-4,
                                     1.05075007164441684324e-9};
static const double FAR_OVER[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                   1.78482653991729133580e0,  2.96560571828504891230e-1,
                                   2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                   2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double FAR_UNDER[8] = {1.0,
                                    5.99832206555887937690e-1,
                                    1.36929880922735805310e-1,
                                    1.48753612908506148525e-2,
                                    7.86869131145613259100e-4,
                                    1.84631831751005468180e-5,
                                    1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};

double normal_quantile(double p)
{
    if (!(p > 0.0 && p < 1.0))
        return (double)NAN;
    const double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(MIDDLE_OVER, 8, r) / polynomial(MIDDLE_UNDER, 8, r);
    }
    const double r = sqrt(-log(q < 0.0 ? p : 1.0 - p));
    const double size = r <= 5.0
                            ? polynomial(TAIL_OVER, 8, r - 1.6) / polynomial(TAIL_UNDER, 8, r - 1.6)
                            : polynomial(FAR_OVER, 8, r - 5.0) / polynomial(FAR_UNDER, 8, r - 5.0);
    return q < 0.0 ? -size : size;
}

double normal_z(double level)
{
    return -normal_quantile((1.0 - level) / 2.0);
}

double normal_cdf(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

double log_gamma(double x)
{
    if (!(x > 0.0))
        return (double)NAN;
    int sign;
    return lgamma_r(x, &sign);
}

/* ln x! - ((x + 1/2) ln x - x + ln √2π): what Stirling's formula leaves. */
static double stirling_remainder(double x)
{
    static const double SERIES[6] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                     -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
    if (x < 16.0)
        return log_gamma(x + 1.0) - (x + 0.5) * log(x) + x - 0.5 * log(2.0 * M_PI);
    return polynomial(SERIES, 6, 1.0 / (x * x)) / x;
}

/* x ln(x/m) + m - x without cancelling where x is near m. */
static double deviance(double x, double m)
{
    if (fabs(x - m) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    const double v = (x - m) / (x + m);
    double sum = (x - m) * v;
    double term = 2.0 * x * v;
    for (int j = 3; j < 100; j += 2) {
        term *= v * v;
        const double next = sum + term / j;
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

double binomial_density(double x, double n, double p)
{
    if (!(x >= 0.0 && x <= n && p >= 0.0 && p <= 1.0))
        return (double)NAN;
    if (x == 0.0)
        return exp(n * log1p(-p));
    if (x == n)
        return exp(n * log(p));
    if (p == 0.0 || p == 1.0)
        return 0.0;
    const double exponent = stirling_remainder(n) - stirling_remainder(x) -
                            stirling_remainder(n - x) - deviance(x, n * p) -
                            deviance(n - x, n * (1.0 - p));
    return sqrt(n / (2.0 * M_PI * x * (n - x))) * exp(exponent);
}

/* x^a e^-x / Gamma(a + 1) */
static double poisson_density(double a, double x)
{
    return exp(-stirling_remainder(a) - deviance(a, x)) / sqrt(2.0 * M_PI * a);
}

/* Lower tail over the density: Σ x^j / ((a+1)…(a+j)). */
static double gamma_series(double a, double x)
{
    double term = 1.0;
    double sum = 1.0;
    for (int j = 1; j < TERMS_MOST && term > sum * DBL_EPSILON / 4; j++) {
        term *= x / (a + j);
        sum += term;
    }
    return sum;
}

/* Upper tail over a times the density, by Lentz's method. */
static double gamma_fraction(double a, double x)
{
    double b = x + 1.0 - a;
    double c = 1.0 / TINY;
    double d = 1.0 / b;
    double h = d;
    for (int j = 1; j < TERMS_MOST; j++) {
        const double numerator = -j * (j - a);
        b += 2.0;
        d = numerator * d + b;
        d = 1.0 / (fabs(d) < TINY ? TINY : d);
        c = b + numerator / c;
        c = fabs(c) < TINY ? TINY : c;
        h *= d * c;
        if (fabs(d * c - 1.0) <= DBL_EPSILON)
            break;
    }
    return h;
}

double chi_square_tail(double x, double df)
{
    if (isnan(x) || !(df > 0.0))
        return (double)NAN;
    if (x <= 0.0)
        return 1.0;
    if (isinf(x))
        return 0.0;
    const double a = df / 2.0;
    const double half = x / 2.0;
    const double density = poisson_density(a, half);
    if (half < a + 1.0)
        return 1.0 - density * gamma_series(a, half);
    return density * a * gamma_fraction(a, half);
}

/* The continued fraction of I_x(a, b), for x below about the mean. */
static double beta_fraction(double x, double a, double b)
{
    double c = 1.0;
    double d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (fabs(d) < TINY ? TINY : d);
    double h = d;
    for (int j = 1; j < TERMS_MOST; j++) {
        const double even = j * (b - j) * x / ((a + 2 * j - 1) * (a + 2 * j));
        d = 1.0 + even * d;
        d = 1.0 / (fabs(d) < TINY ? TINY : d);
        c = 1.0 + even / c;
        c = fabs(c) < TINY ? TINY : c;
        h *= d * c;
        const double odd = -(a + j) * (a + b + j) * x / ((a + 2 * j) * (a + 2 * j + 1));
        d = 1.0 + odd * d;
        d = 1.0 / (fabs(d) < TINY ? TINY : d);
        c = 1.0 + odd / c;
        c = fabs(c) < TINY ? TINY : c;
        h *= d * c;
        if (fabs(d * c - 1.0) <= DBL_EPSILON)
            break;
    }
    return h;
}

double beta_cdf(double x, double a, double b)
{
    if (!(x >= 0.0 && x <= 1.0 && a > 0.0 && b > 0.0))
        return (double)NAN;
    if (x == 0.0 || x == 1.0)
        return x;
    const double density = binomial_density(a, a + b, x);
    if (x < (a + 1.0) / (a + b + 2.0))
        return density * b / (a + b) * beta_fraction(x, a, b);
    return 1.0 - density * a / (a + b) * beta_fraction(1.0 - x, b, a);
}

/* Newton's steps inside a bracket; a step that would leave it is a bisection instead. */
double beta_quantile(double p, double a, double b)
{
    if (!(p >= 0.0 && p <= 1.0 && a > 0.0 && b > 0.0))
        return (double)NAN;
    if (p == 0.0 || p == 1.0)
        return p;
    double low = 0.0;
    double high = 1.0;
    double x = a / (a + b);
    for (int i = 0; i < 200; i++) {
        const double miss = beta_cdf(x, a, b) - p;
        if (miss < 0.0)
            low = x;
        else
            high = x;
        const double slope = binomial_density(a, a + b, x) * a * b / ((a + b) * x * (1.0 - x));
        double next = x - miss / slope;
        if (!(next > low && next < high))
            next = 0.5 * (low + high);
        const double step = fabs(next - x);
        x = next;
        if (step <= DBL_EPSILON * x || x <= DBL_MIN)
            break;
    }
    return x;
}

double digamma(double x)
{
    static const double SERIES[7] = {-1.0 / 12,  1.0 / 120,     -1.0 / 252, 1.0 / 240,
                                     -1.0 / 132, 691.0 / 32760, -1.0 / 12};
    if (!(x > 0.0))
        return (double)NAN;
    double sum = 0.0;
    while (x < 10.0) {
        sum -= 1.0 / x;
        x += 1.0;
    }
    const double square = 1.0 / (x * x);
    return sum + log(x) - 0.5 / x + square * polynomial(SERIES, 7, square);
}
