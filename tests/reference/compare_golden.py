#!/usr/bin/env python3
"""Print the tables of tests/unit/test_compare.c: two made-up models on the same samples. Scores are scikit-learn's. A sample's
influence on a score is found by weighing it a little more and a little less; the intervals of the differences are put together
from those, as docs/numerics.md says, with nothing of ours."""
import warnings

import numpy as np
from scipy.stats import binom
from sklearn import metrics

from paired_golden import mid_p, tango

warnings.simplefilter("ignore")
Z = 1.959963984540054
N, K = 240, 4
STEP = 1e-4


def data():
    """By a generator that C repeats: x -> x·6364136223846793005 + 1442695040888963407 mod 2^64, its upper 31 bits."""
    x = 7
    y, a, b = [], [], []

    def draw(below):
        nonlocal x
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
        return (x >> 33) % below

    for _ in range(N):
        label = min(draw(K), draw(K + 1))
        y.append(label)
        first = [1 + draw(50) + (draw(80) if k == label else 0) for k in range(K)]
        second = [first[k] + draw(40) + (draw(60) if k == label else 0) for k in range(K)]
        a.append([v / sum(first) for v in first])
        b.append([v / sum(second) for v in second])
    return np.array(y), np.array(a), np.array(b)


Y, A, B = data()
PREDICTED = [A.argmax(1), B.argmax(1)]
CHANCES = [A, B]


def weighted(f):
    return lambda m, w: f(Y, PREDICTED[m], sample_weight=w)


def one_vs_rest(f):
    return lambda m, w: np.mean([f(Y == k, CHANCES[m][:, k], sample_weight=w) for k in range(K)])


def area(m, w):
    """Mean over the samples of the risk at their own threshold."""
    confidence, wrong = CHANCES[m].max(1), PREDICTED[m] != Y
    risk = [w[confidence >= c] @ wrong[confidence >= c] / w[confidence >= c].sum() for c in confidence]
    return w @ np.array(risk) / w.sum()


MATRIX = {
    "balanced_accuracy": weighted(metrics.balanced_accuracy_score),
    "macro_precision": weighted(lambda y, p, sample_weight: metrics.precision_score(y, p, average="macro", sample_weight=sample_weight)),
    "macro_recall": weighted(lambda y, p, sample_weight: metrics.recall_score(y, p, average="macro", sample_weight=sample_weight)),
    "macro_f1": weighted(lambda y, p, sample_weight: metrics.f1_score(y, p, average="macro", sample_weight=sample_weight)),
    "weighted_precision": weighted(lambda y, p, sample_weight: metrics.precision_score(y, p, average="weighted", sample_weight=sample_weight)),
    "weighted_f1": weighted(lambda y, p, sample_weight: metrics.f1_score(y, p, average="weighted", sample_weight=sample_weight)),
    "mcc": weighted(metrics.matthews_corrcoef),
    "kappa": weighted(metrics.cohen_kappa_score),
}


def influences(f, m):
    out = np.empty(N)
    for i in range(N):
        up, down = np.ones(N), np.ones(N)
        up[i] += STEP
        down[i] -= STEP
        out[i] = (f(m, up) - f(m, down)) / (2 * STEP)
    return out


def show(name, a, b, low, high):
    print(f'    {{"{name}", {float(a)!r}, {float(b)!r}, {{{float(low)!r}, {float(high)!r}}}}},')


def matrix_se(f):
    """Influences of the samples, and in each class 1/K of a sample that only one of the two has right."""
    psi = [influences(f, m) for m in (0, 1)]
    d = psi[1] - psi[0]
    total = 0.0
    for k in range(K):
        mine = Y == k
        right = [psi[m][mine & (PREDICTED[m] == k)].mean() for m in (0, 1)]
        wrong = [psi[m][mine & (PREDICTED[m] != k)].mean() for m in (0, 1)]
        values = np.concatenate([d[mine], [wrong[1] - right[0], right[1] - wrong[0]]])
        weights = np.concatenate([np.ones(mine.sum()), [1 / K, 1 / K]])
        mean = np.average(values, weights=weights)
        total += mine.sum() * np.average((values - mean) ** 2, weights=weights)
        total += mine.sum() * (d[mine].mean() - d.mean()) ** 2
    return np.sqrt(total)


def bias(m):
    """Mean over the classes and their positives of (1 - precision)/M, M = samples at or above it."""
    of_class = []
    for k in range(K):
        p, terms = CHANCES[m][:, k], []
        for i in np.flatnonzero(Y == k):
            above = p >= p[i]
            terms.append((1 - (Y[above] == k).mean()) / above.sum())
        of_class.append(np.mean(terms))
    return np.mean(of_class)


def main():
    right = [p == Y for p in PREDICTED]
    fixed, broken = int((~right[0] & right[1]).sum()), int((right[0] & ~right[1]).sum())
    print("counts", int((right[0] & right[1]).sum()), fixed, broken, int((~right[0] & ~right[1]).sum()))
    print("mid-p", float(mid_p(broken, fixed)), "exact", float(min(1, 2 * binom.cdf(min(fixed, broken), fixed + broken, 0.5))))
    show("accuracy", right[0].mean(), right[1].mean(), *tango(broken, fixed, N))
    ones = np.ones(N)
    for name, f in MATRIX.items():
        a, b, se = f(0, ones), f(1, ones), matrix_se(f)
        show(name, a, b, b - a - Z * se, b - a + Z * se)
    losses = [-np.log(p[np.arange(N), Y]) for p in CHANCES]
    brier = [((p - np.eye(K)[Y]) ** 2).sum(1) for p in CHANCES]
    for name, (a, b) in (("log_loss", losses), ("brier", brier)):
        se = (b - a).std(ddof=1) / np.sqrt(N)
        show(name, a.mean(), b.mean(), (b - a).mean() - Z * se, (b - a).mean() + Z * se)
    for k in (2, 3):
        hit = [np.array([Y[i] in np.argsort(-p[i], kind="stable")[:k] for i in range(N)]) for p in CHANCES]
        show(f"top_{k}", hit[0].mean(), hit[1].mean(), *tango(int((hit[0] & ~hit[1]).sum()), int((~hit[0] & hit[1]).sum()), N))
    for name, f, more in (("auroc", one_vs_rest(metrics.roc_auc_score), 0),
                          ("average_precision", one_vs_rest(metrics.average_precision_score), bias(1) - bias(0)), ("aurc", area, 0)):
        a, b = f(0, ones), f(1, ones)
        d = influences(f, 1) - influences(f, 0)
        se = np.sqrt((d**2).sum() + more**2)
        show(name, a, b, b - a - Z * se, b - a + Z * se)
    print("per class: support, fixed, broken, p, Holm's p, Tango's interval")
    rows = []
    for k in range(K):
        mine = Y == k
        rows.append((int(mine.sum()), int((mine & ~right[0] & right[1]).sum()), int((mine & right[0] & ~right[1]).sum())))
    p = np.array([float(mid_p(broken, fixed)) for _, fixed, broken in rows])
    order, most, holm = np.argsort(p), 0.0, np.empty(K)
    for rank, k in enumerate(order):
        most = max(most, min(1.0, p[k] * (K - rank)))
        holm[k] = most
    for k, (n, fixed, broken) in enumerate(rows):
        low, high = tango(broken, fixed, n)
        print(f"    {{{n}, {fixed}, {broken}, {p[k]!r}, {holm[k]!r}, {{{float(low)!r}, {float(high)!r}}}}},")


main()
