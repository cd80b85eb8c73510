#!/bin/sh
# Seconds to list a million images: a folder a class, one flat folder, a table of paths.
# BUILD (build) is a meson folder; the files (empty, 1 M inodes) lie in BENCH_DIR (/dev/shm or /tmp)
# and are removed at the end.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
count=${COUNT:-1000000}
ninja -C "$build" bench/bench_list_images >&2
base=${BENCH_DIR:-/dev/shm}
[ -d "$base" ] || base=/tmp
scratch=$(mktemp -d "$base/assay_list_XXXXXX")
trap 'rm -rf "$scratch"' EXIT
/usr/bin/python3 - "$scratch" "$count" <<'PYTHON'
import os
import sys

scratch, count = sys.argv[1], int(sys.argv[2])
os.makedirs(f"{scratch}/flat")
for c in range(1000):
    os.makedirs(f"{scratch}/classes/n{c:08d}")
with open(f"{scratch}/classes.csv", "w") as table:
    table.write("path,label\n")
    for i in range(count):
        name = f"n{i % 1000:08d}/ILSVRC2012_{i * 7919 % count:08d}.JPEG"
        table.write(f"classes/{name},{i % 1000}\n")
        os.close(os.open(f"{scratch}/classes/{name}", os.O_CREAT | os.O_WRONLY))
        os.close(os.open(f"{scratch}/flat/image_{i * 7919 % count:08d}.jpg", os.O_CREAT | os.O_WRONLY))
PYTHON
for what in classes flat classes.csv; do
    "$build/bench/bench_list_images" "$scratch/$what" "$(nproc)"
done
