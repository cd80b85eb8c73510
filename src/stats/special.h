#ifndef STATS_SPECIAL_H
#define STATS_SPECIAL_H

/* Special functions and distributions. Pure; NaN for arguments outside the domain. */

/** Quantile of the standard normal at p in (0, 1): Wichura's AS 241, relative error about 1e-16. */
double normal_quantile(double p);

/** z of a two-sided confidence level in (0, 1): 0.95 gives 1.959964. */
double normal_z(double level);

/** P(Z <= x) of the standard normal. */
double normal_cdf(double x);

/** P(X > x) of chi-square with `df` > 0 degrees of freedom (regularised upper incomplete gamma).
 * Relative 1e-12. */
double chi_square_tail(double x, double df);

/** Regularised incomplete beta I_x(a, b), a and b > 0, x in [0, 1]. Relative 1e-12. */
double beta_cdf(double x, double a, double b);

/** The x with I_x(a, b) = p. Absolute 1e-14. */
double beta_quantile(double p, double a, double b);

/**
 * Density of the binomial at x in [0, n] for real x and n: n!/(x!(n-x)!)·p^x·(1-p)^(n-x) with
 * factorials read as Gamma. Loader's saddle-point form: relative 1e-13 at any n. O(1).
 */
double binomial_density(double x, double n, double p);

/** Digamma at x > 0. Relative 1e-13 (absolute near its zero). */
double digamma(double x);

/** ln Gamma at x > 0, safe to call from many threads. */
double log_gamma(double x);

#endif
