#!/usr/bin/python3
"""Measure the engine and the program against their rivals on this machine; prints a Markdown table.

compare.py BUILD_FOLDER [--full]. BENCH_DIR: where the 10,000,000-row files are made (kept for the next run).
--full takes ten million rows for the reports of scikit-learn and a million for its mutual information: minutes.
"""
import ctypes
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
FULL = "--full" in sys.argv
SCRATCH = pathlib.Path(os.environ.get("BENCH_DIR", BUILD / "bench")).resolve()
ENGINE, PROGRAM = BUILD / "bench" / "bench_engine", BUILD / "assay"
ROWS_OF_FILE = 10_000_000
PYTHON = "/usr/bin/python3" if pathlib.Path("/usr/bin/python3").exists() else sys.executable


def measured(*command):
    return json.loads(subprocess.run([str(c) for c in command], check=True, capture_output=True).stdout)


def engine(what, rows, width, threads, order="random"):
    return measured(ENGINE, what, rows, width, threads, order)


def rival(what, *arguments):
    return measured(PYTHON, HERE / "rivals.py", what, *arguments)


def program(*arguments, runs=3):
    """Wall time (best) and peak memory of the program itself."""
    best, peak = float("inf"), 0
    for _ in range(runs):
        before = time.perf_counter()
        child = subprocess.Popen([str(PROGRAM), *map(str, arguments)], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        if status:
            sys.exit(f"assay {' '.join(map(str, arguments))}: status {status}")
        best, peak = min(best, time.perf_counter() - before), max(peak, used.ru_maxrss / 1024)
    return {"seconds": best, "peak_mib": peak}


def ratio(ours, theirs):
    return f"{theirs['seconds'] / ours['seconds']:.3g}×"


def row(target, ours, theirs="", factor=""):
    print(f"| {target} | {ours} | {theirs} | {factor} |", flush=True)


def time_text(m):
    s = m["seconds"]
    return f"{s:.3g} s" if s >= 1 else f"{1e3 * s:.3g} ms"


def memory_text(m):
    return f"{time_text(m)}, {m['peak_mib']:.0f} MiB"


def duckdb(*statements):
    """Run SQL in the DuckDB that the build links."""
    lib = ctypes.CDLL(os.environ.get("DUCKDB", str(HERE.parent / "deps" / "duckdb" / "libduckdb.so")))
    db, connection = ctypes.c_void_p(), ctypes.c_void_p()
    assert lib.duckdb_open(None, ctypes.byref(db)) == 0
    assert lib.duckdb_connect(db, ctypes.byref(connection)) == 0
    for sql in statements:
        assert lib.duckdb_query(connection, sql.encode(), None) == 0, sql
    lib.duckdb_disconnect(ctypes.byref(connection))
    lib.duckdb_close(ctypes.byref(db))


def make_files():
    """A path, a label of 100, a prediction that is right in 9 of 10, a confidence."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    for ending, form in (("csv", "csv, header"), ("parquet", "parquet")):
        for name, rows in (("ten", ROWS_OF_FILE), ("small", 10_000)):
            path = SCRATCH / f"{name}.{ending}"
            if not path.exists():
                making = path.with_name("making_" + path.name)
                duckdb("SELECT setseed(0.5)",
                       f"COPY (SELECT format('images/class_{{:03d}}/img_{{:012d}}.jpg', i % 100, i) AS path, 'class_' || (i % 100) "
                       f"AS label, 'class_' || (CASE WHEN hash(i) % 10 = 0 THEN hash(i + 7) % 100 ELSE i % 100 END) AS prediction, "
                       f"round(random(), 6) AS confidence FROM range({rows}) t(i)) TO '{making}' (FORMAT {form})")
                making.rename(path)


def compare_counting():
    for width in (10, 1000):
        for order in ("random", "sorted"):
            theirs = rival("count", 10_000_000, width, order)
            theirs64 = rival("count_int64", 10_000_000, width, order)
            for threads in (1, 2):
                ours = engine("count", 10_000_000, width, threads, order)
                row(f"count 10M pairs in memory, K={width}, {order}, {threads} thread{'s' * (threads > 1)}",
                    f"{time_text(ours)} ({ours['seconds'] * 100:.3g} ns/row)",
                    f"numpy.bincount {time_text(theirs)} (int64 {time_text(theirs64)})",
                    f"{ratio(ours, theirs)} ({ratio(ours, theirs64)})")


def compare_scores():
    rows = 10_000_000 if FULL else 1_000_000
    for width in (10, 1000):
        theirs = rival("scores", rows, width, "random")
        ours = engine("scores", rows, width, 1)
        row(f"pairs → all scores with intervals, N={rows // 1_000_000}M, K={width}, 1 thread", memory_text(ours),
            f"classification_report {memory_text(theirs)}", ratio(ours, theirs))


def compare_ranking():
    for rows, width in ((1_000_000, 10), (100_000, 1000)):
        theirs = rival("ranking", rows, width, "random")
        for threads in (1, 2):
            ours = engine("ranking", rows, width, threads)
            row(f"AUROC and AP with intervals, N={rows}, K={width}, float32, {threads} thread{'s' * (threads > 1)}",
                memory_text(ours), f"roc_auc_score + average_precision_score {memory_text(theirs)}", ratio(ours, theirs))


def compare_metrics():
    rows = 1_000_000 if FULL else 100_000
    theirs = rival("metrics_nearest", rows, 15, "random")
    for what, name in (("metrics", "binned"), ("metrics-nearest", "nearest neighbours")):
        for threads in (1, 2):
            ours = engine(what, rows, 15, threads)
            row(f"importance, correlations, performance of 15 metrics, N={rows}, {name}, {threads} thread{'s' * (threads > 1)}",
                memory_text(ours), f"mutual_info_classif alone {memory_text(theirs)}", ratio(ours, theirs))


def compare_files():
    make_files()
    theirs = rival("read", SCRATCH / "ten.csv")
    for ending in ("csv", "parquet"):
        ours = program("evaluate", SCRATCH / f"ten.{ending}", "--json")
        row(f"assay evaluate, 10M rows of {ending.upper() if ending == 'csv' else 'Parquet'}", memory_text(ours),
            f"pandas.read_csv alone {memory_text(theirs)}", ratio(ours, theirs))
    row("assay --version", time_text(program("--version", runs=20)))
    row("assay evaluate, 10,000 rows of CSV", memory_text(program("evaluate", SCRATCH / "small.csv", runs=10)))


def main():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"{model}, {os.cpu_count()} processors, {time.strftime('%Y-%m-%d')}. Best of several runs; memory is the peak of the whole process.\n")
    row("what", "assay", "rival", "ratio")
    print("|---|---|---|---|", flush=True)
    for compare in (compare_counting, compare_scores, compare_ranking, compare_metrics, compare_files):
        compare()


if __name__ == "__main__":
    main()
