#!/usr/bin/env python3
"""Print the tables of tests/unit/test_special.c, in 40 digits by mpmath."""
from mpmath import beta, digamma, erfc, gamma, gammainc, loggamma, mp, mpf, sqrt

mp.dps = 40


def table(name, rows, f):
    print(f"static const double {name}[][{len(rows[0]) + 1}] = {{")
    for row in rows:
        exact = [mpf(x) for x in row]
        print("    {" + ", ".join(repr(float(x)) for x in row) + f", {float(f(*exact))!r}}},")
    print("};\n")


def binomial(k, n, p):
    return gamma(n + 1) / gamma(k + 1) / gamma(n - k + 1) * p**k * (1 - p) ** (n - k)


def beta_cdf(x, a, b):
    """A series of positive terms."""
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** -38:
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    return x**a * (1 - x) ** b / (a * beta(a, b)) * total


def quantile(p, a, b):
    low, high = mpf(0), mpf(1)
    for _ in range(120):
        middle = (low + high) / 2
        if beta_cdf(middle, a, b) < p:
            low = middle
        else:
            high = middle
    return low


def normal_quantile(p):
    low, high = mpf(-40), mpf(40)
    for _ in range(140):
        middle = (low + high) / 2
        if erfc(-middle / sqrt(2)) / 2 < p:
            low = middle
        else:
            high = middle
    return low


table("NORMAL_QUANTILE", [(p,) for p in (1e-300, 1e-20, 1e-10, 0.001, 0.025, 0.074, 0.076, 0.3, 0.7, 0.925, 0.975, 0.999)],
      normal_quantile)
table("NORMAL_CDF", [(x,) for x in (-37, -8, -2.5, -1, 0, 0.3, 1.96, 6)], lambda x: erfc(-x / sqrt(2)) / 2)
table("CHI_SQUARE", [(0.001, 1), (0.5, 1), (3.84, 1), (50, 1), (2, 9), (9, 9), (30, 9), (200, 9), (0.1, 31), (31, 31),
                     (80, 31), (100, 100), (150, 100), (5000, 5000), (5300, 5000), (400, 0.5)],
      lambda x, df: gammainc(df / 2, x / 2, mp.inf, regularized=True))
table("BETA_CDF", [(0.5, 1, 1), (0.1, 2, 3), (0.9, 2, 3), (1e-4, 0.5, 0.5), (0.3, 0.01, 5), (0.05, 3, 80), (0.02, 3, 80),
                   (0.95, 900, 51), (0.9, 900, 101), (0.499, 5000, 5100), (0.99, 10, 1e-2), (1e-8, 1, 1e7)],
      beta_cdf)
table("BETA_QUANTILE", [(0.5, 1, 1), (0.025, 1, 10), (0.975, 2, 9), (0.025, 9, 2), (0.025, 90, 11), (0.975, 91, 10),
                        (0.3, 0.2, 0.3), (1e-6, 5, 5), (0.025, 950, 51)], quantile)
table("BINOMIAL", [(0, 10, 0.1), (10, 10, 0.1), (3, 10, 0.3), (15, 17, 0.9), (2.5, 7.25, 0.4), (500, 1000, 0.5),
                   (450, 1000, 0.5), (90000, 100000, 0.9), (20, 1000000, 1e-5)], binomial)
table("DIGAMMA", [(x,) for x in (1e-3, 0.1, 0.5, 1, 2, 3, 9.99, 10, 50, 1e4, 1e9)], digamma)
table("LOG_GAMMA", [(x,) for x in (1e-5, 0.5, 3.5, 100, 1e7)], loggamma)
