"""Half as many measures of the bench's photos with OpenCV in Python, on one thread, against all of assay's.

    images_opencv.py BENCH_IMAGES      the program that bench/meson.build makes

Prints images a second of both, decoding included, and the ratio.
"""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

ROUNDS = 5


def measures(data):
    """Seven numbers and no hash: brightness, contrast, sharpness, three colours, entropy."""
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
    mean, deviation = cv2.meanStdDev(bgr)
    sharpness = cv2.Laplacian(bgr, cv2.CV_64F).std()
    hsv = cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV)
    shares = [np.count_nonzero(cv2.inRange(hsv, (low, 50, 40), (high, 255, 255)))
              for low, high in ((0, 10), (170, 179), (35, 75), (90, 130))]
    counts = cv2.calcHist([cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)], [0], None, [256], [0, 256]).ravel()
    share = counts[counts > 0] / counts.sum()
    return mean.mean(), deviation.mean(), sharpness, *shares, -np.sum(share * np.log2(share))


def rate(photos):
    start = time.perf_counter()
    for data in photos:
        measures(data)
    return len(photos) / (time.perf_counter() - start)


def main(program):
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "write", folder], check=True, stderr=subprocess.DEVNULL)
        photos = [np.fromfile(path, np.uint8) for path in sorted(pathlib.Path(folder).iterdir())]
    rate(photos)
    opencv = statistics.median(rate(photos) for _ in range(ROUNDS))
    run = subprocess.run([program, "1"], check=True, capture_output=True, text=True)
    line = next(line for line in run.stdout.splitlines() if line.startswith("JPEG"))
    ours = float(line.split("all measures ")[1].split("/s")[0])
    print(f"OpenCV, seven measures: {opencv:.0f}/s; assay, all of them: {ours:.0f}/s; ratio {ours / opencv:.1f}")


if __name__ == "__main__":
    main(sys.argv[1])
