#!/usr/bin/env python3
"""Print the table of tests/unit/test_scores.c: scores by scikit-learn of matrices given by their cells."""
import warnings

import numpy as np
from sklearn import metrics

warnings.simplefilter("ignore")

# name, classes, {(label, prediction): count}
CASES = [
    ("balanced", 3, {(0, 0): 40, (0, 1): 6, (0, 2): 4, (1, 0): 5, (1, 1): 38, (1, 2): 7, (2, 0): 3, (2, 1): 2, (2, 2): 45}),
    ("imbalanced", 3, {(0, 0): 900, (0, 1): 30, (0, 2): 3, (1, 0): 12, (1, 1): 40, (2, 0): 5, (2, 1): 2, (2, 2): 8}),
    ("never predicted", 3, {(0, 0): 10, (0, 1): 2, (1, 0): 1, (1, 1): 9, (2, 0): 3, (2, 1): 4}),
    ("never true", 3, {(0, 0): 10, (0, 1): 2, (0, 2): 3, (1, 1): 9, (1, 2): 1}),
    ("absent class", 4, {(0, 0): 10, (0, 1): 2, (1, 3): 3, (1, 1): 9, (3, 3): 11, (3, 0): 1}),
    ("one class", 1, {(0, 0): 12}),
    ("one sample", 2, {(0, 1): 1}),
    ("perfect", 3, {(0, 0): 5, (1, 1): 17, (2, 2): 8}),
    ("all wrong", 3, {(0, 1): 5, (1, 2): 17, (2, 0): 8}),
    ("worst binary", 2, {(0, 1): 6, (1, 0): 9}),
]


def thousand():
    """1,000 classes, 20,000 samples, by a generator that C repeats: x -> x·6364136223846793005 + 1442695040888963407 mod 2^64."""
    x, y, p = 1, [], []
    for _ in range(20000):
        numbers = []
        for _ in range(3):
            x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
            numbers.append(x >> 33)
        y.append(numbers[0] % 1000)
        p.append(y[-1] if numbers[1] % 10 < 7 else numbers[2] % 1000)
    return np.array(y), np.array(p)


def row(name, classes, y, p):
    values = [metrics.accuracy_score(y, p)]
    for average in ("macro", "weighted"):
        values += metrics.precision_recall_fscore_support(y, p, average=average, zero_division=0)[:3]
    values += [metrics.balanced_accuracy_score(y, p), metrics.matthews_corrcoef(y, p), metrics.cohen_kappa_score(y, p)]
    numbers = ", ".join("NONE" if np.isnan(v) else repr(float(v)) for v in values)
    print(f'    {{"{name}", {classes}, {{{numbers}}}}},')


for name, classes, cells in CASES:
    y = np.concatenate([[i] * n for (i, j), n in cells.items()]).astype(int)
    p = np.concatenate([[j] * n for (i, j), n in cells.items()]).astype(int)
    row(name, classes, y, p)
row("thousand", 1000, *thousand())
