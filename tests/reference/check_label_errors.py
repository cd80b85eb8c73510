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
FLIPPED, SEED, FIRST = 500, 2026, 500
OTHER_SEEDS = [1, 2, 3, 4, 5]
# Of the first 500, the share that was flipped. By normalised margin it lies about 0.8, and the seed decides on which side:
# 0.8 is asked of one, less of the others.
MARGIN_RATE, MARGIN_LEAST, CONFIDENCE_RATE, EMBEDDING_RATE = 0.8, 0.76, 0.84, 0.8


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


def write_labels(path, y):
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["id", "label"])
        out.writerows([i, NAMES[c] if c >= 0 else ""] for i, c in enumerate(y))


def create(assay, folder, y, *more):
    """Fashion-MNIST's test images with the labels y (-1: none)."""
    folder.mkdir(exist_ok=True)
    project = folder / "flipped.assay"
    write_labels(folder / "labels.csv", y)
    subprocess.run([assay, "create", project, "--images", DATA / "t10k-images-idx3-ubyte.gz", "--labels",
                    folder / "labels.csv", "--classes", ROOT / "examples/fashion-mnist/classes.txt", *more],
                   check=True, capture_output=True)
    return project


def make_project(assay, folder, y):
    """The same with the network's probabilities."""
    project = create(assay, folder, y, "--no-measure")
    subprocess.run([assay, "add", "predictions", project, "--probabilities", ROOT / "examples/fashion-mnist/cnn.npy",
                    "--rows-in-order", "--model", "cnn"], check=True, capture_output=True)
    return project


def find(assay, project, threads, *more):
    done = subprocess.run([assay, "find", "label-errors", project, "--json", "--threads", str(threads), *more], check=True,
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


def flip(truth, seed):
    """The labels with 5 % of them moved to another class, and which ones."""
    random = np.random.RandomState(seed)
    flipped = random.choice(len(truth), FLIPPED, replace=False)
    y = truth.copy()
    y[flipped] = (y[flipped] + random.randint(1, 10, FLIPPED)) % 10
    return y, flipped, random


def hits(report, flipped, rate, what):
    first = [int(s["id"]) for s in report["samples"][:FIRST]]
    count = len(set(first) & set(flipped.tolist()))
    print(f"{what}: {report['found']} found; of the first {len(first)}, {count} are flipped labels ({FLIPPED} were flipped)")
    assert len(first) == FIRST and count >= rate * FIRST
    return count


def compare_looks(report, project, y):
    """What neighbours say, from the lists that the project keeps; the classifier's folds are its own."""
    index = np.load(project / "embeddings/visual.neighbours.npy")[:, :10]
    distance = np.load(project / "embeddings/visual.distances.npy")[:, :10]
    assert report["basis"] == "embedding" and report["order"] == "rank_sum" and report["embedding"] == "visual"
    assert report["model"] is None and report["labels"] == len(y) and "health" not in report
    scores = [s["score"] for s in report["samples"]]
    assert len(scores) == report["found"] and scores == sorted(scores, reverse=True) and 0 < scores[-1] and scores[0] <= 1
    for s in report["samples"]:
        i = int(s["id"])
        near = y[index[i]]
        assert abs(s["annotation_quality"] - (near == y[i]).mean()) < 1e-12
        votes = [((near == k).sum(), (1 - distance[i])[near == k].sum()) for k in range(10)]
        assert s["label"] == NAMES[y[i]] != s["neighbours_label"] == NAMES[max(range(10), key=lambda k: votes[k])]
        assert s["fitted_margin"] > 0 and s["suggested"] != s["label"]


def check_looks(assay, truth):
    """Nobody's predictions: what the images look like."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        project = None
        for seed in [SEED, *OTHER_SEEDS]:
            y, flipped, _ = flip(truth, seed)
            if project:
                write_labels(folder / "labels.csv", y)
                subprocess.run([assay, "add", "labels", project, folder / "labels.csv"], check=True, capture_output=True)
            project = project or create(assay, folder, y)
            report = find(assay, project, 2)
            hits(report, flipped, EMBEDDING_RATE, f"embedding, seed {seed}")
            if seed == SEED:
                compare_looks(report, project, y)
                assert find(assay, project, 1) == report and find(assay, project, 7) == report


def check_orders(assay, truth):
    """Both orders of what probabilities contradict."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in OTHER_SEEDS:
            y, flipped, _ = flip(truth, seed)
            project = make_project(assay, pathlib.Path(folder) / str(seed), y)
            hits(find(assay, project, 2), flipped, MARGIN_LEAST, f"normalised margin, seed {seed}")
            report = find(assay, project, 2, "--order", "self_confidence")
            scores = [s["score"] for s in report["samples"]]
            assert scores == sorted(scores) == [s["self_confidence"] for s in report["samples"]]
            hits(report, flipped, CONFIDENCE_RATE, f"self-confidence, seed {seed}")


def main():
    if not (DATA / "t10k-labels-idx1-ubyte.gz").exists():
        print(f"{DATA}: is not here (Debian: dataset-fashion-mnist): skipped")
        return SKIPPED
    assay = program()
    truth = np.frombuffer(gzip.decompress((DATA / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:], np.uint8).astype(int)
    p = np.load(ROOT / "examples/fashion-mnist/cnn.npy").astype(float)
    total = p.sum(axis=1, keepdims=True)
    p = np.where(abs(total - 1) > 1e-6, p / total, p)
    y, flipped, random = flip(truth, SEED)
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(assay, pathlib.Path(folder), y)
        report = find(assay, project, 1)
        compare(report, p, y)
        assert report["basis"] == "probabilities" and report["order"] == "normalised_margin"
        assert find(assay, project, 2) == report and find(assay, project, 7) == report
    hits(report, flipped, MARGIN_RATE, f"normalised margin, seed {SEED}")
    check_orders(assay, truth)
    check_looks(assay, truth)
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
