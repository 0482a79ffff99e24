"""Compares images/s of this package with scikit-image's, on the same 2,000 images (every tenth built-in one), the same
1,776 features, in one alternating run. Needs Go and what make_texture_golden.py names.

    venv/bin/python testdata/bench_texture.py [rounds] [processes]        # in the folder data/; default 3 and 2
"""
import gzip
import multiprocessing
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import numpy as np
from skimage.feature import graycomatrix, graycoprops, hog

HERE = pathlib.Path(__file__).parent
ANGLES = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
PROPERTIES = ["contrast", "dissimilarity", "homogeneity", "ASM", "energy", "correlation"]


def load():
    parts = []
    for domain in ("digits", "fashion"):
        raw = gzip.decompress((HERE.parent / "files" / f"{domain}-images-idx3-ubyte.gz").read_bytes())
        parts.append(np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28))
    return np.concatenate(parts)[::10]


def features(image):
    out = [hog(image, 9, (4, 4), (2, 2), "L2-Hys")]
    levels = image // 32
    for tile in (levels, levels[:14, :14], levels[:14, 14:], levels[14:, :14], levels[14:, 14:]):
        matrix = graycomatrix(tile, [1, 2, 3, 4], ANGLES, 8, symmetric=True, normed=True)
        out += [graycoprops(matrix, p).ravel() for p in PROPERTIES]
    return np.concatenate(out).astype(np.float32)


def go(processes):
    text = subprocess.run(["go", "test", ".", "-run", "^$", "-bench", "^BenchmarkFeatures$/^Default$", "-benchtime", "3s",
                           "-cpu", str(processes)], cwd=HERE.parent, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"([\d.e+]+) images/s", text).group(1))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    images = load()
    go(processes)  # builds the test
    ours, theirs = [], []
    with multiprocessing.Pool(processes) as pool:
        pool.map(features, images[:100])  # warms up
        for _ in range(rounds):
            ours.append(go(processes))
            start = time.perf_counter()
            width = {len(f) for f in pool.map(features, images, chunksize=50)}
            theirs.append(len(images) / (time.perf_counter() - start))
            assert width == {1776}, width
            print(f"this package {ours[-1]:.0f} images/s, scikit-image {theirs[-1]:.0f} images/s", flush=True)
    print(f"medians of {rounds} rounds, {processes} processes of {os.cpu_count()} cores: {statistics.median(ours):.0f} and "
          f"{statistics.median(theirs):.0f} images/s, {statistics.median(ours) / statistics.median(theirs):.0f} times")


if __name__ == "__main__":
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    main()
