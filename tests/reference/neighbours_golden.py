"""scikit-learn's nearest neighbours by cosine distance, into tests/support/neighbours_golden.h.

Run it with the Python that has NumPy and scikit-learn. The vectors come from a formula in whole numbers
that tests/unit/test_exact.c repeats.
"""
import pathlib

import numpy as np
from sklearn.neighbors import NearestNeighbors

OUT = pathlib.Path(__file__).resolve().parent.parent / "support" / "neighbours_golden.h"
ROWS, COLUMNS, K = 60, 12, 10


def lines(values):
    text, line = [], "   "
    for value in values:
        if len(line) + len(value) + 2 > 98:
            text.append(line)
            line = "   "
        line += f" {value},"
    return "\n".join(text + [line])


def main():
    i, j = np.meshgrid(np.arange(ROWS), np.arange(COLUMNS), indexing="ij")
    x = ((i * 7919 + j * 104729 + i * i * j * 31) % 1009) / 64 - 8
    distance, index = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute").fit(x).kneighbors()
    assert (np.diff(distance, axis=1) > 1e-6).all(), "no ties, whose order is scikit-learn's own"
    OUT.write_text(
        "#ifndef SUPPORT_NEIGHBOURS_GOLDEN_H\n#define SUPPORT_NEIGHBOURS_GOLDEN_H\n\n#include <stdint.h>\n\n"
        "/* Written by tests/reference/neighbours_golden.py. */\n/* clang-format off */\n"
        f"enum {{ GOLDEN_ROWS = {ROWS}, GOLDEN_COLUMNS = {COLUMNS}, GOLDEN_K = {K} }};\n"
        f"static const uint32_t golden_index[] = {{\n{lines([str(n) for n in index.ravel()])}\n}};\n"
        f"static const double golden_distance[] = {{\n{lines([f'{d:.12g}' for d in distance.ravel()])}\n}};\n"
        "/* clang-format on */\n\n#endif\n")


if __name__ == "__main__":
    main()
