#!/usr/bin/env python3
"""Print the tables of tests/unit/test_paired.c: McNemar's p by scipy and by whole numbers, Tango's interval by solving its
score equation, in which the most likely share is found by maximising the likelihood itself, in 50 digits by mpmath."""
from fractions import Fraction
from math import comb

from mpmath import findroot, log, mp, mpf, sqrt
from scipy.stats import binomtest

mp.dps = 50
Z = mpf("1.959963984540054")

PAIRS = [(0, 0), (1, 0), (0, 5), (3, 3), (10, 4), (4, 10), (25, 12), (60, 61), (400, 300), (0, 60), (1000, 1200)]


def mid_p(b, c):
    n, m = b + c, min(b, c)
    return min(Fraction(1), Fraction(2 * sum(comb(n, k) for k in range(m)) + comb(n, m), 2**n))


def likely_lost(b, c, n, d):
    """Newton's root of the derivative of b·ln q + c·ln(q + d) + (n - b - c)·ln(1 - 2q - d) would need a start; the
    likelihood is concave, so its maximum is found by thirds."""
    low, high = max(mpf(0), -d), (1 - d) / 2

    def likelihood(q):
        total = mpf(0)
        for count, share in ((b, q), (c, q + d), (n - b - c, 1 - 2 * q - d)):
            if count:
                if share <= 0:
                    return mpf("-1e60")
                total += count * log(share)
        return total

    for _ in range(260):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        if likelihood(first) < likelihood(second):
            low = first
        else:
            high = second
    return (low + high) / 2


def away(b, c, n, d):
    """The score statistic; b: lost, c: won."""
    spread = n * (2 * likely_lost(b, c, n, d) + d * (1 - d))
    return (c - b - n * d) / sqrt(spread) if spread > mpf("1e-30") else mpf("1e30") * (1 if c - b > n * d else -1)


def tango(b, c, n):
    middle = mpf(c - b) / n
    bounds = []
    for edge, sign in ((mpf(-1), 1), (mpf(1), -1)):
        inside, outside = middle, edge
        if middle == edge:
            bounds.append(edge)
            continue
        for _ in range(70):
            d = (inside + outside) / 2
            if away(b, c, n, d) * sign <= Z:
                inside = d
            else:
                outside = d
        bounds.append(inside)
    return bounds


def main():
    print("mcnemar")
    for b, c in PAIRS:
        exact = binomtest(min(b, c), b + c, 0.5).pvalue if b + c else 1.0
        print(f"    {{{b}, {c}, {float(mid_p(b, c))!r}, {float(exact)!r}}},")
    print("tango")
    for b, c, n in [(0, 0, 20), (0, 0, 1), (1, 0, 1), (0, 10, 10), (10, 0, 10), (3, 9, 44), (9, 3, 44), (1, 12, 30), (0, 4, 15), (5, 5, 50),
                    (43, 48, 1000), (300, 200, 10000), (0, 3, 100000)]:
        low, high = tango(b, c, n)
        print(f"    {{{b}, {c}, {n}, {{{float(low)!r}, {float(high)!r}}}}},")


if __name__ == "__main__":
    main()
