#!/usr/bin/python3
"""One measurement of another library: rivals.py WHAT ROWS CLASSES_OR_METRICS ORDER | rivals.py read FILE.

The same kind of data as bench_engine makes. Prints the best of several runs in seconds and the peak of memory in MiB.
"""
import json
import resource
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")


def pairs(rows, classes, by_class):
    r = np.random.default_rng(1)
    y = np.arange(rows) * classes // rows if by_class else r.integers(0, classes, rows)
    return y, np.where(r.random(rows) < 0.9, y, r.integers(0, classes, rows))


def probabilities(y, classes):
    r = np.random.default_rng(2)
    p = r.random((len(y), classes), dtype=np.float32)
    p **= 3
    p[np.arange(len(y)), y] += 0.5
    p /= p.sum(axis=1, keepdims=True)
    return p


def metrics(right, count):
    r = np.random.default_rng(3)
    return np.stack([r.normal(size=len(right)) + 0.1 * m * ~right for m in range(count)], axis=1)


def count(rows, classes, by_class):
    y, p = (a.astype(np.uint16) for a in pairs(rows, classes, by_class))
    # Codes are 16 bits here too; the product needs 32.
    return lambda: np.bincount(y.astype(np.uint32) * np.uint32(classes) + p, minlength=classes * classes)


def count_int64(rows, classes, by_class):
    y, p = pairs(rows, classes, by_class)
    return lambda: np.bincount(y * classes + p, minlength=classes * classes)


def scores(rows, classes, by_class):
    from sklearn.metrics import classification_report
    y, p = pairs(rows, classes, by_class)
    return lambda: classification_report(y, p, zero_division=0)


def ranking(rows, classes, by_class):
    from sklearn.metrics import average_precision_score, roc_auc_score
    y, _ = pairs(rows, classes, by_class)
    p = probabilities(y, classes)

    def run():
        for k in range(classes):
            roc_auc_score(y == k, p[:, k])
            average_precision_score(y == k, p[:, k])
    return run


def metrics_nearest(rows, width, by_class):
    from sklearn.feature_selection import mutual_info_classif
    y, p = pairs(rows, 10, by_class)
    x = metrics(y == p, width)
    return lambda: mutual_info_classif(x, y == p, n_neighbors=3, random_state=0)


def read(path):
    import pandas
    return lambda: pandas.read_csv(path)


def main():
    what = sys.argv[1]
    run = read(sys.argv[2]) if what == "read" else globals()[what](int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "sorted")
    best, started, runs = float("inf"), time.perf_counter(), 0
    while runs == 0 or (runs < 9 and time.perf_counter() - started < 6):
        before = time.perf_counter()
        run()
        best, runs = min(best, time.perf_counter() - before), runs + 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": best, "peak_mib": round(peak, 1)}))


if __name__ == "__main__":
    main()
