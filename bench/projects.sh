#!/bin/sh
# Seconds to make a project of metadata (no pixels) and to open it again: create with labels and predictions, add
# metrics, and the first number by several ways. ROWS (1000000) samples, METRICS (15) columns; for 10000000 rows the
# files take 4 GB. BUILD (build) is a meson folder; all lies in BENCH_DIR (/tmp) and is removed at the end.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "${BUILD:-build}")
rows=${ROWS:-1000000}
metrics=${METRICS:-15}
ninja -C "$build" assay >&2
scratch=$(mktemp -d "${BENCH_DIR:-/tmp}/assay_projects_XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
/usr/bin/python3 - "$rows" "$metrics" <<'PYTHON'
import os
import sys

import numpy as np

rows, metrics = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(1)
label = rng.integers(0, 10, rows)
prediction = np.where(rng.random(rows) < 0.8, label, rng.integers(0, 10, rows))
os.mkdir("train")
open("train/00000000.jpg", "w").close()  # a table none of whose first images is there is refused
with open("images.csv", "w") as images, open("predictions.csv", "w") as predictions, open("metrics.csv", "w") as numbers:
    images.write("path,label\n")
    predictions.write("path,prediction,confidence\n")
    numbers.write("path," + ",".join(f"m{m}" for m in range(metrics)) + "\n")
    for first in range(0, rows, 100000):
        block = range(first, min(rows, first + 100000))
        values = rng.integers(0, 1000, (len(block), metrics + 1)).tolist()
        for i, row in zip(block, values):
            images.write(f"train/{i:08d}.jpg,class{label[i]}\n")
            predictions.write(f"train/{i:08d}.jpg,class{prediction[i]},0.{row[metrics]:03d}\n")
            numbers.write(f"train/{i:08d}.jpg," + ",".join(f"0.{v:03d}" for v in row[:metrics]) + "\n")
PYTHON

timed() {
    what=$1
    shift
    /usr/bin/time -f "| $what | %e s, %M KiB |" "$build/assay" "$@" >/dev/null
}

timed "create, $rows rows of paths and labels, with predictions" create p.assay --images images.csv --no-measure --predictions predictions.csv
timed "add metrics, $metrics columns of $rows" add metrics p.assay metrics.csv
rm ./*.csv
for run in 1 2 3; do
    timed "evaluate --metric m0, $rows × $metrics" evaluate p.assay --metric m0 --json
    timed "metrics --metric m0" metrics p.assay --metric m0
    timed "sql: count(*) of samples" sql p.assay 'SELECT count(*) FROM samples'
    timed "sql: count(*) of images" sql p.assay 'SELECT count(*) FROM images'
done
