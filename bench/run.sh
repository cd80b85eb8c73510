#!/bin/sh
# Measure against other programs on this machine and print a Markdown table: bench/run.sh [--full]
# BUILD (build) is a meson folder, BENCH_DIR (BUILD/bench) holds the large files that are made once.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
ninja -C "$build" assay bench/bench_engine >&2
exec /usr/bin/python3 bench/compare.py "$build" "$@"
