#!/usr/bin/env python3
"""Print the golden numbers of test_correlate.c, test_mutual_information.c and test_importance.c.

Run with scikit-learn 1.2.1, SciPy 1.10 and NumPy 1.24. Both sides draw the same data from a plain
linear congruential generator (`lcg` here, `next_unit` there).
"""
import numpy as np
from scipy import stats
from sklearn.feature_selection import mutual_info_classif
from sklearn.metrics import mutual_info_score

N = 400


def lcg(count, state):
    out = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append((state >> 11) * 2.0**-53)
    return np.array(out)


def quantile_bins(x, bins):
    ordered = np.sort(x)
    edges = [ordered[b * len(x) // bins] for b in range(1, bins)]
    return np.searchsorted(edges, x, side="right")


def show(name, *values):
    print(f"{name:34}", *(f"{v:.17g}" for v in values))


def correlations(name, x, s):
    show(name, stats.pearsonr(x, s)[0], stats.spearmanr(x, s)[0])


def binned(name, b, s):
    """The plug-in, with Miller and Madow's correction, and the upper end of its interval."""
    plug_in = mutual_info_score(b, s)
    cells, at = np.unique(2 * b + s, return_inverse=True)
    share = [np.bincount(k) / len(s) for k in (b.astype(int), s, at)]
    terms = np.log(share[2][at] / (share[0][b.astype(int)] * share[1][s]))
    corrected = plug_in + (len(np.unique(b)) + 2 - len(cells) - 1) / (2 * len(s))
    show(name, plug_in, corrected, plug_in + stats.norm.ppf(0.975) * terms.std() / np.sqrt(len(s)))


u, v = lcg(N, 1), lcg(N, 2)
x = np.exp(2 * u) - 3 * u * u
right = (v < 0.55 + 0.4 * u).astype(int)
tied = np.floor(4 * x)
half = (x > np.median(x)).astype(int)

correlations("pearsonr, spearmanr", x, right)
correlations("the same of the tied metric", tied, right)
show("entropy", stats.entropy(np.bincount(right)))
binned("mutual_info_score, 32 bins", quantile_bins(x, 32), right)
binned("mutual_info_score, tied", tied - tied.min(), right)
b = quantile_bins(x, 10)
table = np.array([[((b == k) & (right == s)).sum() for s in (0, 1)] for k in range(10)])
g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
show("chi2_contingency, 10 bins: G, p", g[0], g[1])
print("table", table[:, 1].tolist())


def nearest(x, s, seed=0):
    return mutual_info_classif(x[:, None], s, n_neighbors=3, random_state=seed)[0]


show("mutual_info_classif", nearest(x, right))
show("mutual_info_classif, halves", nearest(x, half))
spread = [nearest(tied, right, seed) for seed in range(20)]
show("the same, tied, 20 seeds: mean, sd", np.mean(spread), np.std(spread, ddof=1))
