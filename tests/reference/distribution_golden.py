#!/usr/bin/env python3
"""Print the golden numbers of test_distribution.c.

Run with NumPy 1.24. Both sides draw the same data from splitmix64's finaliser (`unit` here,
predictions_unit() there).
"""
import numpy as np


def unit(i):
    x = i
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return ((x ^ (x >> 31)) >> 11) * 2.0**-53


def skewed(n):
    """Most between 0 and 1, a tail to either side."""
    u = np.array([unit(i + 1) for i in range(n)])
    return np.where(u > 0.97, 60 * (u - 0.95), np.where(u < 0.02, -100 * u, u * u))


CASES = {
    "skewed": skewed(5000),
    "tied": np.floor(10 * skewed(5000)),
    "two": np.array([3.5, -1.25]),
    "three": np.array([1e-3, 7.0, 2.0]),
    "one": np.array([0.1]),
}

for name, x in CASES.items():
    q1, median, q3 = np.quantile(x, [0.25, 0.5, 0.75])
    iqr = q3 - q1
    low, high = x < q1 - 2.5 * iqr, x > q3 + 2.5 * iqr
    print(f'    {{"{name}", {len(x)},')
    print("     {" + ", ".join(repr(float(v)) for v in (x.min(), q1, median, q3, x.max())) + "},")
    sd = x.std(ddof=1) if len(x) > 1 else None
    print(f"     {float(x.mean())!r}, {'NAN' if sd is None else repr(float(sd))},")
    print(f"     {{{((x < q1 - 1.5 * iqr) & ~low).sum()}, {((x > q3 + 1.5 * iqr) & ~high).sum()}, {low.sum()}, {high.sum()}}},")
    counts = np.histogram(x, 30)[0] if x.min() < x.max() else [len(x)]
    print("     {" + ", ".join(map(str, counts)) + "}},")
