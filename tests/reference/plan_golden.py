#!/usr/bin/env python3
"""Print the table of tests/unit/test_plan.c: the least n at which scipy's Wilson interval of n·p successes is narrow enough,
found by counting up from 0."""
from math import sqrt

from scipy.stats import norm


def half_width(p, n, z):
    """Half the distance of the roots of (p - x)² = z²·x·(1 - x)/n."""
    a, b, c = 1 + z * z / n, -(2 * p + z * z / n), p * p
    return sqrt(b * b - 4 * a * c) / (2 * a)


for p in (0.0, 0.02, 0.3, 0.5, 32 / 34, 0.999):
    for w in (0.01, 0.05, 0.2, 0.49):
        for level in (0.95, 0.99):
            z = norm.ppf((1 + level) / 2)
            n = 1
            while half_width(p, n, z) > w:
                n += 1
            print(f"    {{{p!r}, {w}, {level}, {n}}},")
