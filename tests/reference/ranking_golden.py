#!/usr/bin/python3
"""Numbers of scikit-learn that test_ranking.c holds against ours. Prints C tables."""
import numpy as np
from sklearn.metrics import (average_precision_score, precision_recall_curve, roc_auc_score,
                             roc_curve)


def data(n, levels, positives_of_100, salt):
    """The same integers as golden_sample() in the test."""
    i = np.arange(n, dtype=np.uint64)
    mixed = (i + np.uint64(salt)) * np.uint64(2654435761) % np.uint64(4294967296)
    label = ((mixed >> np.uint64(7)) % np.uint64(100) < np.uint64(positives_of_100)).astype(int)
    noise = (mixed >> np.uint64(11)) % np.uint64(levels)
    shifted = noise + label.astype(np.uint64) * np.uint64(levels // 4)
    return label, shifted.astype(np.float64) / (2 * levels)


cases = [(200, 1000, 50, 1), (200, 4, 50, 2), (500, 2, 30, 3), (1000, 4096, 3, 4),
         (300, 64, 90, 5), (257, 1, 40, 6), (64, 16, 2, 8)]
for c in cases:
    y, s = data(*c)
    print("{%d, %d, %d, %d, %d, %.17g, %.17g}," % (*c, y.sum(), roc_auc_score(y, s),
                                                  average_precision_score(y, s)))

y, s = data(14, 8, 50, 13)
fpr, tpr, at = roc_curve(y, s, drop_intermediate=False)
print("roc_curve", y, s)
for row in zip(fpr, tpr, at):
    print("{%.17g, %.17g, %.17g}," % row)
precision, recall, at = precision_recall_curve(y, s)
print("precision_recall_curve, by ascending recall, without the last point")
for row in list(zip(recall, precision, at))[::-1]:
    print("{%.17g, %.17g, %.17g}," % row)
