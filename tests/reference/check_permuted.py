#!/usr/bin/env python3
"""Rows in another order change no exact number by more than 1e-12.

check_permuted.py [PROGRAM]. Standard library only. What is drawn at random (if_calibrated, temperature's halves,
permutation p-values, the noise of the nearest-neighbour estimator) depends on the order and is left out.
"""
import json
import math
import pathlib
import random
import shutil
import struct
import sys
import tempfile

from assay_runner import HERE, evaluate, program

CASES = ["imbalanced", "missing", "confidence", "confidence_tied", "metrics", "group", "probabilities_f64", "ties_everywhere",
         "probability_columns", "thousand_classes"]
RANDOM = {"if_calibrated", "temperature", "p_value", "p_adjusted"}


def permute(case, folder, seed):
    """The case in `folder` with its rows, and those of its matrix, in another order."""
    shutil.copytree(case, folder)
    lines = (case / "labels.csv").read_text().splitlines(keepends=True)
    order = list(range(len(lines) - 1))
    random.Random(seed).shuffle(order)
    (folder / "labels.csv").write_text(lines[0] + "".join(lines[1 + i] for i in order))
    if (case / "probabilities.npy").exists():
        raw = (case / "probabilities.npy").read_bytes()
        start = 10 + struct.unpack("<H", raw[8:10])[0]
        assert b"'fortran_order': False" in raw[:start]
        row = (len(raw) - start) // len(order)
        body = b"".join(raw[start + i * row:start + (i + 1) * row] for i in order)
        (folder / "probabilities.npy").write_bytes(raw[:start] + body)


def difference(a, b, path=""):
    """The first path at which two reports part, or None."""
    if isinstance(a, dict) and isinstance(b, dict):
        if list(a) != list(b):
            return f"{path}: keys {list(a)[:8]} and {list(b)[:8]}"
        found = (difference(a[k], b[k], f"{path}/{k}") for k in a if k not in RANDOM)
        return next((f for f in found if f), None)
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return f"{path}: {len(a)} and {len(b)} elements"
        return next((f for i, (x, y) in enumerate(zip(a, b)) if (f := difference(x, y, f"{path}[{i}]"))), None)
    number = (int, float)
    if isinstance(a, number) and isinstance(b, number) and not isinstance(a, bool):
        return None if math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) else f"{path}: {a!r} and {b!r}"
    return None if a == b else f"{path}: {a!r} and {b!r}"


def main():
    assay, failed = program(), 0
    for name in CASES:
        case = HERE / "cases" / name
        arguments = json.loads((case / "arguments.json").read_text())
        before = evaluate(assay, arguments, case)
        faults = [before] if isinstance(before, str) else []
        for seed in (1, 2) if not faults else ():
            with tempfile.TemporaryDirectory() as scratch:
                folder = pathlib.Path(scratch) / "case"
                permute(case, folder, seed)
                fault = difference(before, evaluate(assay, arguments, folder))
                faults += [fault] if fault else []
        failed += bool(faults)
        for fault in faults:
            print(f"{name}: {fault}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
