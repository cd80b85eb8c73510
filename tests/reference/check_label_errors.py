#!/usr/bin/env python3
"""`assay find label-errors` against the rule written down once more in NumPy, and against labels that were flipped.

check_label_errors.py [PROGRAM]. Needs NumPy and Debian's dataset-fashion-mnist; where either is missing it says so and is skipped.
"""
import csv
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

from assay_runner import ROOT, program

SKIPPED = 77
try:
    import numpy as np
except ImportError:
    print("numpy is not here (Debian: python3-numpy): skipped")
    sys.exit(SKIPPED)

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
NAMES = (ROOT / "examples/fashion-mnist/classes.txt").read_text().split("\n")[:10]
FLIPPED, SEED, FIRST, RATE = 500, 2026, 500, 0.8


def confident_learning(p, y):
    """Thresholds, counts, calibrated counts, issues, normalised margins. A label of -1 takes no part."""
    n, k = p.shape
    t = np.array([p[y == j, j].mean() if (y == j).any() else np.inf for j in range(k)])
    masked = np.where(p >= t - 1e-6, p, -np.inf)
    truly = np.where(np.isfinite(masked).any(axis=1), masked.argmax(axis=1), -1)
    joint = np.zeros((k, k), int)
    used = (y >= 0) & (truly >= 0)
    np.add.at(joint, (y[used], truly[used]), 1)
    calibrated = np.zeros_like(joint)
    for i in range(k):
        total, labelled = int(joint[i].sum()), int((y == i).sum())
        if total:
            whole, rest = divmod(joint[i] * labelled, total)
            order = np.argsort(-rest, kind="stable")[:labelled - int(whole.sum())]
            whole[order] += 1
            calibrated[i] = whole
    issue = np.zeros(n, bool)
    for i, j in zip(*np.nonzero(calibrated)):
        if i != j:
            rows = np.flatnonzero(y == i)
            gap = p[rows, j] - p[rows, i]
            issue[rows[np.argsort(-gap, kind="stable")[:calibrated[i, j]]]] = True
    issue &= p.argmax(axis=1) != y
    own = p[np.arange(n), np.maximum(y, 0)]
    others = p.copy()
    others[np.arange(n), np.maximum(y, 0)] = -1
    return t, joint, calibrated, issue, (own - others.max(axis=1) + 1) / 2


def make_project(assay, folder, y):
    """Fashion-MNIST's test images with the labels y (-1: none) and the network's probabilities."""
    project = folder / "flipped.assay"
    with open(folder / "labels.csv", "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["id", "label"])
        out.writerows([i, NAMES[c] if c >= 0 else ""] for i, c in enumerate(y))
    subprocess.run([assay, "create", project, "--images", DATA / "t10k-images-idx3-ubyte.gz", "--labels",
                    folder / "labels.csv", "--classes", ROOT / "examples/fashion-mnist/classes.txt", "--no-measure"],
                   check=True, capture_output=True)
    subprocess.run([assay, "add", "predictions", project, "--probabilities", ROOT / "examples/fashion-mnist/cnn.npy",
                    "--rows-in-order", "--model", "cnn"], check=True, capture_output=True)
    return project


def find(assay, project, threads):
    done = subprocess.run([assay, "find", "label-errors", project, "--json", "--threads", str(threads)], check=True,
                          capture_output=True)
    return json.loads(done.stdout)


def compare(report, p, y):
    t, joint, calibrated, issue, margin = confident_learning(p, y)
    rows = [int(s["id"]) for s in report["samples"]]
    expected = sorted(np.flatnonzero(issue), key=lambda i: (margin[i], i))
    assert rows == expected, f"{len(rows)} issues, NumPy finds {len(expected)}"
    assert report["issues"] == report["found"] == len(rows)
    assert report["counted"] == joint.sum() and report["labels"] == (y >= 0).sum()
    assert all(abs(s["score"] - margin[i]) <= 1e-9 for s, i in zip(report["samples"], rows))
    assert all(s["suggested"] == NAMES[p[i].argmax()] for s, i in zip(report["samples"], rows))
    for k, c in enumerate(report["classes"]):
        assert abs(c["threshold"] - t[k]) <= 1e-9 and c["issues"] == (issue & (y == k)).sum(), c
    noise = joint / joint.sum(axis=1, keepdims=True)
    share = noise * np.bincount(y[y >= 0], minlength=10)[:, None] / (y >= 0).sum()
    assert abs(report["health"] - share.trace()) <= 1e-9
    for c in report["noise"]:
        i, j = NAMES.index(c["given"]), NAMES.index(c["truly"])
        assert abs(c["share"] - noise[i, j]) <= 1e-12
        assert c["counted"] == joint[i, j] and c["estimated"] == calibrated[i, j]
    for c in report["overlap"]:
        i, j = NAMES.index(c["first"]), NAMES.index(c["second"])
        assert abs(c["share"] - share[i, j] - share[j, i]) <= 1e-12
    assert len(report["noise"]) == (joint > 0).sum() - (joint.diagonal() > 0).sum()


def main():
    if not (DATA / "t10k-labels-idx1-ubyte.gz").exists():
        print(f"{DATA}: is not here (Debian: dataset-fashion-mnist): skipped")
        return SKIPPED
    assay = program()
    truth = np.frombuffer(gzip.decompress((DATA / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:], np.uint8).astype(int)
    p = np.load(ROOT / "examples/fashion-mnist/cnn.npy").astype(float)
    total = p.sum(axis=1, keepdims=True)
    p = np.where(abs(total - 1) > 1e-6, p / total, p)
    random = np.random.RandomState(SEED)
    flipped = random.choice(len(truth), FLIPPED, replace=False)
    y = truth.copy()
    y[flipped] = (y[flipped] + random.randint(1, 10, FLIPPED)) % 10
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(assay, pathlib.Path(folder), y)
        report = find(assay, project, 1)
        compare(report, p, y)
        assert find(assay, project, 2) == report and find(assay, project, 7) == report
    first = [int(s["id"]) for s in report["samples"][:FIRST]]
    hits = len(set(first) & set(flipped.tolist()))
    print(f"{len(report['samples'])} issues; of the first {len(first)}, {hits} are flipped labels ({FLIPPED} were flipped)")
    assert len(first) == FIRST and hits >= RATE * FIRST
    with tempfile.TemporaryDirectory() as folder:
        y[random.choice(len(y), 3000, replace=False)] = -1
        y[y == 3] = -1
        project = make_project(assay, pathlib.Path(folder), y)
        report = find(assay, project, 2)
        assert report["classes"][3]["threshold"] is None
        report["classes"][3]["threshold"] = float("inf")
        compare_without_class(report, p, y)
    return 0


def compare_without_class(report, p, y):
    """Where a class has no samples, only what is still defined is compared."""
    _, joint, _, issue, margin = confident_learning(p, y)
    rows = [int(s["id"]) for s in report["samples"]]
    assert rows == sorted(np.flatnonzero(issue), key=lambda i: (margin[i], i))
    assert report["counted"] == joint.sum() and not joint[:, 3].any()


if __name__ == "__main__":
    sys.exit(main())
