"""The k nearest neighbours of all rows: assay against FAISS's IndexFlat, in one run on one machine.

    knn_faiss.py BENCH_KNN [--rows 70000] [--columns 512] [-k 50] [--turns 1]

BENCH_KNN is build/bench/bench_knn. The rows are Fashion-MNIST's images turned to their principal axes and
brought to length 1, so that inner products are cosines for both. On a machine that others use, read the
ratio of processor time. FAISS runs with one thread of its own and
two of BLAS, the best of its settings on two processors; the two take turns. Run it with Debian's Python,
python3-faiss and dataset-fashion-mnist.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "2"

import gzip  # noqa: E402  (threads are set before NumPy loads BLAS)

import faiss  # noqa: E402
import numpy as np  # noqa: E402

IMAGES = pathlib.Path("/usr/share/datasets/fashion-mnist")


def read_images(name):
    path = next(p for p in IMAGES.rglob(name + "*"))
    raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 784)


def vectors(rows, columns):
    x = np.concatenate([read_images("train-images"), read_images("t10k-images")]).astype(np.float32)
    x -= x.mean(0)
    _, axes = np.linalg.eigh(x.T @ x)
    x = (x @ axes[:, ::-1][:, :columns])[:rows]
    return np.ascontiguousarray(x / np.linalg.norm(x, axis=1, keepdims=True), np.float32)


def run_faiss(x, k):
    begun, cpu = time.monotonic(), time.process_time()
    index = faiss.IndexFlatIP(x.shape[1])
    index.add(x)
    _, lists = index.search(x, k + 1)  # each row finds itself
    return time.monotonic() - begun, time.process_time() - cpu, lists


def run_assay(program, x, k, folder):
    floats, lists = folder / "floats", folder / "lists"
    x.tofile(floats)
    call = [program, floats, *map(str, x.shape), str(k), "2", lists]
    said = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
    return float(said[0]), float(said[1]), int(said[2]), np.fromfile(lists, np.uint32).reshape(len(x), k)


def agreement(ours, theirs):
    """The share of our neighbours that FAISS lists too, over some rows."""
    some = range(0, len(ours), max(1, len(ours) // 2000))
    return np.mean([len(set(ours[i]) & set(theirs[i])) / ours.shape[1] for i in some])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=70000)
    parser.add_argument("--columns", type=int, default=512)
    parser.add_argument("-k", type=int, default=50)
    parser.add_argument("--turns", type=int, default=1)
    a = parser.parse_args()
    faiss.omp_set_num_threads(1)
    x = vectors(a.rows, a.columns)
    times, cpu, peak = {"assay": [], "faiss": []}, {"assay": [], "faiss": []}, 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(a.turns):
            seconds, busy, peak, ours = run_assay(a.program, x, a.k, pathlib.Path(folder))
            times["assay"].append(seconds)
            cpu["assay"].append(busy)
            seconds, busy, theirs = run_faiss(x, a.k)
            times["faiss"].append(seconds)
            cpu["faiss"].append(busy)
            print({who: f"{times[who][-1]:.2f} s, of processor {cpu[who][-1]:.2f} s" for who in times}, file=sys.stderr)
    best = {who: min(t) for who, t in times.items()}
    print(f"| exact {a.k} neighbours of all {len(x):,} × {a.columns}, 2 threads | {best['assay']:.3g} s, {peak} MiB "
          f"| FAISS IndexFlatIP {best['faiss']:.3g} s | {best['faiss'] / best['assay']:.3g}× |")
    print(f"agreement {agreement(ours, theirs):.6f}, assay takes {best['assay'] / best['faiss']:.2f} of the time, "
          f"{min(cpu['assay']) / min(cpu['faiss']):.2f} of the processor's time")


if __name__ == "__main__":
    main()
