#!/usr/bin/python3
"""Confident learning in plain vectorised NumPy: an imitation of the steps of other libraries, not a measurement of any.

label_quality_numpy.py ROWS CLASSES. Prints one line of JSON: seconds without making the data, and the peak of memory in MiB.
"""
import json
import resource
import sys
import time

import numpy as np


def data(rows, classes):
    r = np.random.default_rng(1)
    truly = r.integers(0, classes, rows)
    label = np.where(r.random(rows) < 0.9, truly, r.integers(0, classes, rows))
    p = r.random((rows, classes), dtype=np.float32)
    p **= 3
    p[np.arange(rows), truly] += 0.1 * classes
    p /= p.sum(axis=1, keepdims=True)
    return p, label


def issues(p, label):
    rows, classes = p.shape
    t = np.array([p[label == j, j].mean() for j in range(classes)])
    bins = p >= t - 1e-6
    some = bins.any(axis=1)
    truly = np.where(bins, p, -1).argmax(axis=1)
    joint = np.bincount(label[some] * classes + truly[some], minlength=classes * classes).reshape(classes, classes)
    scaled = joint / joint.sum(axis=1, keepdims=True) * np.bincount(label, minlength=classes)[:, None]
    places = np.round(scaled).astype(int)
    issue = np.zeros(rows, bool)
    for k in range(classes):
        of_label = np.flatnonzero(label == k)
        gaps = p[of_label] - p[of_label, k][:, None]
        for j in np.flatnonzero(places[k]):
            if j != k:
                n = min(places[k, j], len(of_label))
                issue[of_label[np.argpartition(-gaps[:, j], n - 1)[:n]]] = True
    issue &= p.argmax(axis=1) != label
    own = p[np.arange(rows), label]
    others = p.copy()
    others[np.arange(rows), label] = -1
    return issue, own - others.max(axis=1)


def main():
    p, label = data(int(sys.argv[1]), int(sys.argv[2]))
    start = time.monotonic()
    issue, _ = issues(p, label)
    print(json.dumps({"what": "NumPy imitation", "issues": int(issue.sum()), "seconds": round(time.monotonic() - start, 3),
                      "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


main()
