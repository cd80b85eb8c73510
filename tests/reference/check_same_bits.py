#!/usr/bin/env python3
"""The report is the same, byte for byte, at 1, 2 and 7 threads: on golden cases and on 200,000 generated rows.

check_same_bits.py [PROGRAM]. Standard library only. Only the line of options that names the threads may differ.
"""
import json
import pathlib
import random
import re
import struct
import sys
import tempfile

from assay_runner import HERE, program, run

CASES = ["imbalanced", "metrics", "metrics_nearest", "group", "probabilities_f64", "probabilities_f32", "ties_everywhere",
         "thousand_classes", "thousand_classes_f16"]
ROWS, CLASSES = 200_000, 5


def generate(folder):
    """A table with metrics, groups and missing values, and float32 probabilities beside it."""
    r = random.Random(7)
    names = "abcde"
    head = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (ROWS, CLASSES)
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    with open(folder / "big.csv", "w") as table, open(folder / "big.npy", "wb") as matrix:
        matrix.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
        table.write("label,sharpness,level,patient\n")
        for i in range(ROWS):
            y = r.randrange(CLASSES)
            weights = [r.random() ** 3 + (0.8 if k == y else 0) for k in range(CLASSES)]
            total = sum(weights)
            matrix.write(struct.pack("<5f", *(w / total for w in weights)))
            sharpness = "" if i % 11 == 0 else repr(r.gauss(max(weights), 1))
            table.write(f"{names[y]},{sharpness},{r.randrange(30)},p{r.randrange(900)}\n")
    return ["big.csv", "--probabilities", "big.npy", "--classes", ",".join(names)]


def without_threads(report):
    return re.sub(rb'"threads":\s*\d+', b'"threads": 0', report)


def differs(assay, arguments, folder):
    """A text that says what differs, or None."""
    reports = {}
    for threads in (1, 2, 7):
        done = run(assay, [*arguments, "--json", "--threads", str(threads)], folder)
        if done.returncode:
            return f"exit status {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
        reports[threads] = without_threads(done.stdout)
    for threads in (2, 7):
        if reports[threads] != reports[1]:
            at = next((i for i, (a, b) in enumerate(zip(reports[1], reports[threads])) if a != b), 0)
            return f"{threads} threads differ from 1 at byte {at}: {reports[1][max(0, at - 120):at + 60]!r}"
    return None


def main():
    assay, failed = program(), 0
    work = [(HERE / "cases" / name, json.loads((HERE / "cases" / name / "arguments.json").read_text()), name)
            for name in CASES]
    work.append((HERE / "cases/imbalanced", ["labels.csv", "--bootstrap", "300"], "imbalanced, bootstrap"))
    with tempfile.TemporaryDirectory() as scratch:
        big = generate(pathlib.Path(scratch))
        work += [(scratch, big, "200,000 rows"), (scratch, [*big, "--group", "patient"], "200,000 rows in groups"),
                 (scratch, [*big, "--where", "sharpness > 0"], "200,000 rows, some selected")]
        for folder, arguments, name in work:
            fault = differs(assay, arguments, folder)
            if fault:
                failed += 1
                print(f"{name}: {fault}")
    print(f"{len(work) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
